import type { AudioTrack, StreamTracks } from '../../../core/camera/tracks.js';
import type { PathReply } from './replies.js';

const VIDEO = new Set(['AV1', 'VP9', 'VP8', 'H265', 'H264', 'MPEG-4 Video', 'MPEG-1/2 Video', 'M-JPEG']);
/** Opus always has this rate; MediaMTX does not report it. */
const OPUS_HZ = 48_000;

type SeenTrack = PathReply['tracks2'][number];

/** The tracks of a path in camlease's terms; null: the path is not available yet, or has no picture. */
export function seenTracks({ available, tracks2 }: Pick<PathReply, 'available' | 'tracks2'>): StreamTracks | null {
  const video = available ? tracks2.find(({ codec }) => VIDEO.has(codec)) : undefined;
  if (!video) return null;
  const { width, height } = video.codecProps ?? {};
  const sound = tracks2.find((track) => track !== video);
  return {
    video: { codec: video.codec, width: width ?? 0, height: height ?? 0 },
    audio: sound ? soundTrack(sound) : null,
  };
}

function soundTrack({ codec, codecProps }: SeenTrack): AudioTrack {
  const { sampleRate, channelCount, muLaw } = codecProps ?? {};
  const shape = { sampleRate: sampleRate ?? 0, channels: channelCount ?? 1 };
  if (codec === 'MPEG-4 Audio') return { codec: 'AAC', ...shape };
  if (codec === 'G711') return { codec: muLaw === true ? 'PCMU' : 'PCMA', ...shape };
  if (codec === 'Opus') return { codec, ...shape, sampleRate: OPUS_HZ };
  return { codec, ...shape };
}
