import { z } from 'zod';
import { READ_PICTURES, type ReaderOrder, type ReaderReport } from '../../core/streams/readerFrames.js';
import { SOUND_CODECS } from '../../core/streams/secondSound.js';
import { orAborted } from '../../core/async/orAborted.js';
import { messageOf } from '../../core/errors.js';
import { readSource, type SourceDeps } from './readSource.js';
import type { ReadUnit } from './readUnit.js';
import { SourceFault } from '../dialing/sourceFault.js';
import { Transcodes } from './transcodes.js';

const id = z.number().int();
const soundFormat = z.object({
  codec: z.enum(SOUND_CODECS),
  sampleRate: z.number().int().min(1_000).max(192_000),
  channels: z.number().int().min(1).max(8),
});
const orderSchema: z.ZodType<ReaderOrder> = z.discriminatedUnion('op', [
  z.object({ op: z.literal('open'), id, url: z.string() }),
  z.object({ op: z.literal('make-sound'), id, from: soundFormat, to: soundFormat }),
  z.object({ op: z.literal('make-picture'), id, from: z.enum(READ_PICTURES) }),
  z.object({ op: z.literal('give'), id, timeMs: z.number(), isKey: z.boolean() }),
  z.object({ op: z.literal('transcode'), id }),
  z.object({ op: z.literal('stop'), id }),
]);

export interface ReaderWorkOptions extends SourceDeps {
  readonly send: (report: ReaderReport, bytes?: Buffer) => void;
}

/** The work of one reader child: several pulls and transcodes beside each other. */
export class ReaderWork {
  readonly #options: ReaderWorkOptions;
  readonly #pulls = new Map<number, AbortController>();
  readonly #transcodes: Transcodes;
  /** Pulls that wait for a place among the relay's transcodes. */
  readonly #waiting = new Map<number, () => void>();

  constructor(options: ReaderWorkOptions) {
    this.#options = options;
    this.#transcodes = new Transcodes({ av: options.av, send: options.send });
  }

  /** `bytes`: what stands behind the head, valid for as long as it is referred to. */
  take(head: unknown, bytes: Buffer): void {
    const parsed = orderSchema.safeParse(head);
    if (!parsed.success) return;
    const order = parsed.data;
    switch (order.op) {
      case 'open':
        void this.#pull(order.id, order.url);
        return;
      case 'make-sound':
        this.#transcodes.beginSound(order.id, order.from, bytes, order.to);
        return;
      case 'make-picture':
        this.#transcodes.beginPicture(order.id, order.from);
        return;
      case 'give':
        this.#transcodes.give(order.id, order.timeMs, order.isKey, bytes);
        return;
      case 'transcode':
        this.#waiting.get(order.id)?.();
        return;
      case 'stop':
        this.#pulls.get(order.id)?.abort();
        this.#transcodes.stop(order.id);
    }
  }

  async #pull(pullId: number, url: string): Promise<void> {
    const { send } = this.#options;
    const abort = new AbortController();
    this.#pulls.set(pullId, abort);
    const out = {
      onUnit: (unit: ReadUnit) => this.#report(pullId, unit),
      onBytes: (count: number) => send({ kind: 'bytes', id: pullId, count }),
      mayTranscode: () => this.#place(pullId, abort.signal),
    };
    try {
      await readSource(this.#options, url, out, abort.signal);
    } catch (thrown) {
      if (!abort.signal.aborted) send({ kind: 'end', id: pullId, ...endOf(thrown) });
    } finally {
      this.#pulls.delete(pullId);
    }
  }

  async #place(pullId: number, signal: AbortSignal): Promise<void> {
    const given = new Promise<void>((resolve) => this.#waiting.set(pullId, resolve));
    this.#options.send({ kind: 'transcode', id: pullId });
    try {
      await orAborted(given, signal);
    } finally {
      this.#waiting.delete(pullId);
    }
  }

  #report(pullId: number, unit: ReadUnit): void {
    const { send } = this.#options;
    switch (unit.kind) {
      case 'picture-track':
        send({ kind: unit.kind, id: pullId, codec: unit.codec }, unit.config);
        return;
      case 'picture': {
        const { timeMs: decodeMs, offsetMs, isAnnexB } = unit;
        send({ kind: unit.kind, id: pullId, decodeMs, offsetMs, isAnnexB }, unit.data);
        return;
      }
      case 'sound-track': {
        const { codec, sampleRate, channels } = unit;
        send({ kind: unit.kind, id: pullId, codec, sampleRate, channels }, unit.config);
        return;
      }
      case 'sound':
        send({ kind: unit.kind, id: pullId, timeMs: unit.timeMs }, unit.data);
        return;
      case 'left-out':
        send({ kind: unit.kind, id: pullId, track: unit.track, codec: unit.codec });
    }
  }
}

function endOf(thrown: unknown): Pick<Extract<ReaderReport, { kind: 'end' }>, 'why' | 'code'> {
  if (thrown instanceof SourceFault) return { why: thrown.why, code: thrown.code };
  // The sentence may hold an address; that there was one is enough to look for it.
  return { why: 'protocol', code: messageOf(thrown) === '' ? null : 'READER' };
}
