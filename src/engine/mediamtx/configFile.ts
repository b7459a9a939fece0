import { createHash } from 'node:crypto';
import { readFile, rename, stat } from 'node:fs/promises';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { PRIVATE_MODE, systemCode, writeAtomically } from './atomicFile.js';
import { putTogether, takeApart, type ConfigText } from './configText.js';
import type { EngineLog } from './engineLog.js';
import type { OwnPaths } from './ownPaths.js';
import type { PathConfigs } from './pathConfig.js';

export interface ConfigFileOptions {
  readonly path: string;
  /** What a first start makes the file from. */
  readonly template: string;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/** Times that a write starts over because somebody else changed the file meanwhile. */
const ATTEMPTS = 5;

/**
 * MediaMTX's configuration file. It is its operator's: only the paths that are ours are written, the rest stays byte for
 * byte. It is read again whenever somebody else changed it, and one that MediaMTX would die of is put aside.
 */
export class ConfigFile {
  readonly path: string;
  readonly #options: ConfigFileOptions;
  #parts: ConfigText;
  #mark = '';
  #digest = '';
  #problem: string | null = null;

  private constructor(options: ConfigFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#parts = this.#takeApart(options.template);
  }

  /** Reads the file; makes it from the template when there is none. */
  static async open(options: ConfigFileOptions): Promise<ConfigFile> {
    const file = new ConfigFile(options);
    await file.refresh();
    return file;
  }

  /** A sentence about a file that had to be put aside; null when all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Names in the file that are its operator's. */
  get foreign(): ReadonlySet<string> {
    return this.#parts.foreign;
  }

  /** Reads the file again when somebody else changed it. True: it was changed. */
  async refresh(): Promise<boolean> {
    const mark = await this.#currentMark();
    if (mark !== null && mark === this.#mark) return false;
    const text = mark === null ? null : await readFile(this.path, 'utf8');
    if (text !== null && digestOf(text) === this.#digest) {
      this.#mark = mark ?? '';
      return false;
    }
    await this.#take(text, mark);
    return true;
  }

  /** Writes the file with exactly these paths of ours. False: it says that already. Throws `DISK_FULL`; see `writeAtomically`. */
  async write(paths: PathConfigs): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.refresh();
      const text = putTogether(this.#parts, paths);
      if (digestOf(text) === this.#digest) return false;
      const before = this.#mark;
      const proceed = async (): Promise<boolean> => (await this.#currentMark()) === before;
      const mode = await this.#mode();
      if (!(await writeAtomically({ path: this.path, text, mode, proceed }))) continue;
      await this.#remember(text);
      return true;
    }
    throw new Error(`${this.path} is changed by somebody else all the time; it was not written.`);
  }

  /** Gives the file a new time stamp, for a watcher that missed the last change. */
  async writeAgain(paths: PathConfigs): Promise<void> {
    if (await this.write(paths)) return;
    const text = putTogether(this.#parts, paths);
    await writeAtomically({ path: this.path, text, mode: await this.#mode() });
    await this.#remember(text);
  }

  async #take(text: string | null, mark: string | null): Promise<void> {
    if (text === null) {
      await this.#restore(`${this.path} was not there and was made anew.`, false);
      return;
    }
    try {
      this.#parts = this.#takeApart(text);
      this.#mark = mark ?? '';
      this.#digest = digestOf(text);
      this.#problem = null;
      await this.#keepAsLastGood(text);
    } catch (thrown) {
      const aside = `${this.path}.broken-${this.#options.clock.now().toISOString().replaceAll(':', '-')}`;
      await rename(this.path, aside);
      const problem = `${this.path} could not be used (${messageOf(thrown)}). It was moved to ${aside}, and the last good one is back in its place. Correct a copy of it and put that in place.`;
      await this.#restore(problem, true);
    }
  }

  /** Puts the last good text in place, or the template when there never was one. */
  async #restore(what: string, isProblem: boolean): Promise<void> {
    const lastGood = await readFile(this.#lastGoodPath, 'utf8').catch(() => this.#options.template);
    this.#parts = this.#takeApart(lastGood);
    await writeAtomically({ path: this.path, text: lastGood });
    await this.#remember(lastGood);
    this.#problem = isProblem ? what : null;
    this.#options.log.warn({ file: this.path }, what);
  }

  async #remember(text: string): Promise<void> {
    this.#digest = digestOf(text);
    this.#mark = (await this.#currentMark()) ?? '';
    await this.#keepAsLastGood(text);
  }

  async #keepAsLastGood(text: string): Promise<void> {
    await writeAtomically({ path: this.#lastGoodPath, text });
  }

  get #lastGoodPath(): string {
    return `${this.path}.last-good`;
  }

  #takeApart(text: string): ConfigText {
    return takeApart(text, (name) => this.#options.ownPaths.has(name));
  }

  /** Tells one state of the file from another without reading it; null: there is no file. */
  async #currentMark(): Promise<string | null> {
    try {
      const { ino, size, mtimeMs, ctimeMs } = await stat(this.path);
      return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw thrown;
    }
  }

  /** The operator may have opened the file to a group; that stays. */
  async #mode(): Promise<number> {
    const found = await stat(this.path).catch(() => null);
    return found ? found.mode & 0o777 : PRIVATE_MODE;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
