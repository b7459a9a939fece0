import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera, RelayReason } from '../../core/streams/relay.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { overBecause, type PullOver } from '../rtmp/pullReason.js';
import type { Caps, Place } from './caps.js';
import { isSameTarget, type PullSource } from './pullSource.js';
import type { RelayNews } from './relayNews.js';
import { retryWaitMs } from './relayState.js';

/** A next source without a key frame for this long is closed and tried again. */
const FIRST_KEY_MS = 20_000;
/** A source that was in force for less than this counts as a failed try, so the wait before the next try grows. */
const LASTING_MS = 10_000;
/** A server that closes a pull within this time, without a key frame, has refused it. */
const AT_ONCE_MS = 3_000;
/** This many refusals in a row beside a running pull mean that the server allows no second stream. */
const NO_ROOM = 2;

export interface PullsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly caps: Caps;
  /** Returns the pull of a target: the one that a candidate's readers use already, else a new one. */
  readonly open: (target: PullTarget) => PullSource;
  /** True: the camera has readers, or is held for readers that may come back. */
  readonly isWanted: () => boolean;
  /** True: pictures have been missing for so long that the place is better given to another camera. */
  readonly isLongGone: () => boolean;
  readonly onUnit: (source: PullSource, unit: RelayUnit) => void;
  /** Called when the source in force has ended; `live` is null by then. */
  readonly onLiveOver: () => void;
  /** Called when the next source waited in vain to be live; the stream is to take it over as it is. */
  readonly onLate: (source: PullSource) => void;
  readonly onNews: (news: RelayNews) => void;
}

/** The pulls of a camera's stream: the source in force, and the next source, which is to take over or to begin. */
export class Pulls {
  readonly #options: PullsOptions;
  #target: PullTarget | null = null;
  #cap: RelayCamera['cap'] = null;
  #live: PullSource | null = null;
  #next: PullSource | null = null;
  readonly #leaves = new Map<PullSource, () => void>();
  #place: Place | null = null;
  /** The revision whose source was refused, since it sends another codec than the readers know; null: none. */
  #refused: number | null = null;
  #attempts = 0;
  /** When the first try failed since a source was in force; null: none has. */
  #failingSinceMs: number | null = null;
  #noRoom = 0;
  #cancelRetry: (() => void) | null = null;
  #latest: RelayReason | null = null;
  #protocolFailures = 0;
  #endedPulls = 0;
  #bytesBefore = 0;
  #lastBytesMs: number | null = null;

  constructor(options: PullsOptions) {
    this.#options = options;
  }

  /** The source in force, whose pictures go out. */
  get live(): PullSource | null {
    return this.#live;
  }

  get next(): PullSource | null {
    return this.#next;
  }

  /** True: there is a lease whose URL has not expired. */
  get hasAddress(): boolean {
    const endsAt = this.#target?.endsAt ?? null;
    return this.#target !== null && (endsAt === null || endsAt > this.#options.clock.now());
  }

  /** Bytes that sources in force have brought since this stream was made. */
  get bytesReceived(): number {
    return this.#bytesBefore + (this.#live?.bytes ?? 0);
  }

