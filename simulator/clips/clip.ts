interface Loop {
  readonly framesPerSecond: number;
  /** What is encoded in one go: from one key frame to the next. */
  readonly groupSeconds: number;
  readonly loopSeconds: number;
  /** The filter graph that makes it, beginning at this second of the loop. */
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

/** What is to be encoded. */
export type ClipSpec = PictureSpec | SoundSpec;

/** So much of a picture is encoded at first: most plays, of proofs, are shorter. */
const FIRST_SECONDS = 6;
/** Who plays so near to the end of that plays on: all the rest is encoded. */
const AHEAD_SECONDS = 3;

/** Groups of a clip that are to be encoded: the first one, and how many, around the end of the loop if need be. */
export interface Piece {
  readonly from: number;
  readonly groups: number;
}

/** One loop in memory, encoded as far as it was played. Frames are bodies of FLV tags, ready to be sent as they are. */
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

  /** `ask`: has a piece encoded. */
  constructor(spec: Spec, ask: (piece: Piece) => void) {
    this.spec = spec;
    this.framesPerGroup = spec.framesPerSecond * spec.groupSeconds;
    const groups = spec.loopSeconds / spec.groupSeconds;
    this.#isAsked = new Array<boolean>(groups).fill(false);
    this.#frames = new Array<undefined>(groups * this.framesPerGroup);
    this.#ask = ask;
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => undefined); // whoever plays hears of it
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /** The FLV tag body that opens the stream. */
  get header(): Buffer | null {
    return this.#header;
  }

  /** This second of the endless loop is about to be played: its piece is asked for, unless it was before. */
  need(atSecond: number): void {
    const { spec } = this;
    const groups = this.#isAsked.length;
    const from = Math.floor((atSecond % spec.loopSeconds) / spec.groupSeconds);
    const isPlayedOn = this.#isAsked[(from - 1 + groups) % groups] === true;
    // Sound costs little, and each beginning is heard.
    const isWhole = isPlayedOn || spec.codec === 'aac';
    const most = isWhole ? groups : Math.max(1, Math.floor(FIRST_SECONDS / spec.groupSeconds));
    let length = 0;
    for (; length < most && this.#isAsked[(from + length) % groups] === false; length++)
      this.#isAsked[(from + length) % groups] = true;
    if (length > 0) this.#ask({ from, groups: length });
  }

  /** The frame at a place of the endless loop; undefined while it is not encoded yet. */
  frame(number: number): Buffer | undefined {
    const second = number / this.spec.framesPerSecond;
    this.need(second);
    this.need(second + AHEAD_SECONDS);
    return this.#frames[number % this.#frames.length];
  }

  addHeader(body: Buffer): void {
    this.#header = body;
  }

  /** A group's frames, counted around the loop: their bodies one after the other. */
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
