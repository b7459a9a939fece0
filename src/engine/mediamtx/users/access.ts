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
  readonly #logged = new Set<string>();
  #isKnown = false;
  #checking: Promise<void> | null = null;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
  }

  /** Makes the next `check` ask, since MediaMTX was restarted or its file changed. */
  forget(): void {
    this.#isKnown = false;
  }

  /** Reads MediaMTX's settings, unless they are known. Throws the client's errors. */
  async check(): Promise<void> {
    if (this.#isKnown) return;
    this.#checking ??= this.#checkNow().finally(() => (this.#checking = null));
    await this.#checking;
  }

  async #checkNow(): Promise<void> {
    const { ask, lines, facts, log, onOtherLines } = this.#deps;
    const config = await ask();
    this.#isKnown = true;
    if (lines.learn(config.rtspAuthMethods)) onOtherLines();
    for (const { message, cure } of openingsOf({ ...facts, config })) {
      if (this.#logged.has(message)) continue;
      this.#logged.add(message);
      log.warn(message, { cure });
    }
  }
}
