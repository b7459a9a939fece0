import { spawn, type ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Clock } from '../../core/clock.js';
import {
  FrameCutter,
  frameOf,
  READ_PICTURES,
  READ_SOUNDS,
  READER_ENDS,
  type ReaderOrder,
  type ReaderReport,
} from '../../core/streams/readerFrames.js';

const id = z.number().int();
const time = z.number();
const reportSchema: z.ZodType<ReaderReport> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), problem: z.string().nullable() }),
  z.object({ kind: z.literal('transcode'), id }),
  z.object({ kind: z.literal('bytes'), id, count: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('picture-track'), id, codec: z.enum(READ_PICTURES) }),
  z.object({ kind: z.literal('picture'), id, decodeMs: time, offsetMs: time, isAnnexB: z.boolean() }),
  z.object({
    kind: z.literal('sound-track'),
    id,
    codec: z.enum(READ_SOUNDS),
    sampleRate: z.number().int(),
    channels: z.number().int(),
  }),
  z.object({ kind: z.literal('sound'), id, timeMs: time }),
  z.object({ kind: z.literal('left-out'), id, track: z.enum(['picture', 'sound']), codec: z.string().max(60) }),
  z.object({ kind: z.literal('made'), id, timeMs: time, isKey: z.boolean() }),
  z.object({ kind: z.literal('end'), id, why: z.enum(READER_ENDS), code: z.string().max(60).nullable() }),
]);

/** `missing`: this machine has no node-av. `lost`: the child ended, and is started again for the next pull. */
export type ReaderTrouble = 'missing' | 'lost';

export interface ReaderPull {
  readonly onReport: (report: ReaderReport, bytes: Buffer) => void;
  /** Called once; nothing follows, and never before `open` has returned. */
  readonly onTrouble: (trouble: ReaderTrouble) => void;
}

export interface OpenPull {
  stop(): void;
  transcode(): void;
}

export interface ReaderLinkOptions {
  /** The compiled `readerChild.ts`. */
  readonly module: URL;
  readonly clock: Clock;
  /** What the child gets of the environment; it reads what strangers send, so it holds no secrets. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What a reader child gets of a worker's environment: it reads what strangers send, so it gets nothing secret. `networks`: as `SOURCE_NETWORKS`
 * names them.
 */
export function readerEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  networks: string,
): Record<string, string> {
  const certificates = env['NODE_EXTRA_CA_CERTS'];
  return {
    SOURCE_NETWORKS: networks,
    ...(certificates !== undefined && { NODE_EXTRA_CA_CERTS: certificates }),
  };
}

const PIPE = 3;
/** How much the child may leave unread of what it is given. */
const MOST_UNREAD_BYTES = 64 * 1_024 * 1_024;
/** A child without pulls is ended after this time: it holds some 90 MB. */
const IDLE_MS = 30_000;
/** A child that ended sooner after its start is not started again for as long. */
const SHORT_LIFE_MS = 5_000;
/** For as long a machine without node-av is not asked again. */
const MISSING_MS = 60_000;

interface Child {
  readonly process: ChildProcess;
  readonly pipe: Duplex;
  readonly startedMs: number;
}

/** A transcode in the reader child; what it makes comes as reports of kind `made`. */
export interface ReaderTranscode {
  /** False: the child is being started, and what it is given waits. */
  readonly isReady: boolean;
  /** Hands over one piece of sound, or one access unit with start codes. */
  give(timeMs: number, isKey: boolean, data: Buffer): void;
  stop(): void;
}

type Making =
  Omit<Extract<ReaderOrder, { op: 'make-sound' }>, 'id'> | Omit<Extract<ReaderOrder, { op: 'make-picture' }>, 'id'>;

/** One reader child for all pulls and transcodes of a worker, started when the first begins. */
export class ReaderLink {
  readonly #options: ReaderLinkOptions;
  readonly #pulls = new Map<number, ReaderPull>();
  #child: Child | null = null;
  #isReady = false;
  #lastId = 0;
  #notBeforeMs = -Infinity;
  #missingUntilMs = -Infinity;
  #cancelIdle: () => void = () => undefined;

  constructor(options: ReaderLinkOptions) {
    this.#options = options;
  }

  /** The process of the reader child; null: none runs. */
  get pid(): number | null {
    return this.#child?.process.pid ?? null;
  }

