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
}

export interface SoundSpec extends Loop {
  readonly codec: 'aac';
}

/** What is to be encoded. */
export type ClipSpec = PictureSpec | SoundSpec;

/** One encoded loop in memory, possibly still growing. Frames are bodies of FLV tags, ready to be sent as they are. */
export class Clip<Spec extends ClipSpec = ClipSpec> {
  readonly spec: Spec;
  /** Frames from one key frame to the next. */
  readonly framesPerGroup: number;
  /** Which group of the loop was encoded first; the others follow it around. */
  readonly firstGroup: number;
  /** Settles when playing may begin; rejects with a plain sentence when the clip cannot be made. */
  readonly ready: Promise<void>;
  readonly #frames: (Buffer | undefined)[];
  readonly #groups: number;
  #received = 0;
  #header: Buffer | null = null;
  #settle: { resolve: () => void; reject: (reason: Error) => void };

  /** `atSecond`: where in the loop the first play begins; that part is encoded first. */
  constructor(spec: Spec, atSecond: number) {
    this.spec = spec;
    this.framesPerGroup = spec.framesPerSecond * spec.groupSeconds;
    this.#groups = spec.loopSeconds / spec.groupSeconds;
    this.firstGroup = Math.floor((atSecond % spec.loopSeconds) / spec.groupSeconds);
    this.#frames = new Array<undefined>(this.#groups * this.framesPerGroup);
    this.#settle = { resolve: () => undefined, reject: () => undefined };
    this.ready = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    this.ready.catch(() => undefined); // whoever plays hears of it
  }

  get groups(): number {
    return this.#groups;
  }

  get frameCount(): number {
    return this.#frames.length;
  }

  /** The FLV tag body that opens the stream. */
  get header(): Buffer | null {
    return this.#header;
  }

  /** The frame at a place of the endless loop; undefined while it is not encoded yet. */
  frame(number: number): Buffer | undefined {
    return this.#frames[number % this.#frames.length];
  }

  addHeader(body: Buffer): void {
    this.#header = body;
  }

  /** The next group in encoding order: its frames' bodies one after the other. */
  addGroup(bodies: Buffer, lengths: readonly number[]): void {
    const group = (this.firstGroup + this.#received) % this.#groups;
    let begin = 0;
    for (const [i, length] of lengths.entries()) {
      this.#frames[group * this.framesPerGroup + i] = bodies.subarray(begin, begin + length);
      begin += length;
    }
    this.#received++;
    this.#settle.resolve();
  }

  fail(sentence: string): void {
    this.#settle.reject(new Error(sentence));
  }
}
