import type { Clock, Random } from '../core/clock.js';
import type { PullTarget } from '../core/pullTarget.js';
import type { RelayUnit } from './rtmp/mediaReader.js';
import { parameterSetsIn, type PictureSetup } from './rtmp/nalUnits.js';
import { playAddress, type PlayAddress } from './rtmp/playTarget.js';
import { RtmpPull, type PullEnd } from './rtmp/rtmpPull.js';
import type { SoundSetup } from './rtmp/sound.js';
import type { Duplex } from 'node:stream';

export interface PullHandlers {
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called once, and never before the pull was handed out. */
  readonly onEnd: (end: PullEnd) => void;
}

/** Begins to pull a target; `stop` ends it without a word. */
export type Puller = (target: PullTarget, handlers: PullHandlers) => { stop(): void };

export interface PullerDeps {
  /** Opens a connection, encrypted where the address says so. */
  readonly dial: (address: PlayAddress) => Duplex;
  readonly clock: Clock;
  readonly random: Random;
}

/** Pulls RTMP and RTMPS; any other address ends at once as `protocol`. */
export function rtmpPuller({ dial, clock, random }: PullerDeps): Puller {
  return ({ url }, { onUnit, onEnd }) => {
    const address = playAddress(url);
    if (address !== null) return new RtmpPull({ address, dial, clock, random, onUnit, onEnd });
    const description = 'The relay pulls RTMP and RTMPS addresses; this is another one.';
    return { stop: clock.after(0, () => onEnd({ why: 'protocol', description })) };
  };
}

export type PulledPicture = Extract<RelayUnit, { kind: 'picture' }>;

/** So long after a key frame it is seen whether the pictures behind it are of now, */
const LOOKED_AT_MS = 120;
/** or come faster than time passes by more than this: then they are old ones, out of a cache. */
const OLD_MS = 100;
/** More than this is not held for a takeover; the next key frame begins anew. */
const MOST_HELD = 2_000;

/** One pull and what is known of its tracks. */
export class PullSource {
  readonly target: PullTarget;
  picture: PictureSetup | null = null;
  sound: SoundSetup | null = null;
  /** Since when it is in force, monotonic ms; null: it is not yet. */
  sinceMs: number | null = null;

  #held: PulledPicture[] = [];
  #key: { readonly sourceMs: number; readonly atMs: number } | null = null;

  constructor(target: PullTarget) {
    this.target = target;
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** Keeps what came since the latest key frame. True: its pictures are of now, and it may take over with what is held. */
  hold(picture: PulledPicture, nowMs: number): boolean {
    const passedMs = this.#key === null ? 0 : nowMs - this.#key.atMs;
    const aheadMs = this.#key === null ? 0 : picture.decodeMs - this.#key.sourceMs - passedMs;
    if (picture.isKey) {
      this.#held = [picture];
      this.#key = { sourceMs: picture.decodeMs, atMs: nowMs };
      return passedMs >= LOOKED_AT_MS;
    }
    if (this.#held.length === 0) return false;
    if (this.#held.length >= MOST_HELD) {
      this.#held = [];
      return false;
    }
    this.#held.push(picture);
    return passedMs >= LOOKED_AT_MS && aheadMs < OLD_MS;
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
}

export function isSameSound(a: SoundSetup | null, b: SoundSetup | null): boolean {
  if (a === null || b === null) return a === b;
  const config = (setup: SoundSetup): string => setup.config?.toString('hex') ?? '';
  return a.codec === b.codec && a.sampleRate === b.sampleRate && a.channels === b.channels && config(a) === config(b);
}
