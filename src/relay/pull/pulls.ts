import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayCamera, RelayReason } from '../../core/streams/relay.js';
import type { RelayUnit } from '../rtmp/mediaReader.js';
import { overBecause, type PullOver } from '../rtmp/pullReason.js';
import type { Caps, Place } from './caps.js';
import { isSameTarget, type PullSource } from './pullSource.js';
import type { RelayNews } from './relayNews.js';
import { retryWaitMs } from './relayState.js';

/** A source beside the one in force that brings no key frame is tried again. */
const FIRST_KEY_MS = 20_000;
/** A source that lasted shorter does not count as a success: it is not tried again at once. */
const LASTING_MS = 10_000;
/** A server that closes a pull sooner, without a key frame, has refused it. */
const AT_ONCE_MS = 3_000;
/** So many refusals in a row beside another pull mean that the server allows no second one. */
const NO_ROOM = 2;

export interface PullsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly caps: Caps;
  /** The pull of a target: one that a candidate's readers use already, else a new one. */
  readonly open: (target: PullTarget) => PullSource;
  /** Somebody reads the camera, or may come back. */
  readonly isWanted: () => boolean;
  /** Pictures have been missing for so long that a place is better given to another camera. */
  readonly isLongGone: () => boolean;
  readonly onUnit: (source: PullSource, unit: RelayUnit) => void;
  /** The source in force is over; it was taken away before. */
  readonly onLiveOver: () => void;
  /** A source was held in vain for a moment that is better; it is to be taken as it is. */
  readonly onLate: (source: PullSource) => void;
  readonly tell: (news: RelayNews) => void;
}

/** What is pulled for a camera's stream: the source in force, and the next one beside it or while there is none. */
export class Pulls {
  readonly #options: PullsOptions;
  #target: PullTarget | null = null;
  #cap: RelayCamera['cap'] = null;
  #live: PullSource | null = null;
  #next: PullSource | null = null;
  readonly #leaves = new Map<PullSource, () => void>();
  #place: Place | null = null;
  /** Another codec than the readers know. */
  #refused: number | null = null;
  #attempts = 0;
  #noRoom = 0;
  #cancelRetry: (() => void) | null = null;
  #latest: RelayReason | null = null;
  #protocolFailures = 0;
  #bytesBefore = 0;
  #lastBytesMs: number | null = null;

  constructor(options: PullsOptions) {
    this.#options = options;
  }

  /** In force: its pictures go out. */
  get live(): PullSource | null {
    return this.#live;
  }

  get next(): PullSource | null {
    return this.#next;
  }

  /** An address is in force and has not ended. */
  get hasAddress(): boolean {
    const endsAt = this.#target?.endsAt ?? null;
    return this.#target !== null && (endsAt === null || endsAt > this.#options.clock.now());
  }

  /** Of sources in force, since the beginning. */
  get bytesReceived(): number {
    return this.#bytesBefore + (this.#live?.bytes ?? 0);
  }

  /** Since a source in force brought bytes; null: none has. */
  get quietMs(): number | null {
    const atMs = this.#live?.lastBytesMs ?? this.#lastBytesMs;
    return atMs === null ? null : Math.round(this.#options.clock.monotonicMs() - atMs);
  }

  /** Why the latest pull ended, or none may begin; null: nothing ended since pictures came. */
  get reason(): RelayReason | null {
    if (this.#live === null && !this.hasAddress) return 'no-address';
    return this.#place?.isGiven === false ? 'over-cap' : this.#latest;
  }

  /** Pulls in a row that ended by `protocol`. */
  get protocolFailures(): number {
    return this.#protocolFailures;
  }

  /** What is pulled goes on until the new target takes over, or to its end where there is none. */
  tell(target: PullTarget | null, cap: RelayCamera['cap']): void {
    this.#cap = cap;
    this.#options.caps.tell(cap);
    const isSame = isSameTarget(target, this.#target);
    this.#target = target;
    if (!isSame) {
      this.#attempts = 0;
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
    const waitMs = retryWaitMs(this.#attempts, this.#options.random());
    if (waitMs === 0) this.#pull(target);
    else
      this.#cancelRetry = this.#options.clock.after(waitMs, () => {
        this.#cancelRetry = null;
        if (this.#target && this.hasAddress) this.#pull(this.#target);
      });
  }

  /** The next source is in force now. */
  takeOver(source: PullSource): void {
    if (this.#live) this.#drop(this.#live);
    this.#next = null;
    this.#live = source;
    this.#latest = null;
    this.#protocolFailures = 0;
    this.#noRoom = 0;
    source.sinceMs = this.#options.clock.monotonicMs();
  }

  /** The next source is not taken while the one in force goes on. */
  refuse(source: PullSource): void {
    this.#refused = source.target.revision;
    this.#drop(source);
  }

  /** The source is closed for a reason that only its receiver sees. */
  giveUp(source: PullSource, reason: 'silence' | 'no-key-frame' | 'codec'): void {
    this.#ended(source, overBecause(reason));
  }

  /** Closes everything. */
  rest(): void {
    this.#stopRetry();
    for (const source of [...this.#leaves.keys()]) this.#drop(source);
    this.#leavePlace();
    this.#attempts = 0;
    this.#noRoom = 0;
    this.#refused = null;
    this.#latest = null;
    this.#protocolFailures = 0;
    this.#lastBytesMs = null;
  }

  #hasPlace(): boolean {
    if (this.#place === null) {
      this.#place = this.#options.caps.ask(this.#cap, () => this.pullWhereWanted());
      if (!this.#place.isGiven) this.#options.tell({ kind: 'over-cap' });
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
    const { clock, tell, onLiveOver } = this.#options;
    const wasLive = this.#live === source;
    const lasted = source.sinceMs !== null && clock.monotonicMs() - source.sinceMs >= LASTING_MS;
    this.#drop(source);
    this.#latest = over.reason;
    this.#protocolFailures = over.reason === 'protocol' ? this.#protocolFailures + 1 : 0;
    tell({ kind: 'pull-over', revision: source.target.revision, ...over });
    this.#attempts = lasted ? 0 : this.#attempts + 1;
    // A camera that is away does not keep others of its group waiting between two tries.
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
    const isRefusal = reason === 'refused' || reason === 'not-found' || (wasClosed && isAtOnce && !source.isHolding);
    this.#noRoom = isRefusal ? this.#noRoom + 1 : 0;
    return this.#noRoom >= NO_ROOM;
  }

  #makeRoom(source: PullSource): void {
    const live = this.#live;
    if (live === null) return;
    this.#drop(live);
    this.#attempts = 0;
    this.#noRoom = 0;
    this.#options.tell({ kind: 'no-room', revision: source.target.revision, closed: live.target.revision });
    this.#options.onLiveOver();
  }

  #stopRetry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
  }
}