  /** Begins a pull. `stop` ends it, and nothing is called afterwards; `transcode` lets one go on that reported `transcode`. */
  open(url: string, pull: ReaderPull): OpenPull {
    const { id, stop } = this.#begin((begun) => this.#say({ op: 'open', id: begun, url }), pull);
    return { stop, transcode: () => id !== null && this.#say({ op: 'transcode', id }) };
  }

  /** Begins a transcode. `config`: the AudioSpecificConfig of AAC. `stop` ends it, and nothing is called afterwards. */
  transcode(making: Making, config: Buffer | null, pull: ReaderPull): ReaderTranscode {
    const { id, stop } = this.#begin((begun) => this.#say({ ...making, id: begun }, config ?? undefined), pull);
    const give = (timeMs: number, isKey: boolean, data: Buffer): void => {
      if (id !== null && this.#pulls.has(id)) this.#say({ op: 'give', id, timeMs, isKey }, data);
    };
    const isReady = (): boolean => this.#isReady;
    return {
      give,
      stop,
      get isReady() {
        return isReady();
      },
    };
  }

  #begin(say: (id: number) => void, pull: ReaderPull): { readonly id: number | null; readonly stop: () => void } {
    const { clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const trouble =
      nowMs < this.#missingUntilMs ? 'missing' : this.#child === null && nowMs < this.#notBeforeMs ? 'lost' : null;
    if (trouble !== null) return { id: null, stop: clock.after(0, () => pull.onTrouble(trouble)) };
    this.#cancelIdle();
    this.#lastId += 1;
    const pullId = this.#lastId;
    this.#pulls.set(pullId, pull);
    this.#start();
    say(pullId);
    return {
      id: pullId,
      stop: () => {
        if (!this.#pulls.delete(pullId)) return;
        this.#say({ op: 'stop', id: pullId });
        this.#rest();
      },
    };
  }

  /** Ends the child; its pulls are told nothing. */
  stop(): void {
    this.#cancelIdle();
    this.#pulls.clear();
    const child = this.#child;
    this.#child = null;
    child?.process.kill('SIGKILL');
  }

  #start(): void {
    if (this.#child !== null) return;
    const { module, clock, env } = this.#options;
    const started = spawn(process.execPath, [fileURLToPath(module)], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      env: { ...env },
    });
    // Of kind 'pipe', which Node opens for both directions.
    const pipe = started.stdio[PIPE] as Duplex;
    const child = { process: started, pipe, startedMs: clock.monotonicMs() };
    this.#child = child;
    this.#isReady = false;
    const cutter = new FrameCutter();
    const lost = (): void => this.#lost(child);
    pipe.on('data', (chunk: Buffer) => {
      if (this.#child !== child) return;
      try {
        for (const { head, bytes } of cutter.take(chunk)) this.#take(reportSchema.parse(head), bytes);
      } catch {
        lost(); // what it says is no report: FFmpeg's code may have written over its memory
      }
    });
    pipe.on('error', lost);
    pipe.on('close', lost);
    started.on('error', lost);
    started.on('exit', lost);
  }

  #take(report: ReaderReport, bytes: Buffer): void {
    if (report.kind === 'ready') {
      this.#isReady = report.problem === null;
      if (report.problem === null) return;
      this.#missingUntilMs = this.#options.clock.monotonicMs() + MISSING_MS;
      this.#end('missing');
      return;
    }
    const pull = this.#pulls.get(report.id);
    if (pull === undefined) return;
    if (report.kind === 'end') {
      this.#pulls.delete(report.id);
      this.#rest();
    }
    pull.onReport(report, bytes);
  }

  #say(order: ReaderOrder, bytes?: Buffer): void {
    const pipe = this.#child?.pipe;
    pipe?.write(frameOf(order, bytes));
    // A child that takes nothing any more is of no use: its transcodes begin anew in another one.
    if (this.#child !== null && (pipe?.writableLength ?? 0) > MOST_UNREAD_BYTES) this.#lost(this.#child);
  }

  #rest(): void {
    this.#cancelIdle();
    if (this.#pulls.size === 0) this.#cancelIdle = this.#options.clock.after(IDLE_MS, () => this.stop());
  }

  #lost(child: Child): void {
    if (this.#child !== child) return;
    const nowMs = this.#options.clock.monotonicMs();
    if (nowMs - child.startedMs < SHORT_LIFE_MS) this.#notBeforeMs = nowMs + SHORT_LIFE_MS;
    this.#end('lost');
  }

  #end(trouble: ReaderTrouble): void {
    const pulls = [...this.#pulls.values()];
    this.stop();
    for (const pull of pulls) pull.onTrouble(trouble);
  }
}
