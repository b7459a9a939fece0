import { Poller } from '../../core/async/poller.js';
import { AppError } from '../../core/errors.js';
import type { FeedRow } from '../../core/feeds/feedEntry.js';
import type { FeedState } from '../../core/feeds/feedState.js';
import { readMasterItems, type MasterList } from '../../core/feeds/masterItems.js';
import type { ListAnswer } from '../../lists/askList.js';
import { FeedBook, type Feed, type FeedBookDeps, type Reading } from './feedBook.js';

export type { FeedCameras } from './carryOut.js';

/** What the settings file says of cameras now. */
export type FileReading =
  /** As it was read last. */
  | { readonly kind: 'same' }
  /** It cannot be read as settings; sentences that hold no secret. */
  | { readonly kind: 'broken'; readonly mistakes: readonly string[] }
  /** `rows` null: it lists no cameras. */
  | { readonly kind: 'read'; readonly rows: readonly FeedRow[] | null; readonly lists: readonly MasterList[] };

export interface FeedSources {
  /** Asked every 5 s, so it costs little while the file is the same. */
  readonly readFile: () => Promise<FileReading>;
  /** Asks the list's address, within its time-out. Never rejects, unless the signal is aborted. */
  readonly ask: (list: MasterList, signal: AbortSignal) => Promise<ListAnswer>;
}

export interface FeedsDeps extends FeedBookDeps, FeedSources {
  /** True: this process reads the lists; of several replicas one does. */
  readonly isOurs: () => boolean;
}

const FILE_FEED: Feed = { name: 'file', kind: 'file' };
const FILE_EVERY_MS = 5_000;
const FILE_CURE = 'Correct the file; camlease reads it again when it changes.';
const LIST_CURE =
  'camlease asks again by itself. Check that the list is what its `fields` and `items` in camlease.yml say.';

/**
 * Reads the lists of cameras again and again: the one in the settings file when that changes, master lists every so often. What
 * cannot be read, or is empty, changes nothing and is told.
 */
export class Feeds {
  readonly #deps: FeedsDeps;
  readonly #book: FeedBook;
  readonly #file: Poller;
  readonly #stopping = new AbortController();
  readonly #lists = new Map<
    string,
    { readonly said: string; readonly poller: Poller; readonly abort: AbortController }
  >();
  /** The file's reading that is not taken yet, because another replica reads the lists. */
  #waiting: Exclude<FileReading, { kind: 'same' }> | null = null;

  constructor(deps: FeedsDeps) {
    this.#deps = deps;
    this.#book = new FeedBook(deps);
    this.#file = new Poller(deps.clock, () => this.#pollFile());
  }

  /** Reads the file at once, and each list; resolves after the file. */
  start(): Promise<void> {
    return this.#file.now();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
    const pollers = [this.#file, ...[...this.#lists.values()].map(({ poller }) => poller)];
    await Promise.all(pollers.map((poller) => poller.stop()));
  }

  /** Every list that this process reads; none while another replica reads them. */
  states(): readonly FeedState[] {
    return this.#deps.isOurs() ? this.#book.states() : [];
  }

  async #pollFile(): Promise<number | null> {
    const read = await this.#deps.readFile();
    if (read.kind !== 'same') this.#waiting = read;
    if (this.#waiting === null || !this.#deps.isOurs()) return FILE_EVERY_MS;
    const reading = this.#waiting;
    this.#waiting = null;
    await this.#takeFile(reading);
    return this.#stopping.signal.aborted ? null : FILE_EVERY_MS;
  }

  async #takeFile(reading: Exclude<FileReading, { kind: 'same' }>): Promise<void> {
    const { signal } = this.#stopping;
    if (reading.kind === 'broken') {
      const problem = `cannot be read (${reading.mistakes.map((text) => text.replace(/\.$/, '')).join('; ')})`;
      await this.#book.take(FILE_FEED, { problem, cure: FILE_CURE }, signal);
      return;
    }
    const { rows, lists } = reading;
    if (rows === null && this.#book.size(FILE_FEED.name) === 0) this.#book.forget(FILE_FEED.name);
    else await this.#book.take(FILE_FEED, { rows: rows ?? [], skipped: 0, problem: null }, signal);
    this.#follow(lists);
  }

  /** Starts lists that are new or changed, and stops those that the file does not name any more; their cameras stay. */
  #follow(lists: readonly MasterList[]): void {
    if (this.#stopping.signal.aborted) return;
    const wanted = new Map(lists.map((list) => [list.name, list]));
    for (const [name, { said, poller, abort }] of this.#lists) {
      const list = wanted.get(name);
      if (list && said === JSON.stringify(list)) continue;
      abort.abort(new AppError('SHUTTING_DOWN', 'The list was changed.'));
      void poller.stop();
      this.#lists.delete(name);
      if (!list) this.#book.forget(name);
    }
    for (const list of lists) {
      if (this.#lists.has(list.name)) continue;
      const abort = new AbortController();
      const signal = AbortSignal.any([this.#stopping.signal, abort.signal]);
      const poller = new Poller(this.#deps.clock, () => this.#pollList(list, signal));
      this.#lists.set(list.name, { said: JSON.stringify(list), poller, abort });
      void poller.now();
    }
  }

  async #pollList(list: MasterList, signal: AbortSignal): Promise<number | null> {
    if (this.#deps.isOurs()) await this.#readList(list, signal);
    return signal.aborted ? null : list.everyMs;
  }

  async #readList(list: MasterList, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.#deps.ask(list, signal);
      if (signal.aborted) return;
      await this.#book.take({ name: list.name, kind: 'list' }, readingOf(answer, list), signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    }
  }
}

function readingOf(answer: ListAnswer, list: MasterList): Reading {
  if (answer.problem !== null) return answer;
  const items = readMasterItems(answer.text, list);
  return items.problem === null ? items : { problem: items.problem, cure: LIST_CURE };
}
