/** `H264`, `H265`, … as MediaMTX names them, whoever looked. */
export interface VideoTrack {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** `codec` is `AAC`, `PCMA`, `PCMU`, `Opus`, or the name that whoever looked has for it. */
export interface AudioTrack {
  readonly codec: string;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** What a stream is made of, as a proof saw it. */
export interface StreamTracks {
  readonly video: VideoTrack;
  /** null: no sound. */
  readonly audio: AudioTrack | null;
}

/**
 * True when one stream can take the other's place without a reader having to begin anew: the same codecs and the same sound. The
 * picture's size may differ: it travels in the stream.
 */
export function sameTracks(a: StreamTracks, b: StreamTracks): boolean {
  if (a.video.codec !== b.video.codec) return false;
  if (a.audio === null || b.audio === null) return a.audio === b.audio;
  const { codec, sampleRate, channels } = a.audio;
  return codec === b.audio.codec && sampleRate === b.audio.sampleRate && channels === b.audio.channels;
}

/** A sentence's part: `H264 640x360 with AAC`, `H264 640x360 without sound`. */
export function describeTracks({ video, audio }: StreamTracks): string {
  return `${video.codec} ${video.width}x${video.height} ${audio === null ? 'without sound' : `with ${audio.codec}`}`;
}
