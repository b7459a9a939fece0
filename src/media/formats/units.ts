import type { AudioTrack } from '../../core/camera/tracks.js';

/** Ticks per second of all timestamps between source and output: RTP's rate for video, and a multiple of 1000, so exact for ms. */
export const TICKS_PER_SECOND = 90_000;

export interface VideoConfig {
  /** AVCDecoderConfigurationRecord (ISO 14496-15): profile, SPS and PPS. */
  readonly avcC: Buffer;
  readonly width: number;
  readonly height: number;
}

export interface AudioConfig {
  /** AudioSpecificConfig (ISO 14496-3). */
  readonly asc: Buffer;
  readonly sampleRate: number;
  readonly channels: number;
}

/** One coded H.264 picture. */
export interface VideoUnit {
  readonly kind: 'video';
  readonly config: VideoConfig;
  /** Decoding time in ticks; goes up within one source. */
  readonly dts: number;
  /** Presentation time in ticks. */
  readonly pts: number;
  readonly keyFrame: boolean;
  /** NAL units, each with its length of 4 bytes in front. */
  readonly data: Buffer;
}

/** One AAC frame (1024 samples). */
export interface AudioUnit {
  readonly kind: 'audio';
  readonly config: AudioConfig;
  readonly dts: number;
  readonly data: Buffer;
}

/** Reports a sound track of the source, once for each, also one that we cannot carry. */
export interface SoundNote {
  readonly kind: 'sound';
  readonly audio: AudioTrack;
}

export type MediaUnit = VideoUnit | AudioUnit;
