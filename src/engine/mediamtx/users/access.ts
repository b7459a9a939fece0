import type { EngineLog } from '../../engineLog.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { openingsOf, type OpeningFacts } from './openings.js';
import type { UserLines } from './userLines.js';

export interface AccessDeps {
  readonly ask: () => Promise<GlobalConfigReply>;
  readonly lines: UserLines;
  readonly facts: Omit<OpeningFacts, 'config'>;
  readonly log: EngineLog;
  /** Called when our users need other lines from now on, so that the file has to be read again. */
  readonly onOtherLines: () => void;
}

/** Learns from MediaMTX how it accepts logins, before it gets our lines, and logs once what it lets others do. */
export class Access {
  readonly #deps: AccessDeps;
  readonly #told = new Set<string>();
  #isKnown = false;
  #looking: Promise<void> | null = null;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Makes the next `look` ask, since MediaMTX was restarted or its file changed. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Reads MediaMTX's settings, unless they are known. Throws the client's errors. */
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
