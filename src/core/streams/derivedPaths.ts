import type { CameraId } from '../camera/camera.js';

/**
 * Streams that the relay makes of a camera's stream: `sound` with its second sound, `h264` with its pictures as H.264, `h264-sound` with both. Their
 * names are internal paths of the media server, which viewers may read.
 */
export const DERIVED_KINDS = ['sound', 'h264', 'h264-sound'] as const;
export type DerivedKind = (typeof DERIVED_KINDS)[number];

const PREFIXES: Readonly<Record<DerivedKind, string>> = {
  sound: '_sound/',
  h264: '_h264/',
  'h264-sound': '_sound/_h264/',
};
/** The longest prefix first, since one begins with another. */
const BY_LENGTH = [...DERIVED_KINDS].sort((a, b) => PREFIXES[b].length - PREFIXES[a].length);

export function derivedPath(kind: DerivedKind, cameraId: CameraId): string {
  return PREFIXES[kind] + cameraId;
}

/** Whose stream a path is made of; null: it is no derived path. */
export function readDerivedPath(path: string): { readonly kind: DerivedKind; readonly cameraId: CameraId } | null {
  const kind = BY_LENGTH.find((one) => path.startsWith(PREFIXES[one]));
  return kind === undefined ? null : { kind, cameraId: path.slice(PREFIXES[kind].length) };
}
