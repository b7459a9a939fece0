import type { TrackFormat } from '../rtpReading/trackFormat.js';
import type { DescribedMedia } from './sessionDescription.js';

export interface ChosenTrack {
  readonly format: TrackFormat;
  readonly control: string | null;
}

export interface TrackChoice {
  /** A picture first, then a sound; each at most once. */
  readonly tracks: readonly ChosenTrack[];
  /** Medias of which nothing can be used while there is no other of their kind. */
  readonly leftOut: readonly { readonly track: 'picture' | 'sound'; readonly codec: string }[];
}

/** The first picture and the first sound of a description that `isCarried`. */
export function chooseTracks(
  medias: readonly DescribedMedia[],
  isCarried: (format: TrackFormat) => boolean,
): TrackChoice {
  const tracks: ChosenTrack[] = [];
  const leftOut: TrackChoice['leftOut'][number][] = [];
  for (const kind of ['video', 'audio'] as const) {
    const offered = medias
      .filter(({ media, isToCamera }) => media === kind && !isToCamera)
      .flatMap(({ formats, control }) => formats.map((format) => ({ format, control })));
    const chosen = offered.find(({ format }) => isCarried(format));
    if (chosen) tracks.push(chosen);
    else if (offered[0])
      leftOut.push({ track: kind === 'video' ? 'picture' : 'sound', codec: nameOf(offered[0].format) });
  }
  return { tracks, leftOut };
}

/** A name that is safe to log. */
function nameOf({ encoding, payloadType }: TrackFormat): string {
  return /^[A-Z0-9._-]{1,20}$/.test(encoding) ? encoding : `payload type ${payloadType}`;
}
