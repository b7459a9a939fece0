import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import { PRIVATE_MODE, systemCode, writeAtomically } from './atomicFile.js';
import { putTogether, takeApart, type ConfigText } from './configText.js';
import { freshMark, MARK_PATH, markConfig, type FileMark } from './fileMark.js';
import type { EngineLog } from './engineLog.js';
import type { OwnPaths } from './ownPaths.js';
import type { PathConfig, PathConfigs } from './pathConfig.js';
import type { Sharing } from './sharing.js';
import { asBytes, type ByteText } from './yaml/scalar.js';

export interface ConfigFileOptions {
  readonly path: string;
  /** What a first start makes the file from. */
  readonly template: string;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** Lines of ours outside `paths`, each edit on what the one before made. Absent: none. */
  readonly edits?: readonly TextEdit[];
  /** What MediaMTX's defaults make of a line; absent: nothing. */
  readonly fit?: (name: string, config: PathConfig) => PathConfig;
  /** Absent: no other process writes it. */
  readonly sharing?: Pick<Sharing, 'mayWrite' | 'writer'>;
}

/**
 * Puts lines of ours into the file's bytes, or takes them out, and leaves all others as they are; gives the same bytes when there is
 * nothing to do. `problem`: a sentence with its cure for a person, when it has to leave the text as it is. Throws nothing.
 */
