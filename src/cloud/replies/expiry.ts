/** How far clocks may differ, and a call may wait, before an expiry counts as later than asked for. */
const SLACK_MS = 5 * 60_000;
/** The longest life that either vendor grants (720 days), in seconds: a number up to this is a life, not a moment. */
const LONGEST_LIFE_SECONDS = 62_208_000;

const UTC = 'Z';
const CHINA = '+08:00';
const TEXT = /^(\d{4})[-/](\d{2})[-/](\d{2})[ T](\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/** The life that the request asked for. */
export interface AskedLife {
  readonly askedAt: Date;
  readonly lifetimeSeconds: number;
  /** An expiry text without a zone is China's time in China, and UTC everywhere else. */
  readonly inChina: boolean;
}

/**
 * When a live URL expires: its own `expire` where it has one, else the reply's expiry, else the life asked for, counted from the
 * request. Never later than asked for: a lease that camlease believes to live too long would go dark unnoticed.
 */
export function expiryOf(ofUrl: Date | null, ofReply: unknown, asked: AskedLife): Date {
  const askedMs = asked.askedAt.getTime() + asked.lifetimeSeconds * 1000;
  const isTooLate = (ms: number): boolean => ms > askedMs + SLACK_MS;
  if (ofUrl !== null) return isTooLate(ofUrl.getTime()) ? new Date(askedMs) : ofUrl;
  const fitting = readingsOf(ofReply, asked).find((ms) => ms > asked.askedAt.getTime() && !isTooLate(ms));
  return new Date(fitting ?? askedMs);
}

/** What a reply's expiry may mean, the likeliest reading first: epoch seconds or milliseconds, a life in seconds, or a text. */
function readingsOf(value: unknown, { askedAt, inChina }: AskedLife): number[] {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  if (/^\d{1,16}$/.test(text)) {
    const number = Number(text);
    if (number <= LONGEST_LIFE_SECONDS) return number > 0 ? [askedAt.getTime() + number * 1000] : [];
    // Epoch seconds have eleven digits from the year 5138 on; milliseconds have had twelve since 1973.
    return [number < 100_000_000_000 ? number * 1000 : number];
  }
  const [, year, month, day, time, zone] = TEXT.exec(text) ?? [];
  if (year === undefined) return [];
  const zones = zone !== undefined ? [zone.toUpperCase()] : inChina ? [CHINA, UTC] : [UTC, CHINA];
  return zones
    .map((one) => Date.parse(`${year}-${month ?? ''}-${day ?? ''}T${time ?? ''}${withColon(one)}`))
    .filter((ms) => !Number.isNaN(ms));
}

function withColon(zone: string): string {
  return zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
}
