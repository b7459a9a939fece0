import { z } from 'zod';
import type { CameraId } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';
import type { HourTallies, Tally } from '../../core/outages/availability.js';
import type { Outage, OutageSubject } from '../../core/outages/outage.js';
import type { RelayReason } from '../../core/streams/relay.js';
import type { StoredRecord } from '../../store/recordTable.js';

/** What time is counted for: a camera, all cameras of an account, or all cameras. */
export type Watched = OutageSubject | { readonly kind: 'all' };

/** What the media server reported of a camera when it was last asked. */
export interface LastSeen {
  readonly flow: SeenStream['flow'];
  readonly viewers: number | null;
  /** Why the relay brings no picture; null: no pull has ended since pictures came, or there is no relay. */
  readonly reason: RelayReason | null;
  readonly at: Date;
  /** When the camera's bytes were last seen to have grown; null: never. */
  readonly bytesMovedAt: Date | null;
}

export interface OutageQuery {
  readonly camera?: CameraId;
  readonly account?: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** The key of a subject's open outage and tallies. */
export function watchedKey(subject: Watched): string {
  if (subject.kind === 'all') return 'all';
  return subject.kind === 'camera' ? `camera:${subject.id}` : `account:${subject.name}`;
}

/** The record group of all open outages, whatever they are about. */
export const OPEN_GROUP = 'open';

const outageBody = z.object({
  subject: z.union([
    z.object({ kind: z.literal('camera'), id: z.string() }),
    z.object({ kind: z.literal('account'), name: z.string() }),
  ]),
  reason: z.string(),
  message: z.string(),
  endedAtMs: z.number().nullable(),
  account: z.string().nullable(),
});

export function outageRecord(outage: Outage): Omit<StoredRecord, 'version'> {
  const { id, subject, reason, message, beganAt, endedAt, account = null } = outage;
  const body: z.infer<typeof outageBody> = { subject, reason, message, endedAtMs: endedAt?.getTime() ?? null, account };
  return { kind: 'outage', id, group: endedAt === null ? OPEN_GROUP : watchedKey(subject), at: beganAt, body };
}

/** null: the record cannot be read. */
export function outageOf({ id, at, body }: StoredRecord): Outage | null {
  const read = outageBody.safeParse(body);
  if (!read.success) return null;
  const { endedAtMs, ...rest } = read.data;
  return { id, beganAt: at, endedAt: endedAtMs === null ? null : new Date(endedAtMs), ...rest };
}

const DAY_HOURS = 24;
const DAY_MS = DAY_HOURS * 3_600_000;

export const dayOfHour = (hour: number): number => Math.floor(hour / DAY_HOURS);

/** One document holds a day (UTC) of one camera, account or all: an entry for each hour that had something. */
export interface WatchedDay {
  readonly key: string;
  /** Days since 1970. */
  readonly day: number;
  readonly hours: HourTallies;
  /** Up to when (epoch ms) time is counted; null: nothing is expected of the subject any more. */
  readonly watchedToMs: number | null;
}

const dayBody = z.object({
  key: z.string(),
  hours: z.record(z.string().regex(/^\d+$/), z.tuple([z.number(), z.number(), z.number(), z.number()])),
  watchedToMs: z.number().nullable(),
});

export function dayRecord({ key, day, hours, watchedToMs }: WatchedDay): Omit<StoredRecord, 'version'> {
  const ofDay = [...hours].filter(([hour]) => dayOfHour(hour) === day);
  const body: z.infer<typeof dayBody> = {
    key,
    hours: Object.fromEntries(ofDay.map(([hour, tally]) => [String(hour - day * DAY_HOURS), figures(tally)])),
    watchedToMs,
  };
  return { kind: 'watched', id: `${key}:${day}`, group: key, at: new Date(day * DAY_MS), body };
}

/** null: the record cannot be read. */
export function dayOf({ at, body }: StoredRecord): WatchedDay | null {
  const read = dayBody.safeParse(body);
  if (!read.success) return null;
  const day = Math.floor(at.getTime() / DAY_MS);
  const hours = Object.entries(read.data.hours).map(
    ([hour, [up, down, away, unknown]]) => [day * DAY_HOURS + Number(hour), { up, down, away, unknown }] as const,
  );
  return { key: read.data.key, day, hours: new Map(hours), watchedToMs: read.data.watchedToMs };
}

function figures({ up, down, away, unknown }: Tally): [number, number, number, number] {
  return [Math.round(up), Math.round(down), Math.round(away), Math.round(unknown)];
}
