import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayUnit } from '../rtmp/mediaReader.js';
import { playAddress } from '../rtmp/playTarget.js';
import { RtmpPull, type Dial, type PullEnd } from '../rtmp/rtmpPull.js';

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

/** Servers that are remembered; the oldest one is forgotten first. */
const MOST_SERVERS = 1_000;

/**
 * Pulls RTMP and RTMPS; any other address ends at once as `protocol`.
 *
 * Servers are told that enhanced codecs are taken, since some send H.265 to nobody else. One that does not say yes to such a `connect`
 * may be too old to read it: the next try does without, and the one after a failure of that says it again.
 */
export function rtmpPuller({ dial, clock, random }: PullerDeps): Puller {
  const plain = new Set<string>();
  return ({ url }, { onUnit, onBytes, onEnd }) => {
    const address = playAddress(url);
    if (address === null) {
      const description = 'The relay pulls RTMP and RTMPS addresses; this is another one.';
      return { stop: clock.after(0, () => onEnd({ why: 'protocol', description })) };
    }
    const server = `${address.host}:${address.port}`;
    const saysEnhanced = !plain.has(server);
    const pull = new RtmpPull({
      ...{ address, dial, clock, random, saysEnhanced, onUnit, onBytes },
      onEnd: (end) => {
        if (pull.isConnectOpen) {
          if (!saysEnhanced) plain.delete(server);
          else if (plain.add(server).size > MOST_SERVERS) plain.delete([...plain][0] ?? '');
        }
        onEnd(end);
      },
    });
    return pull;
  };
}
