import type { Clock } from '../../core/clock.js';
import { Feed } from './feed.js';
import { Pictures, type PicturePart } from './pictures.js';
import type { Reader } from './reader.js';

/** Sound kept while it is not known yet whether and where it belongs: a second and more of it. */
const SOUNDS_KEPT = 64;

export interface LineListener {
  /** A part of a picture. The first one of each connection is the beginning of a key frame. */
  picture(line: Line, part: PicturePart, reader: Reader, isFirst: boolean): void;
  /** There is sound to be taken from `sounds`. */
  sound(line: Line, reader: Reader): void;
  /** Asked at the key frame that is to be the first. */
  mayBegin(line: Line, reader: Reader): boolean;
}

/** One revision of a camera's source: held back up to its first key frame, then handed on packet by packet. */
export class Line {
  readonly from: string;
  readonly revision: number;
  readonly feed: Feed;
  /** Sound that was not placed yet, oldest first. */
  readonly sounds: Buffer[] = [];
  readonly #listener: LineListener;
  #reader: Reader | null = null;
  #pictures = new Pictures();
  #hasBegun = false;

  constructor(clock: Clock, from: string, revision: number, listener: LineListener) {
    this.from = from;
    this.revision = revision;
    this.#listener = listener;
    this.feed = new Feed(clock, from, { packet: (track, frame, reader) => this.#packet(track, frame, reader) });
  }

  #packet(track: number, frame: Buffer, reader: Reader): void {
    if (reader !== this.#reader) this.#restart(reader);
    if (track === 1) {
      this.sounds.push(frame);
      if (this.sounds.length > SOUNDS_KEPT) this.sounds.shift();
      if (this.#hasBegun) this.#listener.sound(this, reader);
      return;
    }
    const part = this.#pictures.push(frame);
    if (!part) return;
    const isFirst = !this.#hasBegun;
    if (isFirst && !(part.begins && part.kind === 'key' && this.#listener.mayBegin(this, reader))) return;
    this.#hasBegun = true;
    this.#listener.picture(this, part, reader, isFirst);
  }

  #restart(reader: Reader): void {
    this.#reader = reader;
    this.#pictures = new Pictures();
    this.#hasBegun = false;
    this.sounds.length = 0;
  }
}
