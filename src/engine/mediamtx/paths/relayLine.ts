import { pullPath, type PathConfig } from './pathConfig.js';

/** The path is the camera's id. A login stands in it. */
const RELAY_SOURCE = /^rtsp:\/\/(?:[^/@]+@)?[^/@]+\/([^?#]+)$/;

/** A camera's public path that reads the relay (at `source`), while somebody watches or always; the same for every lease. */
export function relayPath(source: string, when: 'watched' | 'always' = 'watched'): PathConfig {
  // By UDP, which MediaMTX tries first, packets get lost.
  return { ...pullPath(source, when), rtspTransport: 'tcp' };
}

/** True for a path of ours that reads a relay: every other line of a camera is RTMP, `publisher`, or a bridge to `_lease/…`. */
export function isRelayLine(name: string, { source }: Pick<PathConfig, 'source'>): boolean {
  return RELAY_SOURCE.exec(source)?.[1] === name;
}
