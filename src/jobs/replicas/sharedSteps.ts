import { z } from 'zod';
import { FAILURE_CLASSES, messageOf } from '../../core/errors.js';
import { LEASE_STEPS, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { StoredRecord } from '../../store/recordTable.js';
import type { JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';

/** The most steps that are shared at once. Older ones are in the stored history only; other replicas do not publish them. */
const MOST_STEPS = 200;
/** Other replicas read every 2 s: older steps were read, and are no news for a replica that starts now. */
const NEWS_FOR_MS = 60_000;
/** Records of processes that are gone are dropped after this time; it is long because the replicas' clocks may differ. */
const KEPT_MS = 86_400_000;
const DROP_EVERY_MS = 3_600_000;

const stepsBody = z.object({
  /** Identifies one run of the process; `last` starts at 0 with each. */
  run: z.string(),
  /** The number of the run's last step; steps are numbered one by one. */
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
  readonly records: Pick<JobsDeps['records'], 'list' | 'putMany' | 'dropBefore'>;
  /** Called with the steps of other processes, in the order in which each process made them. */
  readonly publish: (events: readonly LeaseEvent[]) => void;
};

/**
 * The latest steps of each process, in a record that it alone writes and all others read. Steps are distinguished by the
 * number that their process gave them, so that no clocks are compared.
 */
export class SharedSteps {
  readonly #deps: SharedStepsDeps;
  #run: string | null = null;
  #last = 0;
  #latest: { readonly event: LeaseEvent; readonly sharedAtMs: number }[] = [];
  /** The last step that was read of each process; null: nothing was read yet. */
  #seen: Map<string, Pick<StepsBody, 'run' | 'last'>> | null = null;
  #droppedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SharedStepsDeps) {
    this.#deps = deps;
  }

  /** Writes our own steps for the other replicas. Never rejects: the next write makes up for one that failed. */
  async share(events: readonly LeaseEvent[]): Promise<void> {
    const { clock, owner, ownership, records, log, newId } = this.#deps;
    if (events.length === 0 || ownership.isShared?.() !== true) return;
    this.#run ??= newId();
    const sharedAtMs = clock.monotonicMs();
    this.#last += events.length;
    this.#latest = [...this.#latest, ...events.map((event) => ({ event, sharedAtMs }))]
      .filter(({ sharedAtMs: atMs }) => sharedAtMs - atMs < NEWS_FOR_MS)
      .slice(-MOST_STEPS);
    const body = { run: this.#run, last: this.#last, steps: this.#latest.map(({ event }) => stepOf(event)) };
    try {
      await records.putMany([{ kind: 'lease-steps', id: owner, group: '', at: clock.now(), body }]);
    } catch (thrown) {
      log.debug(`Steps of leases could not be shared with other replicas: ${messageOf(thrown)}`);
    }
  }

  /** Calls `publish` with the steps that other replicas shared since the last call; the first call only remembers them. Never rejects. */
  async poll(): Promise<void> {
    const { clock, owner, log, publish } = this.#deps;
    try {
      const records = await this.#deps.records.list('lease-steps');
      const isFirst = this.#seen === null;
      this.#seen ??= new Map();
      for (const record of records) {
        const body = record.id === owner ? null : bodyOf(record);
        if (!body) continue;
        const news = newsIn(body, this.#seen.get(record.id));
        this.#seen.set(record.id, { run: body.run, last: body.last });
        if (!isFirst && news.length > 0) publish(news);
      }
      if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
      this.#droppedAtMs = clock.monotonicMs();
      await this.#deps.records.dropBefore('lease-steps', new Date(clock.now().getTime() - KEPT_MS));
    } catch (thrown) {
      log.debug(`Steps of other replicas could not be read: ${messageOf(thrown)}`);
    }
  }
}

/** All steps of a run that was not read before are new. */
function newsIn({ run, last, steps }: StepsBody, seen: Pick<StepsBody, 'run' | 'last'> | undefined): LeaseEvent[] {
  const count = seen?.run === run ? last - seen.last : steps.length;
  return steps.slice(Math.max(0, steps.length - count)).flatMap(({ fault, ...stored }) => {
    // Another version of camlease may know steps that this one does not.
    const step = LEASE_STEPS.find((known) => known === stored.step);
    return step ? [{ ...stored, step, ...(fault && { fault }) }] : [];
  });
}

function bodyOf({ body }: StoredRecord): StepsBody | null {
  const read = stepsBody.safeParse(body);
  return read.success ? read.data : null;
}

function stepOf({ id, at, cameraId, step, revision, reason, message, fault }: LeaseEvent): object {
  return { id, at: at.toISOString(), cameraId, step, revision, reason, message, ...(fault && { fault }) };
}
