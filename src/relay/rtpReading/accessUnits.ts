import type { PictureCodec } from '../units/nalUnits.js';
import { nalReader, type NalReader } from './nalParts.js';
import { PictureMemory } from './pictureMemory.js';
import type { RtpPacket } from './rtpPacket.js';

export interface AccessUnit {
  /** 32 bits: the time at which the picture is shown. */
  readonly timestamp: number;
  /** When the first packet of its first slice arrived, monotonic ms. */
  readonly arrivedMs: number;
  /** Without start codes; valid until the receiver returns. */
  readonly units: readonly Buffer[];
}

export interface AccessUnitsOptions {
  readonly codec: PictureCodec;
  /** H.265's packets carry decoding order numbers. */
  readonly hasOrder: boolean;
  readonly onUnit: (unit: AccessUnit) => void;
  /** A picture was left out, since a part of it is missing or not readable. `units`: those that came whole before that part. */
  readonly onBroken: (units: readonly Buffer[]) => void;
}

/**
 * - `first`: the first slice of a picture. `slice`: a further one.
 * - `before`: stands in front of a picture: parameter sets, delimiter, SEI. `after`: belongs to the picture before it.
 */
type NalKind = 'first' | 'slice' | 'before' | 'after';

/** Marked pictures in a row after which the marker is believed to end a picture. */
const MARKS_BELIEVED = 2;

/**
 * Puts pictures together from packets in order. Where a picture ends is decided by the slices, delimiters and time stamps: cameras set the
 * marker on no packet, on every packet, or on every NAL unit. A marker that has proven to be right ends the picture at once, which saves the
 * time until the next one.
 */
export class AccessUnits {
  readonly #options: AccessUnitsOptions;
  readonly #read: NalReader;
  readonly #memory = new PictureMemory();
  #timestamp = 0;
  #arrivedMs = 0;
  #hasSlice = false;
  /** The latest NAL unit is not at its end. */
  #isOpen = false;
  /** The latest NAL unit is a slice. */
  #isSlice = false;
  /** A part of the present picture is missing. */
  #isBroken = false;
  /** How many slices of the present picture ended with a marker, and whether the latest NAL unit did. */
  #marks = 0;
  #isMarked = false;
  /** A NAL unit of the present picture ended without a marker. */
  #hasUnmarked = false;
  /** Pictures in a row that had one marker, at their end; null: the marker is not believed any more. */
  #goodMarks: number | null = 0;

  constructor(options: AccessUnitsOptions) {
    this.#options = options;
    this.#read = nalReader(options.codec, options.hasOrder);
  }

  /** Packets are missing in front of the next one: what was begun is not used, unless its marker says that it was whole. */
  lose(): void {
    const isWhole = this.#isMarked && !this.#isOpen && this.#goodMarks !== null;
    if (isWhole) this.#finish();
    this.#options.onBroken(this.#memory.units);
    this.#clear();
    this.#isBroken = true;
  }

  take(packet: RtpPacket, arrivedMs: number): void {
    // An empty payload, as some senders send it to keep a connection open, says nothing.
    if (packet.payload.length === 0) return;
    const parts = this.#read(packet.payload);
    if (parts === null) {
      this.#break();
      return;
    }
    const last = parts.at(-1);
    for (const part of parts) {
      const isMarked = packet.isMarked && part === last;
      if (part.head === null) this.#continue(part.body);
      else this.#begin(part.head, part.body, packet.timestamp, arrivedMs);
      if (part.isEnd) this.#end(isMarked);
      // A marker in the middle of a NAL unit: it is set on every packet.
      else if (isMarked) this.#goodMarks = null;
    }
  }

