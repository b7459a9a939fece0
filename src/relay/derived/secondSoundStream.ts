import { secondSound } from '../../core/streams/secondSound.js';
import type { ReaderLink } from '../reader/readerLink.js';
import { silenceOf, type SilentPiece } from '../output/silence.js';
import type { StreamFrame } from '../rtsp/served.js';
import { plainAacConfig, type SoundSetup } from '../units/sound.js';
import type { Convert } from './derivedStream.js';

/** A stream with its second sound (see `secondSound`); its pictures go through as they are. */
export function secondSoundOf(reader: Pick<ReaderLink, 'transcode'>): Convert {
  return ({ picture, sound }, { onTracks, onFrame, onEnd }) => {
    const to = sound === null ? null : secondSetup(sound);
    if (sound === null || to === null) return null;
    const { codec, sampleRate, channels, config } = sound;
    const from = { codec, sampleRate, channels };
    const gap = new StartGap(to);
    const transcode = reader.transcode(
      { op: 'make-sound', from, to: { codec: to.codec, sampleRate: to.sampleRate, channels: to.channels } },
      config,
      {
        onReport: (report, data) => {
          if (report.kind === 'end') onEnd();
          else if (report.kind === 'made' && gap.lets(report.timeMs))
            onFrame({ kind: 'sound', timeMs: report.timeMs, data });
        },
        onTrouble: onEnd,
      },
    );
    // Known by rule, so that readers need not wait for the first sound.
    queueMicrotask(() => onTracks({ picture, sound: to }));
    return {
      take: (frame) => {
        if (frame.kind === 'picture') onFrame(frame);
        else if (transcode.isReady) transcode.give(frame.timeMs, true, frame.data);
        else for (const silent of gap.fill(frame.timeMs)) onFrame(silent);
      },
      stop: () => transcode.stop(),
    };
  };
}

/**
 * Silence while the child is being started: players wait for a track that begins later than the other, and sound that comes late is of no use.
 */
class StartGap {
  readonly #piece: SilentPiece | null;
  #endMs: number | null = null;

  constructor(setup: SoundSetup) {
    this.#piece = silenceOf(setup);
  }

  /** Silence up to this time. */
  fill(timeMs: number): StreamFrame[] {
    const frames: StreamFrame[] = [];
    const piece = this.#piece;
    if (piece === null) return frames;
    this.#endMs ??= timeMs;
    for (; this.#endMs + piece.lengthMs <= timeMs; this.#endMs += piece.lengthMs)
      frames.push({ kind: 'sound', timeMs: this.#endMs, data: piece.data });
    return frames;
  }

  /** False: silence was sent for this time. */
  lets(timeMs: number): boolean {
    return this.#endMs === null || this.#piece === null || timeMs >= this.#endMs - this.#piece.lengthMs / 2;
  }
}

function secondSetup(sound: SoundSetup): SoundSetup | null {
  const to = secondSound(sound);
  if (to === null) return null;
  const config = to.codec === 'aac' ? plainAacConfig(to.sampleRate, to.channels) : null;
  return { ...to, config };
}
