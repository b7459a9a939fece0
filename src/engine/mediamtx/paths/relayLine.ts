import type { CameraId } from '../../../core/camera/camera.js';
import { derivedPath, type DerivedKind } from '../../../core/streams/derivedPaths.js';
import { pullPath, type PathConfig } from './pathConfig.js';

/** The relay's RTSP address: its path is the camera's id, and it may hold a login. */
const RELAY_SOURCE = /^rtsp:\/\/(?:[^/@]+@)?[^/@]+\/([^?#]+)$/;

/** A camera's public path that reads the relay (at `source`), while somebody watches or always; the same for every lease. */
export function relayPath(source: string, when: 'watched' | 'always' = 'watched'): PathConfig {
  // Over UDP, which MediaMTX tries first, packets get lost.
  return { ...pullPath(source, when), rtspTransport: 'tcp' };
}

/** The line of a derived stream of the camera that `line` reads from the relay: read while somebody watches it. */
export function derivedLine(line: PathConfig, cameraId: CameraId, kind: DerivedKind): PathConfig {
  return relayPath(line.source.slice(0, -cameraId.length) + derivedPath(kind, cameraId));
}

/** True when a path of ours reads the relay. Every other line of a camera has an RTMP source, `publisher`, or a bridge to `_lease/…`. */
export function isRelayLine(name: string, { source }: Pick<PathConfig, 'source'>): boolean {
  return RELAY_SOURCE.exec(source)?.[1] === name;
}
