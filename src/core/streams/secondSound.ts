import type { AudioTrack } from '../camera/tracks.js';

export const SOUND_CODECS = ['aac', 'opus', 'pcma', 'pcmu'] as const;

/** A format of sound. AAC is of low complexity here. */
export interface SoundFormat {
  readonly codec: (typeof SOUND_CODECS)[number];
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

const OPUS_RATE = 48_000;
/** Enough for G.711, whose sound ends at 4 kHz or 8 kHz; players are known that refuse AAC of 8 kHz. */
const AAC_RATE = 16_000;
const MOST_CHANNELS = 2;

/** A protocol by which the media server carries a sound's codec. */
export type SoundWay = 'hls' | 'webrtc';

/**
 * The second sound of a stream, for the protocol that does not carry the first one; null: both carry it. Low-latency HLS carries AAC and Opus, WebRTC
 * Opus and G.711 (MediaMTX v1.20).
 */
export function secondSound({ codec, channels }: SoundFormat): SoundFormat | null {
  const most = Math.min(MOST_CHANNELS, channels);
  switch (codec) {
    case 'aac':
      return { codec: 'opus', sampleRate: OPUS_RATE, channels: most };
    case 'pcma':
    case 'pcmu':
      return { codec: 'aac', sampleRate: AAC_RATE, channels: most };
    case 'opus':
      return null;
  }
}

const WAY_OF_SECOND: Readonly<Record<string, SoundWay>> = { AAC: 'webrtc', PCMA: 'hls', PCMU: 'hls' };

/** The protocol by which players hear this track only in its second codec; null: none, or the sound has no second codec. */
export function wayOfSecondSound(track: AudioTrack | null): SoundWay | null {
  return track === null ? null : (WAY_OF_SECOND[track.codec] ?? null);
}
