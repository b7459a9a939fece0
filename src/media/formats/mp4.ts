import {
  AUDIO_TRACK,
  VIDEO_TRACK,
  aacEntry,
  box,
  fullBox,
  movieHeader,
  trackBox,
  u32,
  u64,
  videoEntry,
  type TrackBoxes,
} from './mp4Boxes.js';
import { TICKS_PER_SECOND, type AudioConfig, type VideoConfig } from './units.js';

/** Fragmented MP4 (ISO 14496-12) for HLS: an init part, and media parts that each hold some seconds of unchanged coded units. */

const KEY_FRAME_FLAGS = 0x02000000;
const DELTA_FRAME_FLAGS = 0x01010000;

/** The init part, which a player needs before the first media part. */
export function initPart(video: VideoConfig, audio: AudioConfig | null): Buffer {
  const tracks = [VIDEO_TRACK, ...(audio ? [AUDIO_TRACK] : [])];
  const picture = { id: VIDEO_TRACK, timescale: TICKS_PER_SECOND, entry: videoEntry(video), size: video };
  return Buffer.concat([
    box('ftyp', Buffer.from('iso5'), u32(512), Buffer.from('iso5iso6mp41avc1')),
    box(
      'moov',
      movieHeader(0),
      withoutSamples(picture),
      ...(audio
        ? [withoutSamples({ id: AUDIO_TRACK, timescale: audio.sampleRate, entry: aacEntry(audio), size: null })]
        : []),
      box('mvex', ...tracks.map((track) => fullBox('trex', 0, 0, u32(track, 1, 0, 0, 0)))),
    ),
  ]);
}

function withoutSamples(track: Pick<TrackBoxes, 'id' | 'timescale' | 'entry' | 'size'>): Buffer {
  const tables = [
    ...['stts', 'stsc', 'stco'].map((type) => fullBox(type, 0, 0, u32(0))),
    fullBox('stsz', 0, 0, u32(0, 0)),
  ];
  return trackBox({ ...track, durationMs: 0, duration: 0, edits: Buffer.alloc(0), tables });
}

export interface Mp4Sample {
  readonly data: Buffer;
  /** In the track's timescale. */
  readonly duration: number;
  /** Presentation minus decoding time, in the track's timescale. */
  readonly shownAfter: number;
  readonly keyFrame: boolean;
}

export interface Run {
  readonly track: number;
  /** Decoding time of the first sample, in the track's timescale. */
  readonly startsAt: number;
  readonly samples: readonly Mp4Sample[];
}

/** One media part with the samples of each track, which are copied. `sequence` must rise from part to part. */
export function mediaPart(sequence: number, runs: readonly Run[]): Buffer {
  // The data offsets depend on the length of the `moof` box that contains them, which is the same for any offsets.
  const length = moof(sequence, runs, 0).length;
  const data = runs.flatMap((run) => run.samples.map((sample) => sample.data));
  return Buffer.concat([moof(sequence, runs, length + 8), box('mdat', ...data)]);
}

function moof(sequence: number, runs: readonly Run[], dataAt: number): Buffer {
  let offset = dataAt;
  const trafs = runs.map((run) => {
    const rows = run.samples.map(({ data, duration, shownAfter, keyFrame }) =>
      u32(duration, data.length, keyFrame ? KEY_FRAME_FLAGS : DELTA_FRAME_FLAGS, shownAfter),
    );
    const traf = box(
      'traf',
      fullBox('tfhd', 0, 0x20000, u32(run.track)),
      fullBox('tfdt', 1, 0, u64(run.startsAt)),
      fullBox('trun', 1, 0xf01, u32(run.samples.length, offset), ...rows),
    );
    offset += run.samples.reduce((sum, sample) => sum + sample.data.length, 0);
    return traf;
  });
  return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs);
}
