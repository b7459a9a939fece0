import { within } from '../../core/async/deadline.js';
import { Poller } from '../../core/async/poller.js';
import { availabilityOf, type Availability, type AvailabilityPeriod } from '../../core/outages/availability.js';
import { type Camera, type CameraId, isAlwaysPulled } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { cameraLook } from '../../core/outages/cameraLook.js';
import { step, undecided, type CameraWatch, type Step } from '../../core/outages/cameraWatch.js';
import { messageOf } from '../../core/errors.js';
import { seenWith, stoppedBySilence, type SeenStream } from '../../core/health/health.js';
import { outageId, type Outage, type OutageSubject } from '../../core/outages/outage.js';
import { checkAccounts, type AccountOutagesDeps } from './accountOutages.js';
import type { JobsDeps } from '../run/deps.js';
import { NOTHING_REFUSED, type EngineKnowledge } from '../handover/engineRefusals.js';
import { CHECK_MS, nextCheckMs, withShareMs } from './checkCadence.js';
import { OutageLines } from './outageLines.js';
import { OutageWatchBook } from './outageWatchBook.js';
import { watchedKey, type LastSeen, type OutageQuery, type Watched } from './outageWatchCodec.js';
import { SOLE_OWNER } from '../run/ownership.js';
import { SilentPulls } from './silentPulls.js';

/** How long a check waits for the media server's answer. */
const PATIENCE_MS = 3_000;
/** A process that does not own the media server reads the open outages from the store this often. */
const FOLLOW_MS = 15_000;

export interface OutageWatchDeps extends AccountOutagesDeps, Pick<JobsDeps, 'log'> {
  readonly store: Pick<JobsDeps['store'], 'peek' | 'peekAll' | 'onChange'>;
  readonly records: JobsDeps['records'];
  readonly engine: Pick<JobsDeps['engine'], 'states' | 'onReset'>;
  /** What the media server refuses; absent: nothing. */
  readonly engineState?: () => EngineKnowledge;
  /** Called when a camera's pulls bring nothing again and again, to ask for a new lease; absent: nothing is done. */
  readonly onSilent?: (id: CameraId) => void;
}

/**
 * Checks every camera again and again for byte counts that grow, and records outages and the times from which availability
 * is computed. Only the process that owns the media server checks.
 */
export class OutageWatch {
  readonly #deps: OutageWatchDeps;
  readonly #book: OutageWatchBook;
  readonly #silent: SilentPulls;
  readonly #lines: OutageLines;
  readonly #watches = new Map<CameraId, CameraWatch>();
  readonly #accountOf = new Map<CameraId, string | null>();
  #seen: ReadonlyMap<CameraId, SeenStream> = new Map();
  #seenAt: Date | null = null;
  #movedMs = new Map<CameraId, number>();
  #isOwner = false;
  #followedAtMs = Number.NEGATIVE_INFINITY;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  readonly #checks: Poller;
  #stopped = true;
  #patience = new AbortController();
  #stopListening = (): void => undefined;

