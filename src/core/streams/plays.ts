import type { AudioTrack, StreamTracks } from '../camera/tracks.js';

/** What serves HLS: MediaMTX by its `hlsVariant`, or the engine inside camlease. */
export const HLS_KINDS = ['mpegts', 'fmp4', 'lowLatency', 'built-in'] as const;
export type HlsKind = (typeof HLS_KINDS)[number];

export interface Play {
  /** Whether pictures come by this protocol; null: the camera's codecs are not known yet. */
  readonly works: boolean | null;
  /** Why it does not work, or what to know although it does (no sound, a browser that has to decode H.265); null: nothing. */
  readonly why: string | null;
}

/** How a camera plays by each protocol. */
export interface Plays {
  readonly hls: Play;
  readonly webrtc: Play;
}

export interface Serving {
  /** null: the media server has not said yet. */
  readonly hls: HlsKind | null;
  /** Protocols that the media server does not serve. */
  readonly off: readonly ('hls' | 'webrtc')[];
  /** The protocol whose address leads to the camera's second sound, so that its first one does not matter there; null: none. */
  readonly secondSound: 'hls' | 'webrtc' | null;
}

const WELL: Play = { works: true, why: null };
const UNKNOWN: Play = {
  works: null,
  why: "The camera's codecs are known once its picture has come for the first time.",
};
const IN_BROWSER = 'The camera sends H.265, which plays only where the browser can decode it.';

/**
 * Which protocols bring the camera's pictures and sound, and why not. `tracks` null: they are not known; audio null: it has none, or none is
 * wanted. What MediaMTX carries: its source, v1.20.1 (gohlslib 2.4; WebRTC takes Opus and G.711).
 */
export function playsBy(tracks: StreamTracks | null, { hls, off, secondSound }: Serving): Plays {
  if (tracks === null) return { hls: unlessOff('hls', off, UNKNOWN), webrtc: unlessOff('webrtc', off, UNKNOWN) };
  const { video, audio } = tracks;
  const isH265 = video.codec === 'H265';
  return {
    hls: unlessOff('hls', off, byHls(isH265, secondSound === 'hls' ? null : audio, hls)),
    webrtc: unlessOff('webrtc', off, byWebrtc(isH265, secondSound === 'webrtc' ? null : audio, hls === 'built-in')),
  };
}

function byHls(isH265: boolean, audio: AudioTrack | null, kind: HlsKind | null): Play {
  if (kind === 'built-in' && isH265)
    return no('The engine inside camlease carries H.264 alone, and the camera sends H.265.');
  if (kind === 'mpegts') {
    const codec = isH265 ? 'H.265' : audio?.codec === 'Opus' ? 'Opus' : null;
    if (codec !== null)
      return no(`MediaMTX's hlsVariant is mpegts, which has no HLS of a camera that sends ${codec}; lowLatency has.`);
  }
  const isHeard = audio === null || audio.codec === 'AAC' || (audio.codec === 'Opus' && kind !== 'built-in');
  return said(isH265, isHeard ? null : `HLS carries no ${nameOf(audio)}, so the camera has no sound there.`);
}

function byWebrtc(isH265: boolean, audio: AudioTrack | null, isBuiltIn: boolean): Play {
  if (isBuiltIn && isH265) return no('The engine inside camlease carries H.264 alone, and the camera sends H.265.');
  if (audio === null) return said(isH265, null);
  if (isBuiltIn) return said(isH265, 'The engine inside camlease sends no sound by WebRTC.');
  const isHeard = audio.codec !== 'AAC';
  return said(isH265, isHeard ? null : `WebRTC carries no ${nameOf(audio)}, so the camera has no sound there.`);
}

function said(isH265: boolean, sound: string | null): Play {
  const why = [isH265 ? IN_BROWSER : null, sound].filter((part) => part !== null).join(' ');
  return why === '' ? WELL : { works: true, why };
}

function no(why: string): Play {
  return { works: false, why };
}

function unlessOff(protocol: 'hls' | 'webrtc', off: Serving['off'], play: Play): Play {
  const name = protocol === 'hls' ? 'HLS' : 'WebRTC';
  return off.includes(protocol) ? no(`MediaMTX serves no ${name}: its file says ${protocol}: no.`) : play;
}

function nameOf({ codec }: AudioTrack): string {
  return codec === 'PCMA' || codec === 'PCMU' ? 'G.711' : codec === 'Opus' ? 'Opus' : codec;
}
