import { CsvError, parse } from 'csv-parse/sync';
import { ENTRY_FIELDS, readEntry, type EntryField, type FeedRow } from './feedEntry.js';

export const MOST_ROWS = 10_000;

/** What a table may call a field beside its own name. */
const OTHER_NAMES: Readonly<Record<string, EntryField>> = {
  id: 'key',
  address: 'url',
  username: 'user',
  label: 'labels',
};

/** The rows of a table, or why it is none (a sentence that repeats nothing of it). */
export type ReadRows =
  { readonly rows: readonly FeedRow[]; readonly problem: null } | { readonly problem: string; readonly cure: string };

interface Line {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

/**
 * Reads a table with a heading line, as programs for tables write it: with commas, semicolons or tabs between the columns, whichever
 * stands in the heading. Each row names the line on which it ends, as editors count.
 */
export function readCsv(text: string): ReadRows {
  let lines: Line[];
  try {
    const options = { bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true } as const;
    lines = parse(text, { ...options, delimiter: delimiterOf(text), to: MOST_ROWS + 2 }) as unknown as Line[];
  } catch (thrown) {
    if (!(thrown instanceof CsvError)) throw thrown;
    const line = typeof thrown['lines'] === 'number' ? ` (line ${thrown['lines']})` : '';
    return {
      problem: `The table cannot be read${line}: quotes do not match.`,
      cure: 'Put a text that holds quotes, commas or line ends in quotes, and double the quotes inside.',
    };
  }
  const [heading, ...rest] = lines;
  const columns = (heading?.record ?? []).map((name) => fieldOf(name));
  const wrong = heading?.record.find((_name, at) => columns[at] === null);
  if (wrong !== undefined || !columns.includes('url')) {
    const shown = wrong !== undefined && /^[A-Za-z][A-Za-z0-9 _-]{0,23}$/.test(wrong) ? ` "${wrong}"` : '';
    return {
      problem:
        wrong === undefined ? 'The table has no column "url".' : `The table has a column${shown} that is unknown.`,
      cure: `Begin it with a line of names, of ${ENTRY_FIELDS.join(', ')}.`,
    };
  }
  if (rest.length > MOST_ROWS)
    return { problem: `The table has more than ${MOST_ROWS} rows.`, cure: 'Import it in parts.' };
  const filled = rest.filter(({ record }) => record.some((value) => value !== ''));
  return { problem: null, rows: filled.map((line) => rowOf(line, columns)) };
}

function rowOf({ record, info }: Line, columns: readonly (EntryField | null)[]): FeedRow {
  const place = `line ${info.lines}`;
  if (record.length > columns.length) {
    const message = 'has more columns than the first line: a text with a comma needs quotes';
    return { place, entry: null, fault: { key: null, place, message } };
  }
  return readEntry(Object.fromEntries(record.map((value, at) => [columns[at], value])), place);
}

function fieldOf(heading: string): EntryField | null {
  const name = heading.trim().toLowerCase();
  return ENTRY_FIELDS.find((field) => field === name) ?? OTHER_NAMES[name] ?? null;
}

/** Whichever occurs most in the first line, outside of quotes. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const heading = (end === -1 ? text : text.slice(0, end)).slice(0, 2_000).replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t'].map((one) => [one, heading.split(one).length] as const);
  return counts.reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}

/** Reads the cameras of a JSON body: a list, or `{"cameras": [...]}`. */
export function readJsonEntries(body: unknown): ReadRows {
  const list = typeof body === 'object' && body !== null && 'cameras' in body ? body.cameras : body;
  const cure = 'Send {"cameras": [{"name": "Gate", "url": "rtsp://192.168.1.64/stream"}]}, or a table as text/csv.';
  if (!Array.isArray(list)) return { problem: 'The body holds no list of cameras.', cure };
  if (list.length > MOST_ROWS)
    return { problem: `The list has more than ${MOST_ROWS} entries.`, cure: 'Import it in parts.' };
  return { problem: null, rows: (list as readonly unknown[]).map((raw, at) => readEntry(raw, `entry ${at + 1}`)) };
}