export type TextEdit = (text: ByteText) => { readonly text: ByteText; readonly problem: string | null };

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
  #stamp = '';
  #digest = '';
  /** The operator may have opened the file to a group; that stays. */
  #mode = PRIVATE_MODE;
  #problem: string | null = null;
  #editProblem: string | null = null;
  #isOpen = false;

  private constructor(options: ConfigFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#parts = this.#takeApart(asBytes(options.template));
  }

  /** Reads the file; makes it from the template when there is none. */
  static async open(options: ConfigFileOptions): Promise<ConfigFile> {
    const file = new ConfigFile(options);
    try {
      await file.refresh();
      file.#isOpen = true;
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === null) throw thrown;
      throw new AppError('CONFIG_INVALID', `${options.path} cannot be read or made (${code}).`, {
        cure: 'Make its folder, and let MEDIAMTX_CONFIG_PATH name a file that camlease may read and write.',
        cause: thrown,
      });
    }
    return file;
  }

  /** A sentence about what keeps the file from being used as it is; null when all is well. */
  get problem(): string | null {
    return this.#problem ?? this.#editProblem;
  }

  /** Names in the file that are its operator's. */
  get foreign(): ReadonlySet<string> {
    return this.#parts.foreign;
  }

  /** A mark for the next text; `taken`: those that MediaMTX has. */
  freshMark(taken: ReadonlySet<FileMark>): FileMark {
    return freshMark(this.#parts.mark, taken);
  }

  /** Files that paths in it name as their slates. */
  namedSlates(): readonly string[] {
    return this.#parts.slates;
  }

  /** Reads the file again when somebody else changed it. True: it was changed. */
  async refresh(): Promise<boolean> {
    const stamp = this.#currentStamp();
    if (stamp !== null && stamp === this.#stamp) return false;
    const text = stamp === null ? null : await readFile(this.path, 'latin1');
    if (text !== null && digestOf(text) === this.#digest) {
      this.#stamp = stamp ?? '';
      return false;
    }
    await this.#take(text, stamp);
    return true;
  }

  /** True when the file says exactly these paths of ours already. */
  says(paths: PathConfigs): boolean {
    const { mark } = this.#parts;
    return digestOf(putTogether(this.#parts, this.#withMark(paths, mark), mark)) === this.#digest;
  }

  /** Which of its paths are ours is looked at again with the next refresh. */
  forget(): void {
    this.#stamp = '';
    this.#digest = '';
  }

  /**
   * Writes the file with exactly these paths of ours, and one that carries `mark`; resolves with the moment (monotonic) from which
   * MediaMTX could see it. Throws `DISK_FULL`; see `writeAtomically`.
   */
  async write(paths: PathConfigs, mark: FileMark): Promise<number> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.refresh();
      const text = putTogether(this.#parts, this.#withMark(paths, mark), mark);
      const before = this.#stamp;
      const proceed = (): boolean => this.#currentStamp() === before && this.#mayWrite();
      let renamedAtMs = 0;
      // At once: who looks whether somebody edited the file meanwhile must not find our own text.
      const renamed = (): void => {
        renamedAtMs = this.#options.clock.monotonicMs();
        this.#parts = { ...this.#parts, mark };
        this.#remember(text);
      };
      if (
        !(await writeAtomically({ ...this.#place(this.path), text: bytesOf(text), mode: this.#mode, proceed, renamed }))
      ) {
        if (!this.#mayWrite()) throw takenOver();
        continue;
      }
      await this.#keepAsLastGood(text);
      return renamedAtMs;
    }
    throw new Error(`${this.path} is changed by somebody else all the time; it was not written.`);
  }

  async #take(text: string | null, stamp: string | null): Promise<void> {
    // Who only looks on leaves it to its writer to put things right; without a file at its start nobody could begin.
    const looksOn = !this.#mayWrite();
    if (text === null && looksOn && this.#isOpen) return;
    if (text === null) {
      await this.#restore(`${this.path} was not there and was made anew.`, false);
      return;
    }
    try {
      this.#parts = this.#takeApart(text);
      this.#stamp = stamp ?? '';
      this.#digest = digestOf(text);
      this.#problem = null;
      if (!looksOn) await this.#keepAsLastGood(text);
    } catch (thrown) {
      if (looksOn) {
        this.#problem = `${this.path} could not be used (${messageOf(thrown)}).`;
        return;
      }
      const aside = `${this.path}.broken-${this.#options.clock.now().toISOString().replaceAll(':', '-')}`;
      await rename(this.path, aside);
      const problem = `${this.path} could not be used (${messageOf(thrown)}). It was moved to ${aside}, and the last good one is back in its place. Correct a copy of it and put that in place.`;
      await this.#restore(problem, true);
    }
  }

  /** Puts the last good text in place, or the template when there never was one. */
  async #restore(what: string, isProblem: boolean): Promise<void> {
    const lastGood = await readFile(this.#lastGoodPath, 'latin1').catch(() => asBytes(this.#options.template));
    this.#parts = this.#takeApart(lastGood);
    await writeAtomically({
      ...this.#place(this.path),
      text: bytesOf(lastGood),
      renamed: () => this.#remember(lastGood),
    });
    await this.#keepAsLastGood(lastGood);
    this.#problem = isProblem ? what : null;
    if (isProblem) this.#options.log.warn(what, { file: this.path });
    else this.#options.log.info(what, { file: this.path });
  }

  #remember(text: string): void {
    this.#digest = digestOf(text);
    this.#stamp = this.#currentStamp() ?? '';
  }

  /** Not kept is no reason to fail: the copy is wanted only after a mishap. */
  async #keepAsLastGood(text: string): Promise<void> {
    await writeAtomically({ ...this.#place(this.#lastGoodPath), text: bytesOf(text) }).catch((thrown: unknown) => {
      this.#options.log.warn('no copy of the configuration file could be kept', { reason: messageOf(thrown) });
    });
  }

  /** With the mark's own line where MediaMTX's defaults change it. */
  #withMark(paths: PathConfigs, mark: FileMark | null): PathConfigs {
    if (mark === null) return paths;
    const line = markConfig(mark);
    const fitted = this.#options.fit?.(MARK_PATH, line) ?? line;
    return fitted === line ? paths : new Map([...paths, [MARK_PATH, fitted]]);
  }

  #mayWrite(): boolean {
    return this.#options.sharing?.mayWrite() ?? true;
  }

  #place(path: string): { path: string; temporary?: string } {
    const { sharing } = this.#options;
    return sharing ? { path, temporary: `${path}.${sharing.writer}.tmp` } : { path };
  }

  get #lastGoodPath(): string {
    return `${this.path}.last-good`;
  }

  /** With our lines outside `paths` in it. */
  #takeApart(text: ByteText): ConfigText {
    let edited = text;
    this.#editProblem = null;
    for (const edit of this.#options.edits ?? []) {
      const { text: next, problem } = edit(edited);
      edited = next;
      this.#editProblem ??= problem;
    }
    return takeApart(edited, (name) => this.#options.ownPaths.has(name));
  }

  /** Tells one state of the file from another without reading it; null: there is no file. Sees its mode by the way. */
  #currentStamp(): string | null {
    try {
      const { ino, size, mtimeMs, ctimeMs, mode } = statSync(this.path);
      this.#mode = mode & 0o777;
      return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw thrown;
    }
  }
}

/** Another process writes this MediaMTX's paths now. */
export function takenOver(): AppError {
  return new AppError('CLAIM_LOST', 'Another replica writes the paths of this MediaMTX now.', {
    cure: 'Nothing to do: that one serves them.',
  });
}

function digestOf(text: ByteText): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}

function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, 'latin1');
}
