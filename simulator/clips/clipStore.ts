import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '../../src/core/clock.js';
import { childModule } from '../../src/core/childModule.js';
import { Clip, type ClipSpec, type Piece, type PictureSpec } from './clip.js';
import type { EncodeJob, EncoderEvent } from './encoderMessages.js';
import type { PictureFormat } from './pictureEncoder.js';

export interface ClipStoreOptions {
  readonly clock: Clock;
  /** Beyond this number the least recently used clip is dropped; a minute of picture takes about 1.5 MB. */
  readonly maxClips?: number;
  readonly encoderModule?: URL;
}

const IDLE_MS = 10_000;

const UNAVAILABLE =
  'Test pictures need the npm package node-av, which is not installed or does not load on this machine. ' +
  'Install it with `npm ci` without leaving out optional packages; it is prebuilt for Linux, macOS and Windows.';

/** A piece of a clip that is being encoded, and the next group that is expected of it. */
interface Unfinished {
  readonly key: string;
  readonly clip: Clip;
  nextGroup: number;
}

/** Encodes each second of a clip once, shortly before it may be played, in a child process that runs only while it has work. */
export class ClipStore {
  readonly #clock: Clock;
  readonly #maxClips: number;
  readonly #encoderModule: URL;
  /** Ordered by last use, the oldest first. */
  readonly #clips = new Map<string, Clip>();
  /** The pieces that the encoder is working on, by job id. */
  readonly #unfinished = new Map<number, Unfinished>();
  #encoder: ChildProcess | null = null;
  /** All encoder processes, also those that were killed and have not exited yet. */
  readonly #alive = new Set<ChildProcess>();
  #lastJob = 0;
  #isStopped = false;
  #cancelIdle: () => void = () => undefined;

  constructor(options: ClipStoreOptions) {
    this.#clock = options.clock;
    this.#maxClips = options.maxClips ?? 32;
    this.#encoderModule = options.encoderModule ?? childModule('./encoderProcess.js', import.meta.url);
  }

  /** The clip of this key, made when it is not in memory. `atSecond`: where in its loop the play begins. */
  get<Spec extends ClipSpec>(key: string, spec: Spec, atSecond: number): Clip<Spec> {
    // A key always stands for the same spec.
    const known = this.#clips.get(key) as Clip<Spec> | undefined;
    const clip = known ?? this.#make(key, spec);
    clip.need(atSecond);
    this.#clips.delete(key);
    this.#clips.set(key, clip);
    for (const oldest of this.#clips.keys()) {
      if (this.#clips.size <= this.#maxClips) break;
      this.#clips.delete(oldest); // running plays keep their reference
    }
    return clip;
  }

  get size(): number {
    return this.#clips.size;
  }

  /** The encoder's process id while it runs. */
  get encoderPid(): number | undefined {
    return this.#encoder?.pid;
  }

  /** True when every requested piece is encoded or has failed. */
  get isIdle(): boolean {
    return this.#unfinished.size === 0;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const exits = [...this.#alive].map((encoder) => once(encoder, 'exit'));
    this.#retire();
    this.#failAll('The simulator is being stopped.');
    await Promise.all(exits);
  }

  #make<Spec extends ClipSpec>(key: string, spec: Spec): Clip<Spec> {
    const clip: Clip<Spec> = new Clip(spec, (piece) => this.#encode(key, clip, piece));
    return clip;
  }

  #encode(key: string, clip: Clip, { from, groups }: Piece): void {
    if (this.#isStopped) return;
    const { spec, framesPerGroup } = clip;
    const id = ++this.#lastJob;
    this.#unfinished.set(id, { key, clip, nextGroup: from });
    const part = { id, graph: spec.graph(from * spec.groupSeconds), framesPerGroup, groups };
    const job: EncodeJob = spec.codec === 'aac' ? { ...part, codec: spec.codec } : { ...part, ...pictureFormat(spec) };
    this.#cancelIdle();
    this.#encoder ??= this.#start();
    this.#encoder.send(job, () => undefined); // an error is ignored: the exit of the child is handled below
  }

  #start(): ChildProcess {
    const encoder = fork(this.#encoderModule, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    encoder.on('message', (event) => this.#onEvent(event as EncoderEvent)); // sent by our own child
    this.#alive.add(encoder);
    const onGone = (): void => {
      this.#alive.delete(encoder);
      if (this.#encoder !== encoder) return;
      this.#encoder = null;
      this.#failAll('The process that encodes test pictures ended. Play again to start another one.');
    };
    encoder.on('error', onGone);
    encoder.on('exit', onGone);
    return encoder;
  }

  #onEvent(event: EncoderEvent): void {
    if (event.type === 'unavailable') {
      this.#failAll(UNAVAILABLE);
      this.#retire();
      return;
    }
    const job = this.#unfinished.get(event.id);
    if (event.type === 'header') job?.clip.addHeader(event.body);
    if (event.type === 'group') job?.clip.addGroup(job.nextGroup++, event.bodies, event.lengths);
    if (event.type === 'failed') this.#fail(event.id, `A test picture could not be encoded: ${event.message}.`);
    if (event.type === 'done') this.#unfinished.delete(event.id);
    if (this.#unfinished.size === 0) this.#endWhenIdle();
  }

  #failAll(sentence: string): void {
    for (const id of this.#unfinished.keys()) this.#fail(id, sentence);
  }

  #fail(id: number, sentence: string): void {
    const job = this.#unfinished.get(id);
    if (!job) return;
    this.#unfinished.delete(id);
    if (this.#clips.get(job.key) === job.clip) this.#clips.delete(job.key); // the next play tries again
    job.clip.fail(sentence);
  }

  #endWhenIdle(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => this.#retire());
  }

  /** Ends the encoder; the next job starts another one. */
  #retire(): void {
    this.#cancelIdle();
    this.#encoder?.kill('SIGKILL');
    this.#encoder = null;
  }
}

/** The fields of a spec that can be sent to the encoder; `graph` is a function and cannot. */
function pictureFormat({
  codec,
  width,
  height,
  framesPerSecond,
  bFrames = 0,
}: PictureSpec): Omit<PictureFormat, 'framesPerGroup'> {
  return { codec, width, height, framesPerSecond, bFrames };
}
