import { basename } from 'node:path';
import type { AudioTrack, StreamTracks } from '../../../core/camera/tracks.js';
import type { DeclaredTrack } from './pathConfig.js';

/** What MediaMTX v1.20 takes in `alwaysAvailableTracks` (its source, `conf/always_available_track.go`). */
const VIDEO = new Set(['AV1', 'VP9', 'H265', 'H264']);
const LOWEST_AAC_HZ = 22_050;
const LOWEST_G711_HZ = 8_000;

/** The tracks as MediaMTX declares them without a slate; null: it cannot. */
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

/** True when an MP4 that MediaMTX plays as a slate can hold these tracks, made by us. */
export function fitsSlate({ video, audio }: StreamTracks): boolean {
  return video.codec === 'H264' && (audio === null || audio.codec === 'AAC' || audio.codec === 'Opus');
}

/**
 * Names what a publisher must bring, fit for a file's name: `h264`, `h264-aac-16000-1`. Two streams with one key can take each
 * other's place (`sameTracks`).
 */
export function tracksKey({ video, audio }: StreamTracks): string {
  const parts = audio === null ? [video.codec] : [video.codec, audio.codec, audio.sampleRate, audio.channels];
  return parts.join('-').toLowerCase();
}

/** The name of a slate's file: the camera's, and the key of its tracks. */
export const SLATE_FILE = /^(.+)\.([a-z0-9-]+)\.mp4$/;

/** The tracks' key of a slate's file; null: it is not one of ours. */
export function keyOfSlate(file: string): string | null {
  return SLATE_FILE.exec(basename(file))?.[2] ?? null;
}

/** The sound that a slate's key names; null: none. */
export function soundOfKey(key: string): AudioTrack | null {
  const [, codec, sampleRate, channels] = /^h264-(aac|opus)-(\d+)-(\d+)$/.exec(key) ?? [];
  if (codec === undefined) return null;
  return { codec: codec === 'aac' ? 'AAC' : 'Opus', sampleRate: Number(sampleRate), channels: Number(channels) };
}