  /** Time in ms since a source in force brought bytes; null: none has. */
  get quietMs(): number | null {
    const atMs = this.#live?.lastBytesMs ?? this.#lastBytesMs;
    return atMs === null ? null : Math.round(this.#options.clock.monotonicMs() - atMs);
  }

  /** Why the latest pull ended, or why none may begin; null: no pull has ended since pictures came. */
  get reason(): RelayReason | null {
    if (this.#live === null && !this.hasAddress) return 'no-address';
    return this.#place?.isGiven === false ? 'over-cap' : this.#latest;
  }

  /** How many pulls in a row ended with `protocol`. */
  get protocolFailures(): number {
    return this.#protocolFailures;
  }

  /** How many pulls have ended by themselves since this stream was made. */
  get endedPulls(): number {
    return this.#endedPulls;
  }

  /** The source in force goes on until the new target takes over; without a target it goes on to its end. */
  setTarget(target: PullTarget | null, cap: RelayCamera['cap']): void {
    this.#cap = cap;
    this.#options.caps.setCap(cap);
    const isSame = isSameTarget(target, this.#target);
    this.#target = target;
    if (!isSame) {
      this.#attempts = 0;
      this.#failingSinceMs = null;
      this.#noRoom = 0;
      this.#refused = null;
      this.#stopRetry();
      if (this.#next) this.#drop(this.#next);
    }
    this.pullWhereWanted();
  }

  pullWhereWanted(): void {
    const target = this.#target;
    if (target === null || !this.hasAddress || !this.#options.isWanted()) {
      if (this.#live === null && this.#next === null) this.#leavePlace();
      return;
    }
    if (this.#next || this.#cancelRetry) return;
    if (this.#live && (this.#live.target.revision === target.revision || this.#refused === target.revision)) return;
    if (!this.#hasPlace()) return;
    const { clock, random } = this.#options;
    const nowMs = clock.monotonicMs();
    const waitMs = retryWaitMs(this.#attempts, nowMs - (this.#failingSinceMs ?? nowMs), random());
    if (waitMs === 0) this.#pull(target);
    else
      this.#cancelRetry = clock.after(waitMs, () => {
        this.#cancelRetry = null;
        if (this.#target && this.hasAddress) this.#pull(this.#target);
      });
  }

  /** Puts the next source in force and closes the previous one. */
  takeOver(source: PullSource): void {
    if (this.#live) this.#drop(this.#live);
    this.#next = null;
    this.#live = source;
    this.#latest = null;
    this.#failingSinceMs = null;
    this.#protocolFailures = 0;
    this.#noRoom = 0;
    source.sinceMs = this.#options.clock.monotonicMs();
  }

  /** Closes the next source, and does not try its revision again while the source in force goes on. */
  refuse(source: PullSource): void {
    this.#refused = source.target.revision;
    this.#drop(source);
  }

  /** Closes a source for a fault that the stream has found; it is tried again. */
  giveUp(source: PullSource, reason: 'silence' | 'no-key-frame' | 'codec'): void {
    this.#ended(source, overBecause(reason));
  }

  /** Closes all pulls, leaves the group's place and forgets earlier failures. */
  rest(): void {
    this.#stopRetry();
    for (const source of [...this.#leaves.keys()]) this.#drop(source);
    this.#leavePlace();
    this.#attempts = 0;
    this.#failingSinceMs = null;
    this.#noRoom = 0;
    this.#refused = null;
    this.#latest = null;
    this.#protocolFailures = 0;
    this.#lastBytesMs = null;
  }

  #hasPlace(): boolean {
    if (this.#place === null) {
      this.#place = this.#options.caps.ask(this.#cap, () => this.pullWhereWanted());
      if (!this.#place.isGiven) this.#options.onNews({ kind: 'over-cap' });
    }
    return this.#place.isGiven;
  }

  #leavePlace(): void {
    this.#place?.leave();
    this.#place = null;
  }

  #pull(target: PullTarget): void {
    const source = this.#options.open(target);
    this.#next = source;
    const leave = source.use({
      onUnit: (unit) => this.#options.onUnit(source, unit),
      onEnd: (over) => this.#ended(source, over),
    });
    const cancel = this.#options.clock.after(FIRST_KEY_MS, () => {
      if (source !== this.#next) return;
      if (source.isHolding) this.#options.onLate(source);
      else this.giveUp(source, 'no-key-frame');
    });
    this.#leaves.set(source, () => {
      cancel();
      leave();
    });
  }

  #drop(source: PullSource): void {
    this.#leaves.get(source)?.();
    this.#leaves.delete(source);
    if (this.#next === source) this.#next = null;
    if (this.#live !== source) return;
    this.#live = null;
    source.sinceMs = null;
    this.#bytesBefore += source.bytes;
    this.#lastBytesMs = source.lastBytesMs;
  }

  #ended(source: PullSource, over: PullOver): void {
    if (!this.#leaves.has(source)) return;
    const { clock, onNews, onLiveOver } = this.#options;
    const wasLive = this.#live === source;
    const lasted = source.sinceMs !== null && clock.monotonicMs() - source.sinceMs >= LASTING_MS;
    this.#drop(source);
    this.#latest = over.reason;
    this.#endedPulls += 1;
    this.#protocolFailures = over.reason === 'protocol' ? this.#protocolFailures + 1 : 0;
    onNews({ kind: 'pull-over', revision: source.target.revision, ...over });
    this.#attempts = lasted ? 0 : this.#attempts + 1;
    this.#failingSinceMs ??= clock.monotonicMs();
    // A camera whose pictures have been gone for long gives its place to a waiting camera of the group between two tries.
    if (
      this.#live === null &&
      this.#next === null &&
      this.#options.isLongGone() &&
      this.#options.caps.hasQueue(this.#cap)
    )
      this.#leavePlace();
    if (wasLive) onLiveOver();
    else if (this.#isWithoutRoom(source, over)) this.#makeRoom(source);
    else this.pullWhereWanted();
  }

  /** Whether the server seems to allow no second stream beside the one in force. */
  #isWithoutRoom(source: PullSource, { reason, code }: PullOver): boolean {
    if (this.#live === null) return false;
    const wasClosed = reason === 'ended' || (reason === 'connection' && code === 'CLOSED');
    const isAtOnce = this.#options.clock.monotonicMs() - source.begunMs < AT_ONCE_MS;
    const isRefusal =
      reason === 'refused' ||
      reason === 'not-found' ||
      reason === 'too-many' ||
      reason === 'no-transcode' ||
      (wasClosed && isAtOnce && !source.isHolding);
    this.#noRoom = isRefusal ? this.#noRoom + 1 : 0;
    return this.#noRoom >= NO_ROOM;
  }

  #makeRoom(source: PullSource): void {
    const live = this.#live;
    if (live === null) return;
    this.#drop(live);
    this.#attempts = 0;
    this.#noRoom = 0;
    this.#options.onNews({ kind: 'no-room', revision: source.target.revision, closed: live.target.revision });
    this.#options.onLiveOver();
  }

  #stopRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }
}
