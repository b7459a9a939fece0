import type { Clock, Random } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { playAddress } from '../rtmp/playTarget.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { RtmpPull, type Dial } from '../rtmp/rtmpPull.js';

export interface PullHandlers {
  readonly onUnit: (unit: RelayUnit) => void;
  /** Called with how many bytes of sound and pictures came, before their units. */
  readonly onBytes: (count: number) => void;
  /** Called once, and never before `Puller` has returned. */
  readonly onEnd: (end: AnyPullEnd) => void;
}

/** Begins to pull a target; `stop` ends it, and no handler is called afterwards. */
export type Puller = (target: PullTarget, handlers: PullHandlers) => { stop(): void };

export interface PullerDeps {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly random: Random;
}

/** How many servers are remembered that refused enhanced codecs; the oldest is forgotten first. */
const MOST_SERVERS = 1_000;

/** Ends a pull at once whose address cannot be pulled. `code`: the protocol of the address, where it has one that people know. */
export function noPull(clock: Pick<Clock, 'after'>, { onEnd }: PullHandlers, code?: 'SRT'): { stop(): void } {
  return { stop: clock.after(0, () => onEnd({ why: 'protocol', ...(code && { code }) })) };
}

/**
 * Pulls RTMP and RTMPS.
 *
 * `connect` tells the server that we take enhanced codecs, since some send H.265 only to players that do. A server that does not accept
 * such a `connect` may be too old to read it: the next try leaves the codecs out, and if that fails too, the one after names them again.
 */
export function rtmpPuller({ dial, clock, random }: PullerDeps): Puller {
  const plain = new Set<string>();
  return ({ url }, handlers) => {
    const address = playAddress(url);
    if (address === null) return noPull(clock, handlers);
    const { onUnit, onBytes, onEnd } = handlers;
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
