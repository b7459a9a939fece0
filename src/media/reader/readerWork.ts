import { z } from 'zod';
import type { ReaderOrder, ReaderReport } from '../../core/streams/readerFrames.js';
import { messageOf } from '../../core/errors.js';
import { readSource, type SourceDeps } from './readSource.js';
import type { ReadUnit } from './readUnit.js';
import { SourceFault } from '../dialing/sourceFault.js';

const id = z.number().int();
const orderSchema: z.ZodType<ReaderOrder> = z.discriminatedUnion('op', [
  z.object({ op: z.literal('open'), id, url: z.string() }),
  z.object({ op: z.literal('stop'), id }),
]);

export interface ReaderWorkOptions extends SourceDeps {
  readonly send: (report: ReaderReport, bytes?: Buffer) => void;
}

/** The work of one reader child: several pulls beside each other. */
export class ReaderWork {
  readonly #options: ReaderWorkOptions;
  readonly #pulls = new Map<number, AbortController>();

  constructor(options: ReaderWorkOptions) {
    this.#options = options;
  }

  take(head: unknown): void {
    const order = orderSchema.safeParse(head);
    if (!order.success) return;
    if (order.data.op === 'open') void this.#pull(order.data.id, order.data.url);
    else this.#pulls.get(order.data.id)?.abort();
  }

  async #pull(pullId: number, url: string): Promise<void> {
    const { send } = this.#options;
    const abort = new AbortController();
    this.#pulls.set(pullId, abort);
    const out = {
      onUnit: (unit: ReadUnit) => this.#report(pullId, unit),
      onBytes: (count: number) => send({ kind: 'bytes', id: pullId, count }),
    };
    try {
      await readSource(this.#options, url, out, abort.signal);
    } catch (thrown) {
      if (!abort.signal.aborted) send({ kind: 'end', id: pullId, ...endOf(thrown) });
    } finally {
      this.#pulls.delete(pullId);
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
