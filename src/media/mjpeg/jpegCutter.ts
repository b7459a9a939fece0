import { SourceFault } from '../dialing/sourceFault.js';

export interface Jpeg {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** A picture of a camera is far smaller; the limits bound what a server can make this process hold and decode. */
export const MOST_JPEG_BYTES = 16 * 1_024 * 1_024;
const MOST_PIXELS = 7_680 * 4_320;
/** So many bytes without a picture among them are no pictures. Sound that some cameras send between pictures is far less. */
const MOST_BETWEEN_BYTES = 1_024 * 1_024;
const FIRST_CAPACITY = 256 * 1_024;

const START = Buffer.from([0xff, 0xd8, 0xff]);
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Start-of-frame markers hold the size; these three of their range are others. */
const [FIRST_SOF, LAST_SOF] = [0xc0, 0xcf];
const NO_SOF: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);
const SOF_BYTES = 9;

/**
 * Cuts JPEG pictures out of a stream of bytes by their own markers (ITU-T T.81, B.1.1). Boundaries, headers and lengths of a multipart body are passed over,
 * because cameras get them wrong in every way. A picture that is cut off is left out, and the next one is found.
 */
export class JpegCutter {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;
  /** Where the picture begins; null: between two pictures. */
  #begin: number | null = null;
  /** Where to go on reading. */
  #at = 0;
  /** In the coded data of a picture, where markers may be anywhere. */
  #isInData = false;
  #size = { width: 0, height: 0 };
  #betweenBytes = 0;

  /** Returns the pictures that are complete now. Throws `SourceFault` where there are none, or larger ones than any camera's. */
  take(chunk: Buffer): Jpeg[] {
    this.#append(chunk);
    const found: Jpeg[] = [];
    while (this.#step(found));
    if (this.#begin !== null && this.#length - this.#begin > MOST_JPEG_BYTES)
      throw new SourceFault('not-a-stream', 'TOO_LONG');
    if (found.length > 0) this.#betweenBytes = 0;
    else if (this.#begin === null) this.#betweenBytes += chunk.length;
    if (this.#betweenBytes > MOST_BETWEEN_BYTES) throw new SourceFault('not-a-stream', 'NO_JPEG');
    return found;
  }

  #append(chunk: Buffer): void {
    const keepFrom = this.#begin ?? this.#at;
    const kept = this.#length - keepFrom;
    if (kept + chunk.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, kept + chunk.length));
      this.#bytes.copy(larger, 0, keepFrom, this.#length);
      this.#bytes = larger;
    } else if (keepFrom > 0) this.#bytes.copyWithin(0, keepFrom, this.#length);
    chunk.copy(this.#bytes, kept);
    this.#length = kept + chunk.length;
    this.#at -= keepFrom;
    if (this.#begin !== null) this.#begin = 0;
  }

  /** Goes on by one marker. False: more bytes are needed. */
  #step(found: Jpeg[]): boolean {
    if (this.#begin === null) return this.#search();
    if (this.#isInData) return this.#passData();
    return this.#marker(found, this.#begin);
  }

  #search(): boolean {
    const index = this.#bytes.subarray(0, this.#length).indexOf(START, this.#at);
    this.#at = index === -1 ? Math.max(this.#at, this.#length - START.length + 1) : index;
    if (index === -1) return false;
    this.#start(index);
    return true;
  }

  #start(at: number): void {
    this.#begin = at;
    this.#at = at + 2;
    this.#isInData = false;
    this.#size = { width: 0, height: 0 };
  }

  #passData(): boolean {
    const index = this.#bytes.subarray(0, this.#length).indexOf(0xff, this.#at);
    this.#at = index === -1 ? this.#length : index;
    if (index === -1 || index + 1 >= this.#length) return false;
    const next = this.#bytes[index + 1] ?? 0;
    if (next === 0 || isRestart(next)) this.#at = index + 2;
    else if (next === 0xff) this.#at = index + 1;
    else this.#isInData = false;
    return true;
  }

  #marker(found: Jpeg[], begin: number): boolean {
    const at = this.#at;
    if (at + 2 > this.#length) return false;
    const marker = this.#bytes[at + 1] ?? 0;
    if (this.#bytes[at] !== 0xff) this.#begin = null;
    else if (marker === 0xff) this.#at = at + 1;
    // The picture before was cut off.
    else if (marker === SOI) this.#start(at);
    else if (marker === EOI) this.#end(found, begin);
    else if (marker <= 1 || isRestart(marker)) this.#at = at + 2;
    else return this.#segment(marker);
    return true;
  }

  #end(found: Jpeg[], begin: number): void {
    this.#at += 2;
    this.#begin = null;
    const { width, height } = this.#size;
    if (width * height > MOST_PIXELS) throw new SourceFault('codec', 'TOO_LARGE');
    if (width > 0 && height > 0)
      found.push({ data: Buffer.from(this.#bytes.subarray(begin, this.#at)), width, height });
  }

  #segment(marker: number): boolean {
    const at = this.#at;
    if (at + 4 > this.#length) return false;
    const end = at + 2 + this.#bytes.readUInt16BE(at + 2);
    if (end > this.#length) return false;
    const isFrame = marker >= FIRST_SOF && marker <= LAST_SOF && !NO_SOF.has(marker);
    if (isFrame && end >= at + SOF_BYTES)
      this.#size = { height: this.#bytes.readUInt16BE(at + 5), width: this.#bytes.readUInt16BE(at + 7) };
    this.#at = end;
    this.#isInData = marker === SOS;
    return true;
  }
}

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}
