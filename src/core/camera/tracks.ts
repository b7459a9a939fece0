/**
 * The picture's track. `codec` is MediaMTX's name for it (`H264`, `H265`, …), whichever engine proved the lease; sizes are
 * in pixels.
 */
export interface VideoTrack {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** The sound's track. `codec` is `AAC`, `PCMA`, `PCMU`, `Opus`, or the name that the engine has for another one. */
export interface AudioTrack {
  readonly codec: string;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** The tracks of a stream, as a proof saw them. */
export interface StreamTracks {
  readonly video: VideoTrack;
  /** null: no sound. */
  readonly audio: AudioTrack | null;
}

/**
 * True when one stream can replace the other without readers having to reconnect: the same codecs and the same sound. The
 * picture's size may differ, because the stream itself carries it.
 */
export function sameTracks(a: StreamTracks, b: StreamTracks): boolean {
  if (a.video.codec !== b.video.codec) return false;
  if (a.audio === null || b.audio === null) return a.audio === b.audio;
  const { codec, sampleRate, channels } = a.audio;
  return codec === b.audio.codec && sampleRate === b.audio.sampleRate && channels === b.audio.channels;
}

/** For a sentence: `H264 640x360 with AAC`, `H264 640x360 without sound`. */
export function describeTracks({ video, audio }: StreamTracks): string {
  return `${video.codec} ${video.width}x${video.height} ${audio === null ? 'without sound' : `with ${audio.codec}`}`;
}
