import type { Chance } from '../world/chance.js';
import type { FreezeKind } from './machine.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const MOMENTS = ['call', 'claim', 'save', 'proof', 'handover', 'promotion'] as const;
/**
 * A replica is met in the middle of this: a cloud has answered its call; it has claimed, stored, proven or promoted; or, at a
 * `handover`, it is about to send a promotion.
 */
export type Amid = (typeof MOMENTS)[number];

export type DayFault =
  | { readonly kind: 'kill'; readonly amid: Amid; readonly downMs: number }
  /** `untilCandidate`: until the camera that it was busy with has another candidate, or for `lengthMs`. */
  | {
      readonly kind: 'freeze';
      readonly amid: Amid;
      readonly how: FreezeKind;
      readonly lengthMs: number;
      readonly untilCandidate: boolean;
      /** The others race for what it had: their database answers late. */
      readonly races?: true;
    }
  | { readonly kind: 'term'; readonly amid: Amid; readonly downMs: number }
  /** Every call of one replica to the database is answered late. */
  | { readonly kind: 'slow'; readonly replica: number; readonly lengthMs: number }
  /** The wall clock of one replica is set, right or wrong. */
  | { readonly kind: 'clock'; readonly replica: number; readonly offsetMs: number }
  /** At all replicas at once, or at some; for one camera (null: all). */
  | { readonly kind: 'renew-now'; readonly replicas: readonly number[]; readonly index: number | null }
  | { readonly kind: 'delete'; readonly index: number }
  | { readonly kind: 'unlisted'; readonly index: number; readonly lengthMs: number }
  | { readonly kind: 'watched'; readonly index: number; readonly lengthMs: number }
  | { readonly kind: 'storm'; readonly account: number; readonly lengthMs: number }
  | RareDayFault;

/** Only in days that name them. */
export type RareDayFault =
  /** An account's owner stands still, for less than others take it for dead after. */
  | { readonly kind: 'stall'; readonly account: number; readonly how: FreezeKind; readonly lengthMs: number }
  /** The database answers nobody; `forAll` false: everybody but one that owns nothing. */
  | { readonly kind: 'store-away'; readonly forAll: boolean; readonly lengthMs: number }
  /**
   * An account's owner is stopped with its cameras claimed, while others take the account over. It wakes to a database that answers
   * late, and so much later the others are asked for new leases of all cameras.
   */
  | {
      readonly kind: 'wakes';
      readonly account: number;
      readonly lengthMs: number;
      readonly askedAfterMs: number;
    }
  /** The database answers everybody but the media server's owner; that server restarts meanwhile. */
  | { readonly kind: 'cut-off'; readonly lengthMs: number; readonly restartAfterMs: number }
  /** The media server's owner is stopped right after it told the relay something, which arrives once others own what it had. */
  | { readonly kind: 'late-tell'; readonly lengthMs: number; readonly askedAfterMs: number }
  /** The media server's owner is frozen amid a promotion, and the others race for what it had. */
  | { readonly kind: 'split'; readonly lengthMs: number };

export interface DayHappening {
  readonly atMs: number;
  readonly fault: DayFault;
}

/** How often each comes, in parts of all. */
export type DayParts = readonly (readonly [DayFault['kind'], number])[];

const PARTS: DayParts = [
  ...([
    ['kill', 8],
    ['freeze', 10],
    ['term', 4],
    ['slow', 2],
    ['clock', 2],
    ['renew-now', 5],
  ] as const),
  ...([
    ['delete', 0.4],
    ['unlisted', 0.6],
    ['watched', 3],
    ['storm', 1],
  ] as const),
];
const BETWEEN_MS = [2 * MINUTE, 9 * MINUTE] as const;
const LARGEST_OFFSET_MS = 200 * SECOND;

export interface DayScheduleOptions {
  readonly hours: number;
  readonly replicas: number;
  readonly cameras: number;
  readonly accounts: number;
  readonly parts?: DayParts | undefined;
  readonly betweenMs?: readonly [least: number, most: number] | undefined;
}