  #begin(head: Buffer, body: Buffer, timestamp: number, arrivedMs: number): void {
    const kind = kindOf(this.#options.codec, head, body);
    // The end of the unit before this one was not sent.
    if (this.#isOpen) this.#break();
    if (this.#beginsPicture(kind, timestamp)) this.#finish();
    // A slice of a picture that its marker has ended: the marker was wrong, and that picture lacks this slice.
    if (kind === 'slice' && !this.#hasSlice && !this.#isBroken) {
      this.#goodMarks = null;
      this.#break();
    }
    if (!this.#hasSlice) {
      // Parameter sets may have a time stamp of their own: the first slice decides.
      this.#timestamp = timestamp;
      this.#arrivedMs = arrivedMs;
    }
    this.#isOpen = true;
    this.#isSlice = kind === 'first' || kind === 'slice';
    this.#hasSlice ||= this.#isSlice;
    this.#append(head);
    this.#append(body);
  }

  #continue(body: Buffer): void {
    // Without its beginning, the rest of a unit is of no use.
    if (this.#isOpen) this.#append(body);
    else this.#break();
  }

  #append(bytes: Buffer): void {
    if (!this.#isBroken && !this.#memory.append(bytes)) this.#break();
  }

  #beginsPicture(kind: NalKind, timestamp: number): boolean {
    if (kind === 'slice' || kind === 'after') return false;
    if (!this.#hasSlice) return this.#isBroken;
    if (kind === 'before') return true;
    // With one time stamp and no marker between them, two first slices are the two fields of one frame.
    return timestamp !== this.#timestamp || this.#isMarked;
  }

  #end(isMarked: boolean): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (!this.#isBroken && !this.#memory.close()) this.#break();
    this.#isMarked = isMarked;
    const hadUnmarked = this.#hasUnmarked;
    this.#hasUnmarked ||= !isMarked;
    if (!isMarked || !this.#isSlice) return;
    this.#marks += 1;
    if (this.#goodMarks !== null && hadUnmarked) this.#goodMarks = MARKS_BELIEVED;
    if (this.#goodMarks !== null && this.#goodMarks >= MARKS_BELIEVED) this.#finish();
  }

  /** Nothing of the present picture is used any more. */
  #break(): void {
    this.#isOpen = false;
    if (!this.#isBroken) this.#options.onBroken(this.#memory.units);
    this.#memory.clear();
    this.#isBroken = true;
  }

  /** Hands the picture on, if it is whole. */
  #finish(): void {
    if (this.#marks > 1) this.#goodMarks = null;
    else if (this.#goodMarks !== null) this.#goodMarks = this.#marks === 1 && this.#isMarked ? this.#goodMarks + 1 : 0;
    if (this.#hasSlice && !this.#isBroken)
      this.#options.onUnit({ timestamp: this.#timestamp, arrivedMs: this.#arrivedMs, units: this.#memory.units });
    this.#clear();
  }

  #clear(): void {
    this.#memory.clear();
    this.#isOpen = false;
    this.#hasSlice = false;
    this.#isBroken = false;
    this.#marks = 0;
    this.#isMarked = false;
    this.#hasUnmarked = false;
  }
}

function kindOf(codec: PictureCodec, head: Buffer, body: Buffer): NalKind {
  return codec === 'h264' ? avcKind(head, body) : hevcKind(head, body);
}

/** H.264, 7.4.1.2.3: what begins an access unit. Partitions B and C (3, 4) and an auxiliary picture (19) belong to the slices before them. */
function avcKind(head: Buffer, body: Buffer): NalKind {
  const type = (head[0] ?? 0) & 0x1f;
  // `first_mb_in_slice` 0 is one bit, a 1.
  if (type === 1 || type === 2 || type === 5) return (body[0] ?? 0) & 0x80 ? 'first' : 'slice';
  if (type === 3 || type === 4) return 'slice';
  return (type >= 6 && type <= 9) || (type >= 14 && type <= 18) ? 'before' : 'after';
}

/** H.265, 7.4.2.4.4. */
function hevcKind(head: Buffer, body: Buffer): NalKind {
  const type = ((head[0] ?? 0) >> 1) & 0x3f;
  // `first_slice_segment_in_pic_flag`.
  if (type < 32) return (body[0] ?? 0) & 0x80 ? 'first' : 'slice';
  return (type >= 32 && type <= 35) || type === 39 || (type >= 41 && type <= 44) || (type >= 48 && type <= 55)
    ? 'before'
    : 'after';
}
