import {
  AUDIO_TRACK,
  VIDEO_TRACK,
  aacEntry,
  box,
  fullBox,
  movieHeader,
  opusEntry,
  trackBox,
  u16,
  u32,
  videoEntry,
  type TrackBoxes,
} from '../formats/mp4Boxes.js';
import type { SilentFrame } from '../formats/silence.js';
import { TICKS_PER_SECOND } from '../formats/units.js';
import type { SlateClip } from './slateClip.js';

interface Samples {
  readonly track: Pick<TrackBoxes, 'id' | 'timescale' | 'entry' | 'size'>;
  readonly frames: readonly Buffer[];
  readonly frameDuration: number;
}

/**
 * A slate as a plain MP4 (ISO 14496-12), in the form that MediaMTX v1.20.1 reads for `alwaysAvailableFile`: the samples in one
 * chunk for each track (MediaMTX refuses a fragmented file), an edit list before the media, sizes and times before the chunk offsets,
 * no empty sample.
 */
export function slateFile(clip: SlateClip, silence: SilentFrame | null): Buffer {
  const video = { id: VIDEO_TRACK, timescale: TICKS_PER_SECOND, entry: videoEntry(clip.config), size: clip.config };
  const frameDuration = Math.round(TICKS_PER_SECOND / clip.framesPerSecond);
  const tracks: Samples[] = [{ track: video, frames: clip.frames, frameDuration }];
  if (silence) tracks.push(soundTrack(silence, (clip.frames.length * frameDuration) / TICKS_PER_SECOND));

  const head = box('ftyp', Buffer.from('isom'), u32(512), Buffer.from('isomiso2avc1mp41'));
  // The chunk offsets depend on the length of the `moov` box that contains them, which is the same for any offsets.
  const dataAt = head.length + movie(tracks, 0).length + 8;
  return Buffer.concat([head, movie(tracks, dataAt), box('mdat', ...tracks.flatMap(({ frames }) => frames))]);
}

/** The sound of a slate. MediaMTX repeats each track by itself, so the sound only has to be about as long as the picture. */
function soundTrack(silence: SilentFrame, seconds: number): Samples {
  const { sampleRate, samplesPerFrame, frame } = silence;
  const entry = silence.codec === 'AAC' ? aacEntry(silence) : opusEntry(silence);
  const count = Math.max(1, Math.round((seconds * sampleRate) / samplesPerFrame));
  return {
    track: { id: AUDIO_TRACK, timescale: sampleRate, entry, size: null },
    frames: Array.from({ length: count }, () => frame),
    frameDuration: samplesPerFrame,
  };
}

function movie(tracks: readonly Samples[], dataAt: number): Buffer {
  let chunkAt = dataAt;
  const boxes = tracks.map((samples) => {
    const found = track(samples, chunkAt);
    chunkAt += samples.frames.reduce((sum, { length }) => sum + length, 0);
    return found;
  });
  return box('moov', movieHeader(Math.max(...tracks.map(durationMs))), ...boxes);
}

function track(samples: Samples, chunkAt: number): Buffer {
  const { frames, frameDuration } = samples;
  const edit = fullBox('elst', 0, 0, u32(1, durationMs(samples), 0), u16(1, 0));
  const tables = [
    fullBox('stts', 0, 0, u32(1, frames.length, frameDuration)),
    // Every sound frame is a key frame, so only the video track needs a table of key frames.
    ...(samples.track.size ? [fullBox('stss', 0, 0, u32(1, 1))] : []),
    fullBox('stsc', 0, 0, u32(1, 1, frames.length, 1)),
    fullBox('stsz', 0, 0, u32(0, frames.length, ...frames.map(({ length }) => length))),
    fullBox('stco', 0, 0, u32(1, chunkAt)),
  ];
  const duration = frames.length * frameDuration;
  return trackBox({ ...samples.track, durationMs: durationMs(samples), duration, edits: box('edts', edit), tables });
}

function durationMs({ track: { timescale }, frames, frameDuration }: Samples): number {
  return Math.round((frames.length * frameDuration * 1000) / timescale);
}
