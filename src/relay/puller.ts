import type { Clock, Random } from '../core/clock.js';
import type { PullTarget } from '../core/pullTarget.js';
import type { RelayUnit } from './rtmp/mediaReader.js';
import { playAddress } from './rtmp/playTarget.js';
import { RtmpPull, type Dial, type PullEnd } from './rtmp/rtmpPull.js';

export interface PullHandlers {
  readonly onUnit: (unit: RelayUnit) => void;
  /** So many bytes of sound and pictures came; called before their units. */
  readonly onBytes: (count: number) => void;
  /** Called once, and never before the pull was handed out. */
  readonly onEnd: (end: PullEnd) => void;
}

/** Begins to pull a target; `stop` ends it, and no handler is called afterwards. */
export type Puller = (target: PullTarget, handlers: PullHandlers) => { stop(): void };

export interface PullerDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: Random;
}

/** Pulls RTMP and RTMPS; any other address ends at once as `protocol`. */
export function rtmpPuller({ dial, clock, random }: PullerDeps): Puller {
  return ({ url }, { onUnit, onBytes, onEnd }) => {
    const address = playAddress(url);
    if (address !== null) return new RtmpPull({ address, dial, clock, random, onUnit, onBytes, onEnd });
    const description = 'The relay pulls RTMP and RTMPS addresses; this is another one.';
    return { stop: clock.after(0, () => onEnd({ why: 'protocol', description })) };
  };
}
