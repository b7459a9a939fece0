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

type Picture = Extract<RelayUnit, { kind: 'picture' }>;

/** One pull and what is known of its tracks. */
export class PullSource {
  readonly target: PullTarget;
  picture: PictureSetup | null = null;
  sound: SoundSetup | null = null;
  /** Since when it is in force, monotonic ms; null: it is not yet. */
  sinceMs: number | null = null;

  constructor(target: PullTarget) {
    this.target = target;
  }

  /** Key frames carry their parameter sets in band, so that a decoder goes on when they differ from those of before. */
  unitsOf({ isKey, units }: Picture): readonly Buffer[] {
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