  constructor(deps: OutageWatchDeps) {
    this.#deps = deps;
    this.#book = new OutageWatchBook(deps);
    this.#silent = new SilentPulls(deps.onSilent ?? (() => undefined));
    this.#lines = new OutageLines(deps);
    this.#checks = new Poller(deps.clock, () =>
      this.#checkAll().catch((thrown: unknown) => {
        deps.log.debug(`camlease could not check which cameras are dark: ${messageOf(thrown)}`);
        return CHECK_MS.seldom;
      }),
    );
    deps.engine.onReset(() => this.#restarted());
  }

  start(): void {
    this.#stopped = false;
    this.#stopListening = this.#deps.store.onChange(() => this.#checkSoon());
    this.#checks.in(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopListening();
    this.#patience.abort();
    await this.#checks.stop();
    if (this.#isOwner) await this.#book.stop();
  }

  /** The open outages. */
  open(): readonly Outage[] {
    return this.#book.open();
  }

  /** The camera's open outage; null: none. */
  openOf(id: CameraId): Outage | null {
    return this.#book.openOf({ kind: 'camera', id });
  }

  /** True while the camera's next pull is expected to bring nothing, even if nobody watches now. */
  isSilent(id: CameraId): boolean {
    return this.#silent.has(id);
  }

  /** Newest first. Throws what the store throws. */
  async outages({ camera, account, from, to }: OutageQuery): Promise<Outage[]> {
    const [fromDate, toDate] = [from ?? null, to ?? null];
    if (camera !== undefined) return this.#book.outages({ kind: 'camera', id: camera }, fromDate, toDate);
    const all = await this.#book.outages(null, fromDate, toDate);
    if (account === undefined) return all;
    return all.filter(({ subject, account: ofCamera }) =>
      subject.kind === 'account' ? subject.name === account : ofCamera === account,
    );
  }

  /** Throws what the store throws. */
  async availability(subject: Watched): Promise<Record<AvailabilityPeriod, Availability>> {
    const now = this.#deps.clock.now();
    const hours = new Map(await this.#book.hours(subject));
    const pending = this.#pendingMs(subject);
    const hour = Math.floor(now.getTime() / 3_600_000);
    const tally = hours.get(hour);
    if (pending > 0) {
      hours.set(hour, {
        ...{ up: 0, down: 0, away: 0, unknown: 0 },
        ...tally,
        unknown: (tally?.unknown ?? 0) + pending,
      });
    }
    return {
      day: availabilityOf(hours, 'day', now),
      week: availabilityOf(hours, 'week', now),
      month: availabilityOf(hours, 'month', now),
    };
  }

  /** null: this process has not yet asked the media server. */
  lastSeen(id: CameraId): LastSeen | null {
    const { clock, store } = this.#deps;
    if (this.#seenAt === null) return null;
    const seen = this.#seen.get(id);
    const movedMs = this.#movedMs.get(id);
    const ago = movedMs === undefined ? null : clock.monotonicMs() - movedMs;
    const bytesMovedAt = ago === null ? null : new Date(clock.now().getTime() - ago);
    const camera = store.peek(id);
    const unlisted = camera && !isAlwaysPulled(camera.mode) ? 'idle' : 'unknown';
    return {
      flow: seen?.flow ?? unlisted,
      viewers: seen?.viewers ?? null,
      reason: seen?.reason ?? null,
      at: this.#seenAt,
      bytesMovedAt,
    };
  }

  #checkSoon(): void {
    const sinceMs = this.#deps.clock.monotonicMs() - this.#checkedAtMs;
    this.#checks.in(Math.max(CHECK_MS.soon, CHECK_MS.often - sinceMs));
  }

  #restarted(): void {
    // Treated like a check without an answer: the next byte counts tell whether the media server was really restarted.
    const unknownMs = this.#deps.clock.monotonicMs();
    for (const [id, watch] of this.#watches) {
      if (watch.unknownMs === null) this.#watches.set(id, { ...watch, unknownMs });
    }
    if (!this.#stopped) this.#checkSoon();
  }

  /** Returns the time until the next check (ms). */
  async #checkAll(): Promise<number> {
    const { clock, ownership = SOLE_OWNER } = this.#deps;
    const startedMs = clock.monotonicMs();
    this.#checkedAtMs = startedMs;
    if (!ownership.engine()) {
      await this.#follow();
      checkAccounts(this.#deps, this.#book);
      return CHECK_MS.seldom;
    }
    if (!this.#isOwner) await this.#takeOver();
    const states = await this.#states();
    // A stop aborts the wait for the states, so nothing is known of the cameras.
    if (this.#stopped) return CHECK_MS.seldom;
    const [now, nowMs] = [clock.now(), clock.monotonicMs()];
    if (states) {
      this.#seen = states;
      this.#seenAt = now;
    }
    const offsetMs = now.getTime() - nowMs;
    const ids = new Set<CameraId>();
    const { refused } = this.#deps.engineState?.() ?? NOTHING_REFUSED;
    let next: number = CHECK_MS.seldom;
    for (const camera of this.#deps.store.peekAll()) {
      ids.add(camera.id);
      const raw = seenWith(states ? (states.get(camera.id) ?? null) : UNKNOWN, refused.get(camera.id));
      this.#silent.see(camera, raw, now, nowMs);
      const seen = stoppedBySilence(camera, raw, this.#silent.has(camera.id));
      const watch = this.#check(camera, seen, now, nowMs, offsetMs);
      if (watch) next = Math.min(next, nextCheckMs(watch, nowMs));
    }
    for (const [id, watch] of this.#watches) if (!ids.has(id)) this.#leave(id, watch, nowMs, offsetMs);
    this.#lines.log();
    checkAccounts(this.#deps, this.#book);
    this.#book.tick();
    return withShareMs(next, ids.size, clock.monotonicMs() - startedMs);
  }

  /** The states of the streams that the engine pulls; null: no answer in time, or `stop` ended the wait. */
  async #states(): Promise<ReadonlyMap<CameraId, SeenStream> | null> {
    const { clock, engine } = this.#deps;
    const patience = new AbortController();
    this.#patience = patience;
    let states: ReadonlyMap<CameraId, SeenStream> | null = null;
    const asked = engine
      .states(patience.signal, 'pulled')
      .then((answer) => void (states = answer))
      .catch(() => undefined);
    await within(clock, PATIENCE_MS, asked);
    patience.abort();
    return states;
  }

  #check(camera: Camera, seen: SeenStream | null, now: Date, nowMs: number, offsetMs: number): CameraWatch | null {
    const before = this.#watches.get(camera.id) ?? null;
    if (seen?.movedMs !== undefined) this.#movedMs.set(camera.id, seen.movedMs);
    else if (seen?.flow === 'flowing') this.#movedMs.set(camera.id, nowMs);
    const look = cameraLook(camera, seen, now);
    if (before === null && look.kind === 'outside') {
      const leftOpen = this.#book.openOf({ kind: 'camera', id: camera.id });
      if (leftOpen) this.#book.record({ ...leftOpen, endedAt: now });
      return null;
    }
    const since = look.kind === 'dark' ? (look.since?.getTime() ?? null) : null;
    this.#accountOf.set(camera.id, accountOf(camera));
    const sinceMs = since === null ? null : since - offsetMs;
    return this.#take(camera.id, step(before, look, nowMs, sinceMs, seen?.revision ?? null), offsetMs);
  }

  #leave(id: CameraId, watch: CameraWatch, nowMs: number, offsetMs: number): void {
    this.#take(id, step(watch, { kind: 'outside' }, nowMs), offsetMs);
    this.#movedMs.delete(id);
    this.#accountOf.delete(id);
    this.#lines.forget(id);
  }

  #take(id: CameraId, { watch, spans, outages }: Step, offsetMs: number): CameraWatch | null {
    const subject: OutageSubject = { kind: 'camera', id };
    const account = this.#accountOf.get(id) ?? null;
    for (const { kind, fromMs, toMs } of spans) {
      this.#book.add(this.#subjectsOf(id), kind, fromMs + offsetMs, toMs + offsetMs);
    }
    for (const { beganMs, endedMs, reason, message } of outages) {
      const open = this.#book.openOf(subject);
      const beganAt = open?.beganAt ?? new Date(Math.round(beganMs + offsetMs));
      const endedAt = endedMs === null ? null : new Date(Math.round(Math.max(endedMs + offsetMs, beganAt.getTime())));
      const outage = open ?? { id: outageId(subject, beganAt), subject, reason, message, beganAt, account };
      this.#book.record({ ...outage, endedAt });
      if (open === null && endedAt === null) this.#lines.began({ ...outage, endedAt });
    }
    if (watch) this.#watches.set(id, watch);
    else this.#watches.delete(id);
    this.#book.watchedTo(subject, watch && watch.countedMs + offsetMs);
    return watch;
  }

  #subjectsOf(id: CameraId): readonly Watched[] {
    const account = this.#accountOf.get(id) ?? null;
    const known: Watched[] = [{ kind: 'camera', id }, { kind: 'all' }];
    return account === null ? known : [...known, { kind: 'account', name: account }];
  }

  /** Takes over from the previous owner. Nobody has checked the cameras since that owner's last write, so the gap counts as unknown. */
  async #takeOver(): Promise<void> {
    const { clock, store } = this.#deps;
    await this.#book.load();
    this.#isOwner = true;
    const [now, nowMs] = [clock.now().getTime(), clock.monotonicMs()];
    const before = this.#book.watchedBefore();
    for (const camera of store.peekAll()) {
      const subject: OutageSubject = { kind: 'camera', id: camera.id };
      this.#accountOf.set(camera.id, accountOf(camera));
      const toMs = before.get(watchedKey(subject));
      if (toMs !== undefined) this.#book.add(this.#subjectsOf(camera.id), 'unknown', toMs, now);
      const open = this.#book.openOf(subject);
      if (!open) continue;
      const { reason, message } = open;
      const outage = { beganMs: nowMs - (now - open.beganAt.getTime()), reason, message };
      const watch = { countedMs: nowMs, lookedMs: nowMs, isStill: true, isFirst: false, unknownMs: null, bytes: null };
      this.#watches.set(camera.id, { ...watch, why: null, outage });
    }
  }

  async #follow(): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#isOwner) await this.#book.stop();
    if (this.#isOwner) this.#watches.clear();
    this.#isOwner = false;
    if (nowMs - this.#followedAtMs < FOLLOW_MS) return;
    this.#followedAtMs = nowMs;
    await this.#book.follow();
  }

  #pendingMs(subject: Watched): number {
    const nowMs = this.#deps.clock.monotonicMs();
    let sumMs = 0;
    for (const [id, watch] of this.#watches) {
      if (!this.#subjectsOf(id).some((watched) => watchedKey(watched) === watchedKey(subject))) continue;
      const pending = undecided(watch, nowMs);
      if (pending) sumMs += pending.toMs - pending.fromMs;
    }
    return sumMs;
  }
}

const UNKNOWN: SeenStream = { revision: null, flow: 'unknown' };
