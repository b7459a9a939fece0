import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { overOf, type PullOver } from '../rtmp/pullReason.js';
import type { Puller } from './puller.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { parameterSetsIn, type PictureSetup } from '../units/nalUnits.js';
import type { SoundSetup } from '../units/sound.js';

export type PulledPicture = Extract<RelayUnit, { kind: 'picture' }>;

/** A user of a pull: the camera's stream, or the stream of a candidate. */
export interface PullUser {
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called once, when the pull has ended by itself; not after the user has left. */
  readonly onEnd: (over: PullOver) => void;
}

/** How long after a key frame it is decided whether the pictures behind it are live. */
const LOOKED_AT_MS = 120;
/** Pictures whose times run ahead of the real time by more than this are old ones, from the server's cache. */
const OLD_MS = 100;
/** A takeover does not go back to an older key frame: viewers would see the time since then twice. */
const FRESH_MS = 500;
/** Limits of what is held for a takeover; beyond them the held pictures are dropped, up to the next key frame. */
const MOST_HELD = 2_000;
const MOST_HELD_BYTES = 16_000_000;

/** One pull, what is known of its tracks, and its users. It is closed when the last user leaves. */
export class PullSource {
  readonly target: PullTarget;
  picture: PictureSetup | null = null;
  sound: SoundSetup | null = null;
  /** Since when this source is in force (monotonic ms); null: not yet. */
  sinceMs: number | null = null;
  /** When the pull was begun, monotonic ms. */
  readonly begunMs: number;

  readonly #clock: Clock;
  /** Replaced and never changed in place: users may join or leave while a unit is being delivered. */
  #users: readonly PullUser[] = [];
  readonly #pull: { stop(): void };
  #isOver = false;
  #bytes = 0;
  #lastBytesMs: number | null = null;
  #held: PulledPicture[] = [];
  #heldBytes = 0;
  #key: { readonly sourceMs: number; readonly atMs: number } | null = null;
  #isOfNow = false;

  constructor(target: PullTarget, pull: Puller, clock: Clock) {
    this.target = target;
    this.#clock = clock;
    this.begunMs = clock.monotonicMs();
    this.#pull = pull(target, {
      onUnit: (unit) => this.#take(unit),
      onBytes: (count) => {
        this.#bytes += count;
        this.#lastBytesMs = clock.monotonicMs();
      },
      onEnd: (end) => this.end(overOf(end)),
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Bytes of sound and pictures received so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When bytes came last, monotonic ms; null: none have come. */
  get lastBytesMs(): number | null {
    return this.#lastBytesMs;
  }

  /** Uses the pull from the next unit on. The returned function may be called again; the last user to leave closes the pull. */
  use(user: PullUser): () => void {
    this.#users = [...this.#users, user];
    return () => {
      if (!this.#users.includes(user)) return;
      this.#users = this.#users.filter((other) => other !== user);
      if (this.#users.length > 0 || this.#isOver) return;
      this.#isOver = true;
      this.#pull.stop();
    };
  }

  /** Closes the pull and calls its users with the reason. */
  end(over: PullOver): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pull.stop();
    const users = this.#users;
    this.#users = [];
    for (const user of users) user.onEnd(over);
  }

  /** True: the pictures since the latest key frame are held, so that the source can take over with them. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** True: the held pictures are live and begin with a recent key frame, so the source can take over unnoticed. */
  get isOfNow(): boolean {
    return this.isHolding && this.#isOfNow;
  }

  release(): readonly PulledPicture[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** The units of a picture. Key frames get their parameter sets in front, so that a decoder can go on when these differ from the former ones. */
  unitsOf({ isKey, units }: PulledPicture): readonly Buffer[] {
    if (!isKey || this.picture === null) return units;
    const { codec, parameterSets } = this.picture;
    return parameterSetsIn(codec, units).length > 0 ? units : [...parameterSets, ...units];
  }

  #take(unit: RelayUnit): void {
    // A user closed the pull while it delivered earlier units of the same bytes.
    if (this.#isOver) return;
    if (unit.kind === 'picture-setup') this.picture = unit.setup;
    else if (unit.kind === 'sound-setup') this.sound = unit.setup;
    else if (unit.kind === 'picture' && this.sinceMs === null) this.#hold(unit, this.#clock.monotonicMs());
    for (const user of this.#users) if (this.#users.includes(user)) user.onUnit(unit);
  }

  #hold(picture: PulledPicture, nowMs: number): void {
    const passedMs = this.#key === null ? 0 : nowMs - this.#key.atMs;
    const aheadMs = this.#key === null ? 0 : picture.decodeMs - this.#key.sourceMs - passedMs;
    if (picture.isKey) {
      this.#held = [copyOf(picture)];
      this.#heldBytes = 0;
      this.#isOfNow = passedMs >= LOOKED_AT_MS;
      // A camera may send key frames alone: when they follow each other quickly, the time is measured from the first of them.
      if (this.#key === null || this.#isOfNow) this.#key = { sourceMs: picture.decodeMs, atMs: nowMs };
      return;
    }
    if (this.#held.length === 0) return;
    this.#heldBytes += picture.units.reduce((sum, unit) => sum + unit.length, 0);
    if (this.#held.length >= MOST_HELD || this.#heldBytes > MOST_HELD_BYTES) {
      this.#held = [];
      return;
    }
    this.#held.push(copyOf(picture));
    this.#isOfNow = passedMs >= LOOKED_AT_MS && passedMs <= FRESH_MS && aheadMs < OLD_MS;
  }
}

/** A copy that can be held: the picture's own bytes are valid only until `onUnit` returns. */
function copyOf(picture: PulledPicture): PulledPicture {
  return { ...picture, units: picture.units.map((unit) => Buffer.from(unit)) };
}

export function isSameTarget(a: PullTarget | null, b: PullTarget | null): boolean {
  return a?.revision === b?.revision && a?.url === b?.url;
}
