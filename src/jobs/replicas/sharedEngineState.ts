import { z } from 'zod';
import { messageOf } from '../../core/errors.js';
import { byReason, NOTHING_REFUSED, type EngineKnowledge, type EngineRefusals } from '../handover/engineRefusals.js';
import type { MediaLoop } from '../handover/mediaLoop.js';
import type { JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';

/** A standby replica's knowledge is at most this old. */
const READ_EVERY_MS = 10_000;

const stateBody = z.object({
  problem: z.string().nullable(),
  refused: z.array(
    z.object({ code: z.string(), message: z.string(), cure: z.string(), cameraIds: z.array(z.string()) }),
  ),
});

export type SharedEngineStateDeps = Pick<JobsDeps, 'clock' | 'log' | 'owner'> & {
  readonly engine: Pick<JobsDeps['engine'], 'marker' | 'status'>;
  readonly ownership: Ownership;
  readonly records: Pick<JobsDeps['records'], 'get' | 'putMany'>;
  readonly loop: Pick<MediaLoop, 'status'>;
  readonly refusals: Pick<EngineRefusals, 'refused'>;
};

/**
 * What a media server refuses, and what is wrong with it, in a record that its owner writes. The media server reports to
 * its owner alone; the other replicas read the record, so that their API answers the same.
 */
export class SharedEngineState {
  readonly #deps: SharedEngineStateDeps;
  #ownersReport: EngineKnowledge = NOTHING_REFUSED;
  #written: string | null = null;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: SharedEngineStateDeps) {
    this.#deps = deps;
  }

  /** What the media server's owner knows, whichever replica is asked. */
  known(): EngineKnowledge {
    const { engine, ownership } = this.#deps;
    if (ownership.engine()) return this.#own();
    // A standby replica's own view counts too: the owner may belong to another installation, and the record may be out of
    // date.
    return { ...this.#ownersReport, problem: this.#ownersReport.problem ?? engine.status().problem };
  }

  /** What our own engine reports about itself and about the streams it was told to serve. */
  #own(): EngineKnowledge {
    const { engine, loop, refusals } = this.#deps;
    return { refused: refusals.refused, problem: loop.status().problem ?? engine.status().problem };
  }

  /**
   * A standby replica reads the owner's record every 10 s; the owner writes its record when what it knows has changed. Never
   * rejects: while the store is away, a later call does it.
   */
  async poll(): Promise<void> {
    const { clock, engine, log, ownership } = this.#deps;
    try {
      const isOurs = ownership.engine();
      const text = isOurs ? JSON.stringify(bodyOf(this.#own())) : null;
      if (text !== null ? text === this.#written : clock.monotonicMs() - this.#readAtMs < READ_EVERY_MS) return;
      const marker = (await engine.marker?.()) ?? null;
      if (marker === null || ownership.engine() !== isOurs) return;
      if (text === null) await this.#read(marker.name);
      else await this.#write(marker.name, text);
    } catch (thrown) {
      log.debug(`The state of the media server could not be shared with other replicas: ${messageOf(thrown)}`);
    }
  }

  async #read(name: string): Promise<void> {
    const { clock, records } = this.#deps;
    this.#written = null;
    this.#readAtMs = clock.monotonicMs();
    const report = stateBody.safeParse((await records.get('engine-state', name))?.body);
    this.#ownersReport = report.success ? knowledgeOf(report.data) : NOTHING_REFUSED;
  }

  async #write(name: string, text: string): Promise<void> {
    const { clock, owner, records } = this.#deps;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    const body = JSON.parse(text) as unknown;
    await records.putMany([{ kind: 'engine-state', id: name, group: owner, at: clock.now(), body }]);
    this.#written = text;
  }
}

function bodyOf({ problem, refused }: EngineKnowledge): z.infer<typeof stateBody> {
  const reasons = [...byReason(refused)].map(([{ code, message, cure }, cameraIds]) => ({
    ...{ code, message, cure },
    cameraIds: [...cameraIds],
  }));
  return { problem, refused: reasons };
}

function knowledgeOf({ problem, refused }: z.infer<typeof stateBody>): EngineKnowledge {
  const each = refused.flatMap(({ cameraIds, ...refusal }) => cameraIds.map((id) => [id, refusal] as const));
  return { problem, refused: new Map(each) };
}
