import type { ReaderReport } from '../../core/streams/readerFrames.js';
import type { SoundFormat } from '../../core/streams/secondSound.js';
import type { Av } from '../av.js';
import { SoundTranscoder } from '../transcode/soundTranscoder.js';
import { PictureTranscode } from './pictureTranscode.js';

/** One of sound costs some ms of CPU in a second. */
const MOST_SOUNDS = 32;

export interface TranscodesDeps {
  readonly av: Av;
  readonly send: (report: ReaderReport, bytes?: Buffer) => void;
}

/** The transcodes of one reader child. One that cannot be made ends with `codec`, one too many with `too-many`. */
export class Transcodes {
  readonly #deps: TranscodesDeps;
  readonly #sounds = new Map<number, SoundTranscoder>();
  readonly #pictures = new Map<number, PictureTranscode>();

  constructor(deps: TranscodesDeps) {
    this.#deps = deps;
  }

  /** `config`: the AudioSpecificConfig of AAC; empty for other codecs. */
  beginSound(id: number, from: SoundFormat, config: Buffer, to: SoundFormat): void {
    if (this.#sounds.size >= MOST_SOUNDS) {
      this.#end(id, 'too-many');
      return;
    }
    try {
      const known = config.length > 0 ? Buffer.from(config) : null;
      this.#sounds.set(id, SoundTranscoder.open(this.#deps.av, from, known, to));
    } catch {
      this.#end(id, 'codec');
    }
  }

  /** How many there may be in all is the relay's to decide, since it has several children. */
  beginPicture(id: number, from: 'h264' | 'h265'): void {
    const { av, send } = this.#deps;
    const transcode = new PictureTranscode(av, from, {
      onMade: ({ timeMs, isKey, data }) => send({ kind: 'made', id, timeMs, isKey }, data),
      onFault: () => {
        this.#pictures.delete(id);
        this.#end(id, 'codec');
      },
    });
    this.#pictures.set(id, transcode);
  }

  give(id: number, timeMs: number, isKey: boolean, data: Buffer): void {
    this.#pictures.get(id)?.give(timeMs, isKey, data);
    const sound = this.#sounds.get(id);
    if (sound === undefined) return;
    try {
      for (const made of sound.push(timeMs, data))
        this.#deps.send({ kind: 'made', id, timeMs: made.timeMs, isKey: true }, made.data);
    } catch {
      this.stop(id);
      this.#end(id, 'codec');
    }
  }

  stop(id: number): void {
    this.#sounds.get(id)?.close();
    this.#sounds.delete(id);
    this.#pictures.get(id)?.stop();
    this.#pictures.delete(id);
  }

  #end(id: number, why: 'codec' | 'too-many'): void {
    this.#deps.send({ kind: 'end', id, why, code: 'TRANSCODE' });
  }
}