/** What goes wrong in a day. */
export function daySchedule(chance: Chance, options: DayScheduleOptions): DayHappening[] {
  const happenings: DayHappening[] = [];
  const { hours, parts = PARTS, betweenMs = BETWEEN_MS } = options;
  const endMs = hours * 60 * MINUTE;
  for (let atMs = 5 * MINUTE; atMs < endMs; atMs += Math.round(chance.between(...betweenMs)))
    happenings.push({ atMs, fault: drawFault(chance, drawKind(chance, parts), options) });
  return happenings;
}

export function drawOffsetMs(chance: Chance): number {
  return Math.round(chance.between(-LARGEST_OFFSET_MS, LARGEST_OFFSET_MS));
}

function drawKind(chance: Chance, all: DayParts): DayFault['kind'] {
  let left = chance.next() * all.reduce((sum, [, parts]) => sum + parts, 0);
  for (const [kind, parts] of all) if ((left -= parts) < 0) return kind;
  return 'kill';
}

function drawFreeze(chance: Chance): FreezeKind {
  return chance.pick(['stopped', 'suspended'] as const);
}

function drawFault(chance: Chance, kind: DayFault['kind'], options: DayScheduleOptions): DayFault {
  const { replicas, cameras, accounts } = options;
  const amid = chance.pick(MOMENTS);
  const downMs = chance.length(2 * SECOND, 40 * MINUTE);
  switch (kind) {
    case 'kill':
    case 'term':
      return { kind, amid, downMs };
    case 'freeze': {
      const how = drawFreeze(chance);
      const untilCandidate = (amid === 'proof' || amid === 'handover') && chance.happens(0.7);
      const lengthMs = untilCandidate ? 60 * MINUTE : chance.length(12 * SECOND, 25 * MINUTE);
      return { kind, amid, how, lengthMs, untilCandidate };
    }
    case 'slow':
      return { kind, replica: chance.whole(replicas), lengthMs: chance.length(10 * SECOND, 2 * MINUTE) };
    case 'clock':
      return { kind, replica: chance.whole(replicas), offsetMs: chance.happens(0.3) ? 0 : drawOffsetMs(chance) };
    case 'renew-now': {
      const asked = Array.from({ length: replicas }, (_, index) => index).filter(() => chance.happens(0.7));
      return { kind, replicas: asked, index: chance.happens(0.5) ? null : chance.whole(cameras) };
    }
    case 'delete':
      return { kind, index: chance.whole(cameras) };
    case 'unlisted':
      return { kind, index: chance.whole(cameras), lengthMs: chance.length(5 * MINUTE, 60 * MINUTE) };
    case 'watched':
      return { kind, index: chance.whole(cameras), lengthMs: chance.length(5 * MINUTE, 60 * MINUTE) };
    case 'storm':
      return { kind, account: chance.whole(accounts), lengthMs: chance.length(5 * SECOND, 40 * SECOND) };
    case 'stall':
      // With the 5 s between two beats still less than 15 s.
      return { kind, account: chance.whole(accounts), how: drawFreeze(chance), lengthMs: chance.length(6_500, 9_500) };
    case 'store-away':
      return { kind, forAll: chance.happens(0.8), lengthMs: chance.length(20 * SECOND, 2 * MINUTE) };
    case 'cut-off': {
      const restartAfterMs = chance.between(10 * SECOND, 60 * SECOND);
      return { kind, lengthMs: chance.length(30 * SECOND, 20 * MINUTE), restartAfterMs };
    }
    case 'wakes': {
      const askedAfterMs = chance.between(500, 4_000);
      return { kind, account: chance.whole(accounts), lengthMs: chance.length(25 * SECOND, 45 * SECOND), askedAfterMs };
    }
    case 'late-tell': {
      const askedAfterMs = chance.between(18 * SECOND, 22 * SECOND);
      return { kind, lengthMs: chance.length(35 * SECOND, 50 * SECOND), askedAfterMs };
    }
    case 'split':
      return { kind, lengthMs: chance.length(25 * SECOND, 45 * SECOND) };
  }
}
