import { Poller } from '../../core/async/poller.js';
import { AppError } from '../../core/errors.js';
import type { FeedState } from '../../core/feeds/feedState.js';
import { readMasterItems, type MasterList } from '../../core/feeds/masterItems.js';
import { FeedBook, type Feed, type FeedBookDeps, type Reading } from '../../jobs/feeds/feedBook.js';
import type { ListAnswer } from '../../lists/askList.js';
import { readOldConfig, type OldConfig } from './oldConfig.js';
import { MTX_FEED } from './streams.js';

export interface ConfigFeedDeps extends FeedBookDeps {
  /** The text of the file that `COMPAT_MTX_CONFIG` names; asked every 5 s. Rejects with the system's error. */
  readonly readFile: () => Promise<string>;
  /** Asks the master list's address, within its time-out. Never rejects, unless the signal is aborted. */
  readonly ask: (list: MasterList, signal: AbortSignal) => Promise<ListAnswer>;
  /** True: this process reads the lists; of several replicas one does. */
  readonly isOurs: () => boolean;
}

const FEED: Feed = { name: MTX_FEED, kind: 'compat' };
const FILE_EVERY_MS = 5_000;
const FILE_CURE = 'Correct the file; camlease reads it again when it changes.';
const MASTER_CURE =
  'camlease asks again by itself. Check the cctv_master_url, or take it out of the file to have its own streams.';

/**
 * Follows the old system's `config.json`: its streams, or in their place what its master list names. A broken file, and an answer
 * that cannot be read or is empty, change nothing and are told. The streams of the file count while no master list has given any.
 */
export class ConfigFeed {
  readonly #deps: ConfigFeedDeps;
  readonly #book: FeedBook;
  readonly #file: Poller;
  readonly #master: Poller;
  readonly #stopping = new AbortController();
  #text: string | null = null;
  #config: OldConfig | null = null;

  constructor(deps: ConfigFeedDeps) {
    this.#deps = deps;
    this.#book = new FeedBook(deps);
    this.#file = new Poller(deps.clock, () => this.#pollFile());
    this.#master = new Poller(deps.clock, () => this.#pollMaster());
  }

  /** Reads the file at once; resolves when it is taken. */
  start(): Promise<void> {
    return this.#file.now();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
    await Promise.all([this.#file.stop(), this.#master.stop()]);
  }

  /** None while another replica reads the lists. */
  states(): readonly FeedState[] {
    return this.#deps.isOurs() ? this.#book.states() : [];
  }

  /** For the player's page; as the file had them when it was last readable. */
  get iceServers(): readonly string[] {
    return this.#config?.iceServers ?? [];
  }

  async #pollFile(): Promise<number | null> {
    const { signal } = this.#stopping;
    if (!this.#deps.isOurs()) this.#text = null;
    else await this.#readFile();
    return signal.aborted ? null : FILE_EVERY_MS;
  }

  async #readFile(): Promise<void> {
    const text = await this.#deps.readFile().catch((thrown: unknown) => ({ code: codeOf(thrown) }));
    const said = typeof text === 'string' ? text : JSON.stringify(text);
    if (said === this.#text) return;
    this.#text = said;
    const config =
      typeof text === 'string' ? readOldConfig(text) : { problem: `cannot be read${text.code && ` (${text.code})`}` };
    if ('problem' in config) {
      await this.#take({ problem: config.problem, cure: FILE_CURE });
      return;
    }
    this.#config = config;
    if (config.master === null) {
      this.#master.pause();
      await this.#take({ rows: config.rows, skipped: 0, problem: null });
    } else await this.#master.now();
  }

  async #pollMaster(): Promise<number | null> {
    const { signal } = this.#stopping;
    const config = this.#config;
    if (config === null || config.master === null) return null;
    if (this.#deps.isOurs()) {
      try {
        await this.#readMaster(config, config.master);
      } catch (thrown) {
        if (!signal.aborted) throw thrown;
      }
    }
    return signal.aborted ? null : config.master.everyMs;
  }

  async #readMaster(config: OldConfig, master: MasterList): Promise<void> {
    const { signal } = this.#stopping;
    const reading = readingOf(await this.#deps.ask(master, signal), master);
    if (config !== this.#config) return; // the file was changed meanwhile
    if (reading.problem === null && reading.rows.some(({ fault }) => fault === null)) {
      await this.#take({ ...reading, rows: config.withDefaults(reading.rows) });
      return;
    }
    // As in the old system, the streams of the file are there until the list has named some.
    if (this.#book.size(FEED.name) === 0 && config.rows.length > 0)
      await this.#take({ rows: config.rows, skipped: 0, problem: null });
    const why = reading.problem ?? 'names no camera';
    await this.#take({ problem: `has a cctv_master_url that ${why}`, cure: MASTER_CURE });
  }

  #take(reading: Reading): Promise<void> {
    return this.#book.take(FEED, reading, this.#stopping.signal);
  }
}

function readingOf(answer: ListAnswer, list: MasterList): Reading {
  if (answer.problem !== null) return answer;
  const items = readMasterItems(answer.text, list);
  return items.problem === null ? items : { problem: items.problem, cure: MASTER_CURE };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}
