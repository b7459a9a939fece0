import type { Lease } from '../../core/camera/lease.js';
import type { DocumentChange } from '../driver.js';
import { ABOUT_FIELDS } from '../reading/aboutFields.js';
import type { CameraDocument } from '../reading/cameraDocument.js';
import type { RawDocument } from '../reading/cameraRecord.js';

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

const CAMERA_COLUMNS = [
  ...PLAIN_COLUMNS,
  ...ABOUT_FIELDS,
  'hikvisionEnabled',
  'dueAt',
  'deletedAt',
  'details',
] as const;
type Column = (typeof CAMERA_COLUMNS)[number];

export const INSERT_CAMERA = `INSERT INTO cameras (id, ${CAMERA_COLUMNS.join(', ')})
  VALUES (?${', ?'.repeat(CAMERA_COLUMNS.length)}) ON CONFLICT (id) DO NOTHING ON CONFLICT (identity) DO NOTHING`;

type Value = string | number | null;

/** The values of a document in the order of the columns above. */
export function cameraValues(document: CameraDocument): Value[] {
  return CAMERA_COLUMNS.map((column) => valueOf(document, column));
}

/**
 * The statement and its values for a change. Only columns that differ are written, and `details`: that spares indexes, and what
 * a person changes in another column meanwhile stays.
 */
export function replaceCamera({ before, after }: DocumentChange): {
  readonly sql: string;
  readonly values: (Value | Buffer)[];
} {
  const was = before.fields;
  const columns = CAMERA_COLUMNS.filter(
    (column) => column === 'details' || (isGiven(after, column) && !isSame(was[column], after[column])),
  );
  const sql = `UPDATE cameras SET ${columns.map((column) => `${column} = ?`).join(', ')}
  WHERE id = ? AND version IS ? AND rtmpPath IS ?`;
  const values = columns.map((column) => valueOf(after, column));
  return { sql, values: [...values, before.id, asItStands(was['version']), asItStands(was['rtmpPath'])] };
}

/** A document leaves out what is noted about a camera where that stays as it is. */
function isGiven(document: CameraDocument, column: Column): boolean {
  return document[column as keyof CameraDocument] !== undefined || !ABOUT_COLUMNS.has(column);
}

const ABOUT_COLUMNS: ReadonlySet<string> = new Set(ABOUT_FIELDS);

/** The value of a column as read: a person may have put any type there. */
function asItStands(value: unknown): Value | Buffer {
  if (typeof value === 'string' || typeof value === 'number' || Buffer.isBuffer(value)) return value;
  return null;
}

function valueOf(document: CameraDocument, column: Column): Value {
  if (column === 'details') return JSON.stringify(detailsOf(document));
  if (column === 'hikvisionEnabled') return document.hikvisionEnabled ? 1 : 0;
  if (column === 'dueAt' || column === 'deletedAt') return document[column]?.getTime() ?? null;
  const value = document[column] ?? null;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}

/**
 * What has no column, with moments as text: JSON.stringify takes half as long again over dates, and 10,000 documents are written
 * at once.
 */
function detailsOf(document: CameraDocument): Record<Exclude<keyof CameraDocument, Column | 'urlSource'>, unknown> {
  const { lease, candidate, failure, missingSince, createdAt, updatedAt } = document;
  return {
    mode: document.mode,
    quality: document.quality,
    learnedQuality: document.learnedQuality,
    sound: document.sound,
    errorClipCheck: document.errorClipCheck,
    whenGone: document.whenGone,
    origin: document.origin,
    feed: document.feed,
    lease: lease && leaseDetails(lease),
    candidate: candidate && leaseDetails(candidate),
    lastRevision: document.lastRevision,
    failure,
    notice: document.notice,
    missingSince,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    labels: document.labels,
    retiredUrlIds: document.retiredUrlIds,
    ...(document.urlSource && { urlSource: document.urlSource }),
  };
}

function leaseDetails(lease: Lease): Record<keyof Lease, unknown> {
  const { obtainedAt, expiresAt, renewAt, provenAt } = lease;
  return {
    ...lease,
    obtainedAt: obtainedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    renewAt: renewAt.toISOString(),
    provenAt: provenAt && provenAt.toISOString(),
  };
}

function isSame(stored: unknown, value: unknown): boolean {
  if (stored instanceof Date && value instanceof Date) return stored.getTime() === value.getTime();
  return stored === value;
}

/** A row as a document. Odd content stays odd: readers of documents check types. */
export function rawDocument(row: Readonly<Record<string, unknown>>): RawDocument {
  const enabled = row['hikvisionEnabled'];
  const columns = {
    name: row['name'],
    rtmpPath: row['rtmpPath'],
    hikvisionDeviceSerial: row['hikvisionDeviceSerial'],
    hikvisionResourceId: row['hikvisionResourceId'],
    status: row['status'],
    vendor: row['vendor'],
    account: row['account'],
    channel: row['channel'],
    identity: row['identity'],
    claimOwner: row['claimOwner'],
    fence: row['fence'],
    version: row['version'],
    hikvisionEnabled: enabled === 1 ? true : enabled === 0 ? false : enabled,
    dueAt: dateOf(row['dueAt']),
    deletedAt: dateOf(row['deletedAt']),
    location: row['location'],
    city: row['city'],
    coordinates: jsonOf(row['coordinates']),
    image: row['image'],
    members: jsonOf(row['members']),
    attributes: jsonOf(row['attributes']),
    aqi_api_key: row['aqi_api_key'],
  } satisfies Record<Exclude<Column, 'details'>, unknown>;
  // Not a spread: in V8 a spread that adds columns to a parsed object takes ten times as long, and 10,000 rows are read at a time.
  const fields: Record<string, unknown> = Object.assign({}, parsedDetails(row['details']), columns);
  return { id: String(row['id']), fields };
}

/** A person may have written anything into the column; what is no JSON stays text. */
function jsonOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
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
