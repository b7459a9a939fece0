import type { CameraDocument } from '../cameraDocument.js';
import type { RawDocument } from '../cameraRecord.js';

/** Columns whose content is stored as it is. */
const PLAIN_COLUMNS = [
  'name',
  'rtmpPath',
  'hikvisionDeviceSerial',
  'hikvisionResourceId',
  'status',
  'vendor',
  'account',
  'channel',
  'identity',
  'claimOwner',
  'fence',
  'version',
] as const;

const CAMERA_COLUMNS = [...PLAIN_COLUMNS, 'hikvisionEnabled', 'dueAt', 'deletedAt', 'details'] as const;

export const INSERT_CAMERA = `INSERT INTO cameras (id, ${CAMERA_COLUMNS.join(', ')})
  VALUES (?${', ?'.repeat(CAMERA_COLUMNS.length)}) ON CONFLICT DO NOTHING`;

/** `IS` and not `=`: a hand-made row may have neither. */
export const REPLACE_CAMERA = `UPDATE cameras SET ${CAMERA_COLUMNS.map((column) => `${column} = ?`).join(', ')}
  WHERE id = ? AND version IS ? AND rtmpPath IS ?`;

type Value = string | number | null;

/** The values of a document in the order of the columns above. */
export function cameraValues(document: CameraDocument): Value[] {
  const { hikvisionEnabled, dueAt, deletedAt, ...rest } = document;
  const details = Object.fromEntries(Object.entries(rest).filter(([name]) => !isPlainColumn(name)));
  return [
    ...PLAIN_COLUMNS.map((column) => document[column]),
    hikvisionEnabled ? 1 : 0,
    dueAt?.getTime() ?? null,
    deletedAt?.getTime() ?? null,
    JSON.stringify(details),
  ];
}

/** A row as a document. Odd content stays odd here: whoever reads documents looks at their types. */
export function rawDocument(row: Readonly<Record<string, unknown>>): RawDocument {
  const fields: Record<string, unknown> = parsedDetails(row['details']);
  for (const column of PLAIN_COLUMNS) fields[column] = row[column];
  const enabled = row['hikvisionEnabled'];
  fields['hikvisionEnabled'] = enabled === 1 ? true : enabled === 0 ? false : enabled;
  fields['dueAt'] = dateOf(row['dueAt']);
  fields['deletedAt'] = dateOf(row['deletedAt']);
  return { id: String(row['id']), fields };
}

function isPlainColumn(name: string): boolean {
  return PLAIN_COLUMNS.some((column) => column === name);
}

function parsedDetails(details: unknown): Record<string, unknown> {
  if (typeof details !== 'string') return {};
  try {
    const parsed: unknown = JSON.parse(details);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function dateOf(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value) : value;
}
