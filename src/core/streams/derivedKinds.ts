import type { DerivedKind } from './derivedPaths.js';
import { wayOfSecondSound, type SoundWay } from './secondSound.js';
import { isSilent, type DesiredStream } from './streams.js';

type Stream = Pick<DesiredStream, 'inForce' | 'relaying'>;

/** The protocol for which a stream has a second sound; null: none, or its tracks are not known yet. */
export function secondSoundWay(stream: Stream): SoundWay | null {
  return isSilent(stream) ? null : wayOfSecondSound(stream.inForce?.tracks?.audio ?? null);
}

/** The derived streams that a stream needs by its proven tracks. */
export function derivedKinds(stream: Stream): readonly DerivedKind[] {
  return secondSoundWay(stream) === null ? [] : ['sound'];
}
