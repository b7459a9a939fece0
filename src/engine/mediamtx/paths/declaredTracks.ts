import { basename } from 'node:path';
import type { AudioTrack, StreamTracks } from '../../../core/camera/tracks.js';
import type { DeclaredTrack } from './pathConfig.js';

/** What MediaMTX v1.20 accepts in `alwaysAvailableTracks` (its source, `conf/always_available_track.go`). */
const VIDEO = new Set(['AV1', 'VP9', 'H265', 'H264']);
const LOWEST_AAC_HZ = 22_050;
const LOWEST_G711_HZ = 8_000;

/** The tracks as MediaMTX declares them without a slate; null: MediaMTX cannot declare them. */
export function declaredTracks({ video, audio }: StreamTracks): readonly DeclaredTrack[] | null {
  if (!VIDEO.has(video.codec)) return null;
  if (audio === null) return [{ codec: video.codec }];
  const sound = declaredSound(audio);
  return sound && [{ codec: video.codec }, sound];
}

function declaredSound({ codec, sampleRate, channels }: AudioTrack): DeclaredTrack | null {
  const shape = { sampleRate, channelCount: channels };
  if (codec === 'Opus') return { codec: 'Opus' };
  if (codec === 'AAC') return sampleRate < LOWEST_AAC_HZ ? null : { codec: 'MPEG4Audio', ...shape };
  if (codec !== 'PCMA' && codec !== 'PCMU') return null;
  return sampleRate < LOWEST_G711_HZ ? null : { codec: 'G711', ...shape, muLaw: codec === 'PCMU' };
}

/** True when camlease can make an MP4 with these tracks that MediaMTX plays as a slate. */
export function fitsSlate({ video, audio }: StreamTracks): boolean {
  return video.codec === 'H264' && (audio === null || audio.codec === 'AAC' || audio.codec === 'Opus');
}

/**
 * Names the tracks that a publisher must bring, in a form fit for a file's name: `h264`, `h264-aac-16000-1`. Streams with the same
 * key can replace each other (`sameTracks`).
 */
export function tracksKey({ video, audio }: StreamTracks): string {
  const parts = audio === null ? [video.codec] : [video.codec, audio.codec, audio.sampleRate, audio.channels];
  return parts.join('-').toLowerCase();
}

/** The name of a slate's file: `<cameraId>.<tracksKey>.mp4`. */
export const SLATE_FILE = /^(.+)\.([a-z0-9-]+)\.mp4$/;

/** The `tracksKey` in a slate's file name; null: camlease did not make this file. */
export function keyOfSlate(file: string): string | null {
  return SLATE_FILE.exec(basename(file))?.[2] ?? null;
}

/** The sound in a slate's `tracksKey`; null: it has no sound, or is not a slate's key. */
export function soundOfKey(key: string): AudioTrack | null {
  const [, codec, sampleRate, channels] = /^h264-(aac|opus)-(\d+)-(\d+)$/.exec(key) ?? [];
  if (codec === undefined) return null;
  return { codec: codec === 'aac' ? 'AAC' : 'Opus', sampleRate: Number(sampleRate), channels: Number(channels) };
}
