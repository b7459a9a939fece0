import type { Pass } from '../../core/passes/pass.js';
import type { StoreDriver } from '../driver.js';
import { decodePass, encodePass } from './passDocument.js';

const KEPT_PASSES = 500;

/** The passes of `CameraStore`: running ones with their progress, and how ended ones ended. */
export class PassDocuments {
  readonly #driver: Pick<StoreDriver, 'passes'>;

  constructor(driver: Pick<StoreDriver, 'passes'>) {
    this.#driver = driver;
  }

  async save(pass: Pass, owner: string): Promise<void> {
    await this.#driver.passes.save(encodePass(pass, owner));
    if (pass.state !== 'running') await this.#driver.passes.keepNewest(KEPT_PASSES);
  }

  /** null: there is none, or it cannot be read. */
  async get(id: string): Promise<Pass | null> {
    const document = await this.#driver.passes.get(id);
    return document && decodePass(document);
  }

  /** Marks passes that this owner left running as failed. Returns how many. */
  async interrupt(owner: string, now: Date): Promise<number> {
    const documents = await this.#driver.passes.running(owner);
    const passes = documents.map(decodePass).filter((pass) => pass !== null);
    const error = {
      code: 'PASS_INTERRUPTED',
      message: 'camlease stopped while this pass ran.',
      cure: 'Start it again.',
    };
    for (const pass of passes) await this.save({ ...pass, state: 'failed', endedAt: now, error }, owner);
    return passes.length;
  }
}
