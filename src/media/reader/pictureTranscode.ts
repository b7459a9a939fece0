import type { Av } from '../av.js';
import { PictureDecoder } from '../transcode/pictureDecoder.js';
import { H264_TRANSCODE, Transcoder, type TranscodedPicture } from '../transcode/transcoder.js';

export interface PictureTranscodeEvents {
  readonly onMade: (picture: TranscodedPicture) => void;
  /** Called once, when FFmpeg cannot go on; nothing follows. */
  readonly onFault: () => void;
}

/** Pictures that wait while the machine is too slow; with more, all are left out up to the next key frame. */
const MOST_WAITING = 50;

interface Given {
  readonly timeMs: number;
  readonly isKey: boolean;
  readonly data: Buffer;
}

/** Makes H.264 of a stream of pictures, one after the other. */
export class PictureTranscode {
  readonly #av: Av;
  readonly #from: 'h264' | 'h265';
  readonly #events: PictureTranscodeEvents;
  #waiting: Given[] = [];
  /** No decoder can begin before a key frame. */
  #needsKey = true;
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(av: Av, from: 'h264' | 'h265', events: PictureTranscodeEvents) {
    this.#av = av;
    this.#from = from;
    this.#events = events;
    void this.#run();
  }

  /** `data`: one access unit with start codes; a key frame with its parameter sets. */
  give(timeMs: number, isKey: boolean, data: Buffer): void {
    if (this.#isOver || (this.#needsKey && !isKey)) return;
    this.#needsKey = this.#waiting.length >= MOST_WAITING;
    if (this.#needsKey) return;
    this.#waiting.push({ timeMs, isKey, data });
    this.#wake();
  }

  /** Ends it; what FFmpeg works on is finished first, and nothing is called afterwards. */
  stop(): void {
    this.#isOver = true;
    this.#waiting = [];
    this.#wake();
  }

  async #run(): Promise<void> {
    let decoder: PictureDecoder | null = null;
    const transcoder = new Transcoder(this.#av, H264_TRANSCODE);
    try {
      decoder = await PictureDecoder.open(this.#av, this.#from);
      for (let next = await this.#next(); next !== null; next = await this.#next())
        await this.#make(decoder, transcoder, next);
    } catch {
      if (!this.#isOver) this.#events.onFault();
      this.stop();
    } finally {
      decoder?.close();
      transcoder.close();
    }
  }

  /** null: it was stopped. */
  async #next(): Promise<Given | null> {
    for (;;) {
      if (this.#isOver) return null;
      const next = this.#waiting.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #make(decoder: PictureDecoder, transcoder: Transcoder, { timeMs, data }: Given): Promise<void> {
    await decoder.decode(data, timeMs, async ({ picture, timeMs: shownMs }) => {
      if (this.#isOver || !transcoder.takes(shownMs)) return;
      const made = await transcoder.encode(picture, shownMs);
      if (made !== null) this.#tell(made);
    });
  }

  /** It may have been stopped while FFmpeg worked. */
  #tell(made: TranscodedPicture): void {
    if (!this.#isOver) this.#events.onMade(made);
  }
}
