interface Loop {
  readonly framesPerSecond: number;
  /** Length of a group: from one key frame to the next, encoded in one step. */
  readonly groupSeconds: number;
  readonly loopSeconds: number;
  /** Returns the filter graph that draws the loop, beginning at this second. */
  readonly graph: (startSecond: number) => string;
}

export interface PictureSpec extends Loop {
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  /** B-frames between two others (H.264 alone); absent: none. */
  readonly bFrames?: number;
}

export interface SoundSpec extends Loop {
  readonly codec: 'aac';
}

export type ClipSpec = PictureSpec | SoundSpec;

/** How much of a picture is encoded at first; most plays are proofs, which are shorter. */
const FIRST_SECONDS = 6;
/** When a play comes this close to the end of what is encoded, all the rest is encoded. */
const AHEAD_SECONDS = 3;

/** Groups of a clip to encode: the first group and how many; they may go over the end of the loop. */
export interface Piece {
  readonly from: number;
  readonly groups: number;
}

/** One loop in memory, encoded as far as plays have needed it. Frames are bodies of FLV tags, ready to be sent. */
export class Clip<Spec extends ClipSpec = ClipSpec> {
  readonly spec: Spec;
  /** Frames from one key frame to the next. */
  readonly framesPerGroup: number;
  /** Settles when playing may begin; rejects with a plain sentence when the clip cannot be made. */
  readonly ready: Promise<void>;
  readonly #frames: (Buffer | undefined)[];
  readonly #isAsked: boolean[];
  readonly #ask: (piece: Piece) => void;
  #header: Buffer | null = null;
  #settle: { resolve: () => void; reject: (reason: Error) => void };

  /** `ask`: requests that a piece be encoded. */
  constructor(spec: Spec, ask: (piece: Piece) => void) {
    this.spec = spec;
    this.framesPerGroup = spec.framesPerSecond * spec.groupSeconds;
    const groups = spec.loopSeconds / spec.groupSeconds;
    this.#isAsked = new Array<boolean>(groups).fill(false);
    this.#frames = new Array<undefined>(groups * this.framesPerGroup);
    this.#ask = ask;
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => undefined); // plays get the rejection themselves
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /** The FLV tag body that opens the stream. */
  get header(): Buffer | null {
    return this.#header;
  }

  /** Requests the piece of a second of the endless loop, which is about to be played, unless it was requested before. */
  need(atSecond: number): void {
    const { spec } = this;
    const groups = this.#isAsked.length;
    const from = Math.floor((atSecond % spec.loopSeconds) / spec.groupSeconds);
    const isPlayedOn = this.#isAsked[(from - 1 + groups) % groups] === true;
    // Sound is cheap to encode, so all of it is one piece: the start of each piece can be heard.
    const isWhole = isPlayedOn || spec.codec === 'aac';
    const most = isWhole ? groups : Math.max(1, Math.floor(FIRST_SECONDS / spec.groupSeconds));
    let length = 0;
    for (; length < most && this.#isAsked[(from + length) % groups] === false; length++)
      this.#isAsked[(from + length) % groups] = true;
    if (length > 0) this.#ask({ from, groups: length });
  }

  /** The frame with this number in the endless loop; undefined: not encoded yet. */
  frame(number: number): Buffer | undefined {
    const second = number / this.spec.framesPerSecond;
    this.need(second);
    this.need(second + AHEAD_SECONDS);
    return this.#frames[number % this.#frames.length];
  }

  addHeader(body: Buffer): void {
    this.#header = body;
  }

  /** Adds a group's frames, their bodies one after the other. `group` counts on over the end of the loop. */
  addGroup(group: number, bodies: Buffer, lengths: readonly number[]): void {
    const first = (group % this.#isAsked.length) * this.framesPerGroup;
    let begin = 0;
    for (const [i, length] of lengths.entries()) {
      this.#frames[first + i] = bodies.subarray(begin, begin + length);
      begin += length;
    }
    this.#settle.resolve();
  }

  fail(sentence: string): void {
    this.#settle.reject(new Error(sentence));
  }
}
