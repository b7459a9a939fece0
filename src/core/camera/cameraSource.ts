import type { Camera, CameraSource, CloudSource, UrlSource } from './camera.js';
import type { StreamTracks } from './tracks.js';

type Sourced = { readonly source: CameraSource };

/**
 * The account whose cloud leases this camera's URLs; null: no cloud does, or no listing has shown yet which account has the
 * device. `isUnidentified` tells the two apart.
 */
export function accountOf(camera: Sourced | null | undefined): string | null {
  if (!camera) return null;
  const { source } = camera;
  switch (source.kind) {
    case 'cloud':
      return source.account;
    case 'url':
      return null;
    default:
      return neverKind(source);
  }
}

/**
 * True for a device of a cloud whose account or channel is not known: a person stored it, and no cloud can be asked for its
 * URL until a listing shows both.
 */
export function isUnidentified({ source }: Sourced): boolean {
  switch (source.kind) {
    case 'cloud':
      return source.account === null || source.channel === null;
    case 'url':
      return false;
    default:
      return neverKind(source);
  }
}

/** The tracks that players get, as the latest proof or opening saw them; null: none has. Without sound where that is switched off. */
export function knownTracks({ source, lease, sound }: Camera): StreamTracks | null {
  const tracks = source.kind === 'url' ? source.tracks : (lease?.tracks ?? null);
  return tracks !== null && sound === 'off' ? { ...tracks, audio: null } : tracks;
}

/** A camera that a cloud leases URLs for. */
export type CloudCamera = Camera & { readonly source: CloudSource };

/** A camera with an address of its own, which needs no lease. */
export type UrlCamera = Camera & { readonly source: UrlSource };

export function isCloudCamera(camera: Camera): camera is CloudCamera {
  return camera.source.kind === 'cloud';
}

export function isUrlCamera(camera: Camera): camera is UrlCamera {
  return camera.source.kind === 'url';
}

/** For the end of a `switch` over `source.kind`: with a kind that the switch does not name, it does not compile. */
export function neverKind(source: never): never {
  throw new Error(`No kind of source: ${(source as CameraSource).kind}`);
}
