import { z } from 'zod';
import { FAILURE_CLASSES, messageOf } from '../../core/errors.js';
import { LEASE_STEPS, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { StoredRecord } from '../../store/recordTable.js';
import type { JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';

/** Between two looks of the others; what is more than these is in the history, and is not told live. */
const MOST_STEPS = 200;
/** Others look every 2 s: what is older was seen, and is no news for one who comes now. */
const NEWS_FOR_MS = 60_000;
/** Records of processes that are gone; clocks disagree by less. */
const KEPT_MS = 86_400_000;
const DROP_EVERY_MS = 3_600_000;

const stepsBody = z.object({
  /** Of one life of the process: another one counts anew. */
  run: z.string(),
  /** The number of the last step; each has one more than the one before. */
  last: z.number(),
  steps: z.array(
    z.object({
      id: z.string(),
      at: z.iso.datetime().transform((text) => new Date(text)),
      cameraId: z.string(),
      step: z.string(),
      revision: z.number().nullable(),
      reason: z.string(),
      message: z.string(),
      fault: z
        .object({ code: z.string(), failureClass: z.enum(FAILURE_CLASSES), message: z.string(), cure: z.string() })
        .optional()
        .catch(undefined),
    }),
  ),
});
type StepsBody = z.infer<typeof stepsBody>;

export type SharedStepsDeps = Pick<JobsDeps, 'clock' | 'log' | 'owner' | 'newId'> & {
  readonly ownership: Ownership;
  readonly store: { readonly records: Pick<JobsDeps['store']['records'], 'list' | 'putMany' | 'dropBefore'> };
  /** Hears of the steps of other processes, in the order in which each of them made them. */
  readonly tell: (events: readonly LeaseEvent[]) => void;
};

/**
 * The latest steps of each process, in a record that it alone writes and all others read. Steps are told apart by their maker's
 * running number, so no clocks are compared.
 */
export class SharedSteps {
  readonly #deps: SharedStepsDeps;
  #run: string | null = null;
  #last = 0;
  #latest: { readonly event: LeaseEvent; readonly sharedAtMs: number }[] = [];
  /** By process, how far its steps were told; null: nobody was asked yet. */
  #seen: Map<string, Pick<StepsBody, 'run' | 'last'>> | null = null;
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SharedStepsDeps) {
    this.#deps = deps;
  }

  /** Writes our own, where others read. Never rejects: a write that fails is made up for by the next one. */
  async share(events: readonly LeaseEvent[]): Promise<void> {
    const { clock, owner, ownership, store, log, newId } = this.#deps;
    if (events.length === 0 || ownership.isShared?.() !== true) return;
    this.#run ??= newId();
    const sharedAtMs = clock.monotonicMs();
    this.#last += events.length;
    this.#latest = [...this.#latest, ...events.map((event) => ({ event, sharedAtMs }))]
      .filter(({ sharedAtMs: atMs }) => sharedAtMs - atMs < NEWS_FOR_MS)
      .slice(-MOST_STEPS);
    const body = { run: this.#run, last: this.#last, steps: this.#latest.map(({ event }) => stepOf(event)) };
    try {
      await store.records.putMany([{ kind: 'lease-steps', id: owner, group: '', at: clock.now(), body }]);
    } catch (thrown) {
      log.debug(`Steps of leases could not be shared: ${messageOf(thrown)}`);
    }
  }

  /** Tells what others made since the last look; the first one only remembers. Never rejects. */
  async look(): Promise<void> {
    const { clock, owner, store, log, tell } = this.#deps;
    try {
      const records = await store.records.list('lease-steps');
      const isFirst = this.#seen === null;
      this.#seen ??= new Map();
      for (const record of records) {
        const body = record.id === owner ? null : bodyOf(record);
        if (!body) continue;
        const news = newsIn(body, this.#seen.get(record.id));
        this.#seen.set(record.id, { run: body.run, last: body.last });
        if (!isFirst && news.length > 0) tell(news);
      }
      if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
      this.#droppedAtMs = clock.monotonicMs();
      await store.records.dropBefore('lease-steps', new Date(clock.now().getTime() - KEPT_MS));
    } catch (thrown) {
      log.debug(`Steps of other replicas could not be read: ${messageOf(thrown)}`);
    }
  }
}

/** A process that was not seen before has just begun to tell: all is new. */
function newsIn({ run, last, steps }: StepsBody, seen: Pick<StepsBody, 'run' | 'last'> | undefined): LeaseEvent[] {
  const count = seen?.run === run ? last - seen.last : steps.length;
  return steps.slice(Math.max(0, steps.length - count)).flatMap(({ fault, ...told }) => {
    // Another version of camlease may know steps that this one does not.
    const step = LEASE_STEPS.find((known) => known === told.step);
    return step ? [{ ...told, step, ...(fault && { fault }) }] : [];
  });
}

function bodyOf({ body }: StoredRecord): StepsBody | null {
  const read = stepsBody.safeParse(body);
  return read.success ? read.data : null;
}

function stepOf({ id, at, cameraId, step, revision, reason, message, fault }: LeaseEvent): object {
  return { id, at: at.toISOString(), cameraId, step, revision, reason, message, ...(fault && { fault }) };
}
