import { isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import { readEntry, type FeedRow } from '../core/feeds/feedEntry.js';

/** The cameras that `camlease.yml` lists, as its feed is called on each of them. */
export const FILE_FEED = 'file';

export interface CameraList {
  /** null: the file lists no cameras (it may hold settings of cameras by their ids). */
  readonly rows: readonly FeedRow[] | null;
  /** Entries with an `id` and no `url`: settings of cameras that are stored already, by that id. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/**
 * Reads `cameras:` where it is a list, each entry with the place where it stands. `content` is the same file as plain values. An
 * entry that cannot be taken is told of and costs the others nothing, so it is no mistake of the settings.
 */
export function readCameraList(document: Document, lines: LineCounter, content: object): CameraList {
  const listed = 'cameras' in content ? content.cameras : null;
  if (!Array.isArray(listed)) return { rows: null, settings: {} };
  const nodes = isMap(document.contents) ? document.contents.get('cameras', true) : null;
  const rows: FeedRow[] = [];
  const settings: Record<string, unknown> = {};
  for (const [index, raw] of (listed as readonly unknown[]).entries()) {
    const node = isSeq(nodes) ? (nodes.items[index] as Node | undefined) : undefined;
    const line = node?.range ? lines.linePos(node.range[0]).line : null;
    const own = settingsOf(raw);
    if (own !== null) settings[own.id] = own.fields;
    else
      rows.push(
        readEntry(asWritten(raw, node), `entry ${index + 1} of cameras${line === null ? '' : ` (line ${line})`}`),
      );
  }
  return { rows, settings };
}

/** The entry, and what lies in it, with its numbers as the file has them: `password: 0123` is no 123. */
function asWritten(raw: unknown, node: Node | undefined): unknown {
  if (!isMap(node) || typeof raw !== 'object' || raw === null) return raw;
  const written = node.items.flatMap(({ key, value }): Array<[string, unknown]> => {
    if (!isScalar(key)) return [];
    const name = String(key.value);
    if (isMap(value)) return [[name, asWritten((raw as Readonly<Record<string, unknown>>)[name], value)]];
    if (!isScalar(value) || typeof value.value !== 'number' || value.source === undefined) return [];
    return [[name, value.source]];
  });
  return { ...raw, ...Object.fromEntries(written) };
}

/** null: the entry is no setting of a stored camera. */
function settingsOf(raw: unknown): { readonly id: string; readonly fields: object } | null {
  if (typeof raw !== 'object' || raw === null || 'url' in raw || !('id' in raw)) return null;
  const { id, ...fields } = raw;
  return typeof id === 'string' || typeof id === 'number' ? { id: String(id), fields } : null;
}
