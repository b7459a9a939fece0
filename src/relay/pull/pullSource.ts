import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { overOf, type PullOver } from '../rtmp/pullReason.js';
import type { Puller } from './puller.js';
import type { RelayUnit } from '../rtmp/mediaReader.js';
import { parameterSetsIn, type PictureSetup } from '../rtmp/nalUnits.js';
import type { SoundSetup } from '../rtmp/sound.js';

export type PulledPicture = Extract<RelayUnit, { kind: 'picture' }>;

/** One of those who use a pull: the camera's stream, or the readers of a candidate. */
export interface PullUser {
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called once; the pull is closed. */
  readonly onEnd: (over: PullOver) => void;
}

/** So long after a key frame it is seen whether the pictures behind it are of now, */
const LOOKED_AT_MS = 120;
/** or come faster than time passes by more than this: then they are old ones, out of a cache. */
const OLD_MS = 100;
/** A key frame that came longer ago is not gone back to while other pictures go out: viewers would see the time in between twice. */
const FRESH_MS = 500;
/** More than this is not held for a takeover; the next key frame begins anew. */
const MOST_HELD = 2_000;
const MOST_HELD_BYTES = 16_000_000;

/** One pull, what is known of its tracks, and those who use it. It is closed when the last of them leaves. */
export class PullSource {
  readonly target: PullTarget;
  picture: PictureSetup | null = null;
  sound: SoundSetup | null = null;
  /** Since when it is in force, monotonic ms; null: it is not yet. */
  sinceMs: number | null = null;
  /** When the pull was begun, monotonic ms. */
  readonly begunMs: number;

  readonly #clock: Clock;
  /** Another list after each change: it may change while a unit is handed round. */
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

  /** Of sound and pictures. */
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

  /** Closes the pull and tells its users why. */
  end(over: PullOver): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pull.stop();
    const users = this.#users;
    this.#users = [];
    for (const user of users) user.onEnd(over);
  }

  /** Pictures since the latest key frame are held, so that the source can take over with them. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** The held pictures are of now, and begin with a key frame of a moment ago. */
  get isOfNow(): boolean {
    return this.isHolding && this.#isOfNow;
  }

  release(): readonly PulledPicture[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }

  /** Key frames carry their parameter sets in band, so that a decoder goes on when they differ from those of before. */
  unitsOf({ isKey, units }: PulledPicture): readonly Buffer[] {
    if (!isKey || this.picture === null) return units;
    const { codec, parameterSets } = this.picture;
    return parameterSetsIn(codec, units).length > 0 ? units : [...parameterSets, ...units];
  }

  #take(unit: RelayUnit): void {
    // Closed a moment ago, in the middle of what it had received.
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
      // A camera may send nothing but key frames: those in quick succession are looked at from the first of them on.
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

/** For later: a picture's own bytes are its own for a moment. */
function copyOf(picture: PulledPicture): PulledPicture {
  return { ...picture, units: picture.units.map((unit) => Buffer.from(unit)) };
}

export function isSameTarget(a: PullTarget | null, b: PullTarget | null): boolean {
  return a?.revision === b?.revision && a?.url === b?.url;
}

export function isSameSound(a: SoundSetup | null, b: SoundSetup | null): boolean {
  if (a === null || b === null) return a === b;
  const config = (setup: SoundSetup): string => setup.config?.toString('hex') ?? '';
  return a.codec === b.codec && a.sampleRate === b.sampleRate && a.channels === b.channels && config(a) === config(b);
}
