const LONGEST_SHOWN = 40;
/** Fields that may hold a live URL, a part of one, or a camera's login. */
const SECRET_FIELD = /(?:^|\.)(?:rtmpPath|url|urlId|urlSource|retiredUrlIds)(?:\.|$)/;

/** A value of a document for a sentence: short, on one line, and without any address or what could be a token. */
export function shownValue(field: string, value: unknown): string {
  if (value === undefined) return 'absent';
  if (SECRET_FIELD.test(field)) return 'not shown, it may hold a live URL';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value === null)
    return String(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return 'an embedded document';
}

function shownText(text: string): string {
  if (text.includes('://')) return 'not shown, it holds an address';
  const start = text.slice(0, LONGEST_SHOWN);
  const isWhole = start.length === text.length;
  const clean = start.replace(/\b(?:hcc|at|ra|dv)\.[A-Za-z0-9_-]+/g, '…').replace(/[\p{C}\u2028\u2029]/gu, '\uFFFD');
  return `"${clean}${isWhole ? '' : '…'}"${isWhole ? '' : ` (${text.length} characters)`}`;
}
