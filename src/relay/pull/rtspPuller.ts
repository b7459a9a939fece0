import { rtspAddress } from '../rtspClient/rtspAddress.js';
import { RtspPull } from '../rtspClient/rtspPull.js';
import type { OpenUdp } from '../rtspClient/udp.js';
import { noPull, type Puller, type PullerDeps } from './puller.js';

export interface RtspPullerDeps extends PullerDeps {
  readonly openUdp: OpenUdp;
}

/** Pulls RTSP and RTSPS. */
export function rtspPuller({ dial, openUdp, clock, random }: RtspPullerDeps): Puller {
  return ({ url }, handlers) => {
    const address = rtspAddress(url);
    if (address === null) return noPull(clock, handlers);
    return new RtspPull({ address, dial, openUdp, clock, random, ...handlers });
  };
}
