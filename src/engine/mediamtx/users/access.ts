import type { EngineLog } from '../../engineLog.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { openingsOf, type OpeningFacts } from './openings.js';
import type { UserLines } from './userLines.js';

export interface AccessDeps {
  readonly ask: () => Promise<GlobalConfigReply>;
  readonly lines: UserLines;
  readonly facts: Omit<OpeningFacts, 'config'>;
  readonly log: EngineLog;
  /** Other lines of ours are right from now on: the file is to be read anew. */
  readonly onOtherLines: () => void;
}

/** Learns from each MediaMTX how it takes logins, before it gets lines of ours, and says once what it lets others do. */
export class Access {
  readonly #deps: AccessDeps;
  readonly #told = new Set<string>();
  #isKnown = false;
  #looking: Promise<void> | null = null;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** MediaMTX was started anew, or reads another file. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Free once it is known. Throws what asking throws. */
  async look(): Promise<void> {
    if (this.#isKnown) return;
    this.#looking ??= this.#look().finally(() => (this.#looking = null));
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { ask, lines, facts, log, onOtherLines } = this.#deps;
    const config = await ask();
    this.#isKnown = true;
    if (lines.learn(config.rtspAuthMethods)) onOtherLines();
    for (const { message, cure } of openingsOf({ ...facts, config })) {
      if (this.#told.has(message)) continue;
      this.#told.add(message);
      log.warn(message, { cure });
    }
  }
}
