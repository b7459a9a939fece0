import { WriteBehind } from '../../core/async/writeBehind.js';
import { messageOf } from '../../core/errors.js';
import { byHour, NO_TALLY, type HourTallies, type Tally } from '../../core/outages/availability.js';
import type { SpanKind } from '../../core/outages/cameraWatch.js';
import { isWithin, OUTAGES_KEPT_MS, type Outage } from '../../core/outages/outage.js';
import type { JobsDeps } from '../run/deps.js';
import {
  dayOf,
  dayOfHour,
  dayRecord,
  OPEN_GROUP,
  outageOf,
  outageRecord,
  watchedKey,
  type Watched,
} from './outageWatchCodec.js';

/** This many outages wait in memory while the store is away; then the oldest that have ended are dropped. */
const MOST_WAITING = 20_000;
const RETRY_MS = 5_000;
const SOON_MS = 1_000;
/** Tallies are written this often; time that was not written before a crash counts as unknown. */
const TALLIES_EVERY_MS = 60_000;
const DROP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
const MOST_OPEN = 100_000;

export type BookDeps = Pick<JobsDeps, 'clock' | 'log'> & { readonly records: JobsDeps['records'] };

/** Outages and tallies: in memory, and written to the store in batches in the background. */
export class OutageWatchBook {
  readonly #deps: BookDeps;
  /** By `watchedKey`. */
  readonly #open = new Map<string, Outage>();
  readonly #waiting = new Map<string, Outage>();
  readonly #tallies = new Map<string, Map<number, Tally>>();
  /** The days (with their `key`) that are to be written. */
  readonly #changed = new Map<string, { readonly key: string; readonly day: number }>();
  readonly #watchedToMs = new Map<string, number>();
  readonly #writing: WriteBehind;
  #talliesAtMs: number;
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: BookDeps) {
    this.#deps = deps;
    this.#talliesAtMs = deps.clock.monotonicMs();
    this.#writing = new WriteBehind(deps.clock, {
      waits: () => this.#waiting.size > 0 || (this.#changed.size > 0 && this.#isTimeForTallies()),
      write: () => this.#write(),
      retryMs: RETRY_MS,
      onFailure: (thrown) =>
        deps.log.warn(`Outages could not be stored yet; camlease tries again: ${messageOf(thrown)}`),
    });
  }

  open(): readonly Outage[] {
    return [...this.#open.values()];
  }

  openOf(subject: Outage['subject']): Outage | null {
    return this.#open.get(watchedKey(subject)) ?? null;
  }

  /** By `watchedKey`: up to when (epoch ms) the previous owner, or our previous run, had counted time when it last wrote. */
  watchedBefore(): ReadonlyMap<string, number> {
    return new Map(this.#watchedToMs);
  }

  /** Takes an outage that begins, or (with `endedAt`) has ended. */
  record(outage: Outage): void {
    const key = watchedKey(outage.subject);
    if (outage.endedAt === null) this.#open.set(key, outage);
    else if (this.#open.get(key)?.id === outage.id) this.#open.delete(key);
    this.#waiting.set(outage.id, outage);
    if (this.#waiting.size > MOST_WAITING) this.#forgetOldest();
    this.#writing.soon(SOON_MS);
  }

  /** Adds a span of wall-clock time (epoch ms) to each subject's tallies. */
  add(subjects: readonly Watched[], kind: SpanKind, fromMs: number, toMs: number): void {
    for (const { hour, ms } of byHour(fromMs, toMs)) {
      for (const subject of subjects) {
        const key = watchedKey(subject);
        const hours = this.#tallies.get(key) ?? new Map<number, Tally>();
        this.#tallies.set(key, hours);
        const before = hours.get(hour) ?? NO_TALLY;
        hours.set(hour, { ...before, [kind]: before[kind] + ms });
        const day = dayOfHour(hour);
        this.#changed.set(`${key}:${day}`, { key, day });
      }
    }
  }

  /** The subject's time is counted up to `atMs` (epoch ms); null: the subject is not watched any more. */
  watchedTo(subject: Watched, atMs: number | null): void {
    const key = watchedKey(subject);
    if (atMs === null) {
      if (!this.#watchedToMs.delete(key)) return;
      const day = Math.floor(this.#deps.clock.now().getTime() / DAY_MS);
      if (this.#tallies.has(key)) this.#changed.set(`${key}:${day}`, { key, day });
    } else this.#watchedToMs.set(key, atMs);
  }

  /** Loads the stored outages and tallies, when this process begins to own the media server. Throws what the store throws. */
  async load(): Promise<void> {
    const { clock, records } = this.#deps;
    const open = await records.list('outage', { group: OPEN_GROUP, limit: MOST_OPEN });
    const from = new Date((Math.floor(clock.now().getTime() / DAY_MS) - 1) * DAY_MS);
    const days = await records.list('watched', { from, limit: MOST_OPEN });
    this.#open.clear();
    for (const outage of open.map(outageOf)) if (outage) this.#open.set(watchedKey(outage.subject), outage);
    this.#tallies.clear();
    this.#watchedToMs.clear();
    const known = new Set<string>();
    for (const day of days.map(dayOf)) {
      if (!day) continue;
      const hours = this.#tallies.get(day.key) ?? new Map<number, Tally>();
      for (const [hour, tally] of day.hours) hours.set(hour, tally);
      this.#tallies.set(day.key, hours);
      // The newest day comes first, and its `watchedToMs` counts.
      if (!known.has(day.key) && day.watchedToMs !== null) this.#watchedToMs.set(day.key, day.watchedToMs);
      known.add(day.key);
    }
  }

  /** Reads the open outages that the media server's owner found, for the API of this process. */
  async follow(): Promise<void> {
    const open = await this.#deps.records.list('outage', { group: OPEN_GROUP, limit: MOST_OPEN });
    this.#open.clear();
    // Outages that wait to be written are newer than the stored ones.
    const stored = open.map(outageOf).filter((outage) => outage !== null && !this.#waiting.has(outage.id));
    const own = [...this.#waiting.values()].filter(({ endedAt }) => endedAt === null);
    for (const outage of [...stored, ...own]) if (outage) this.#open.set(watchedKey(outage.subject), outage);
  }

  /** Newest first. */
  async outages(subject: Outage['subject'] | null, from: Date | null, to: Date | null): Promise<Outage[]> {
    const { records } = this.#deps;
    const past = await records.list('outage', { ...(subject && { group: watchedKey(subject) }), ...(to && { to }) });
    const open = subject ? await records.list('outage', { group: OPEN_GROUP, limit: MOST_OPEN }) : [];
    const byId = new Map<string, Outage>();
    for (const outage of [...past, ...open].map(outageOf)) if (outage) byId.set(outage.id, outage);
    for (const outage of [...this.#open.values(), ...this.#waiting.values()]) byId.set(outage.id, outage);
    const key = subject && watchedKey(subject);
    return [...byId.values()]
      .filter((outage) => (key === null || watchedKey(outage.subject) === key) && isWithin(outage, from, to))
      .sort((a, b) => b.beganAt.getTime() - a.beganAt.getTime() || (a.id < b.id ? -1 : 1));
  }

  /** The tallies of the last 31 days; those in memory are newer than the stored ones. */
  async hours(subject: Watched): Promise<HourTallies> {
    const key = watchedKey(subject);
    const from = new Date(this.#deps.clock.now().getTime() - 32 * DAY_MS);
    const days = await this.#deps.records.list('watched', { group: key, from });
    const hours = new Map<number, Tally>();
    for (const day of days.map(dayOf)) for (const [hour, tally] of day?.hours ?? []) hours.set(hour, tally);
    for (const [hour, tally] of this.#tallies.get(key) ?? []) hours.set(hour, tally);
    return hours;
  }

  /** Writes the tallies when it is time; call it at each check. */
  tick(): void {
    if (this.#changed.size > 0 && this.#isTimeForTallies()) this.#writing.soon(0);
  }

  /** Tries once more to store the outages and tallies that wait. */
  async stop(): Promise<void> {
    this.#talliesAtMs = Number.NEGATIVE_INFINITY;
    await this.#writing.stop();
  }

  #isTimeForTallies(): boolean {
    return this.#deps.clock.monotonicMs() - this.#talliesAtMs >= TALLIES_EVERY_MS;
  }

  async #write(): Promise<void> {
    const { clock, records } = this.#deps;
    const outages = [...this.#waiting.values()];
    const isTime = this.#isTimeForTallies();
    const days = isTime ? [...this.#changed.values()] : [];
    this.#waiting.clear();
    if (isTime) this.#changed.clear();
    try {
      if (outages.length > 0) await records.putMany(outages.map(outageRecord));
      if (days.length > 0) await records.putMany(days.map((day) => this.#dayRecord(day)));
      if (isTime) this.#talliesAtMs = clock.monotonicMs();
      this.#forgetDays();
      await this.#dropOld();
    } catch (thrown) {
      for (const outage of outages) if (!this.#waiting.has(outage.id)) this.#waiting.set(outage.id, outage);
      for (const day of days) this.#changed.set(`${day.key}:${day.day}`, day);
      throw thrown;
    }
  }

  #dayRecord({ key, day }: { readonly key: string; readonly day: number }): ReturnType<typeof dayRecord> {
    const hours = this.#tallies.get(key) ?? new Map<number, Tally>();
    return dayRecord({ key, day, hours, watchedToMs: this.#watchedToMs.get(key) ?? null });
  }

  /** Drops tallies of days that are over and stored from memory. */
  #forgetDays(): void {
    const oldest = Math.floor(this.#deps.clock.now().getTime() / DAY_MS) - 1;
    for (const [key, hours] of this.#tallies) {
      for (const hour of hours.keys()) {
        const day = dayOfHour(hour);
        if (day < oldest && !this.#changed.has(`${key}:${day}`)) hours.delete(hour);
      }
      if (hours.size === 0) this.#tallies.delete(key);
    }
  }

  async #dropOld(): Promise<void> {
    const { clock, records } = this.#deps;
    if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
    this.#droppedAtMs = clock.monotonicMs();
    const before = new Date(clock.now().getTime() - OUTAGES_KEPT_MS);
    await records.dropBefore('outage', before);
    await records.dropBefore('watched', before);
    // An outage that still goes on is kept, however old it is.
    const old = [...this.#open.values()].filter(({ beganAt }) => beganAt < before);
    if (old.length > 0) await records.putMany(old.map(outageRecord));
  }

  #forgetOldest(): void {
    const [oldest] = [...this.#waiting.values()].filter(({ endedAt }) => endedAt !== null);
    this.#waiting.delete(oldest?.id ?? [...this.#waiting.keys()][0] ?? '');
  }
}
