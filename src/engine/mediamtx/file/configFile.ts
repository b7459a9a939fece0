import { AppError, messageOf } from '../../../core/errors.js';
import { systemCode } from '../disk/atomicFile.js';
import { FilePlace } from '../disk/filePlace.js';
import type { PathConfigs } from '../paths/pathConfig.js';
import type { ByteText } from '../yaml/scalar.js';
import { UnreadableText } from '../yaml/unreadable.js';
import type { ConfigFileOptions } from './configFileOptions.js';
import { putTogether } from './configText.js';
import { freshMark, MARK_PATH, markConfig, type FileMark } from './fileMark.js';
import {
  FileTroubles,
  isObstacle,
  neededSentence,
  obstacleSentence,
  openToAllSentence,
  restlessSentence,
  suspectSentence,
} from './fileTroubles.js';
import { SeenFile } from './seenFile.js';

/** An obstacle may have been removed without a trace on the file. */
const TRY_AGAIN_MS = 60_000;
/** Of a file's mode: what it opens to all users of the machine. */
const OTHERS = 0o007;

/**
 * MediaMTX's configuration file. It is its operator's: only the lines that are ours are written, the rest stays byte for byte. It is
 * read again whenever somebody else changed it, and written only when he is done. See docs/decisions/2026-11-30-mediamtx-text.md.
 */
export class ConfigFile {
  readonly path: string;
  readonly #options: ConfigFileOptions;
  readonly #place: FilePlace;
  readonly #troubles = new FileTroubles();
  readonly #seen: SeenFile;
  /** The state of the file for which its place was tried, and when. */
  #tried: { readonly mode: string; readonly atMs: number } | null = null;
  #suspected: string | null = null;

  private constructor(options: ConfigFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#place = new FilePlace(options.path, options.sharing?.writer ?? null);
    this.#seen = new SeenFile(options, this.#place, this.#troubles);
  }

  /** Reads the file; makes it from the template when there is none. */
  static async open(options: ConfigFileOptions): Promise<ConfigFile> {
    const file = new ConfigFile(options);
    try {
      await file.#seen.open();
      file.#closeToOthers();
      file.#tryPlace();
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
    return this.#troubles.first;
  }

  /** Why MediaMTX may not answer, as far as its file tells: a sentence with a cure; null: it answers, or that is not known. */
  get whyAway(): string | null {
    return this.#suspected ?? this.#troubles.deadly;
  }

  /** False: it cannot be written now, and `problem` says why. */
  get isWritable(): boolean {
    return !this.#troubles.stopsWrites;
  }

  /** Milliseconds until it may be written, since somebody else may be at work on it; 0: now. */
  get leftMs(): number {
    return this.#seen.still.leftMs;
  }

  /** Other with each change of the file, whoever made it; empty: there is none. */
  get stamp(): string {
    return this.#seen.look?.stamp ?? '';
  }

  /** Names in the file that are its operator's. */
  get foreign(): ReadonlySet<string> {
    return this.#seen.parts.foreign;
  }

  /** A mark for the next text; `taken`: those that MediaMTX has. */
  freshMark(taken: ReadonlySet<FileMark>): FileMark {
    return freshMark(this.#seen.parts.mark, taken);
  }

  /** Files that paths in it name as their slates. */
  namedSlates(): readonly string[] {
    return this.#seen.parts.slates;
  }

  /** Reads the file again when somebody else changed it. True: it was changed. */
  async refresh(): Promise<boolean> {
    const isChanged = await this.#seen.refresh();
    this.#saySuspects();
    this.#tryPlace();
    return isChanged;
  }

  /** True when the file says exactly these paths of ours already, or cannot be made to say them. */
  says(paths: PathConfigs): boolean {
    const text = this.isWritable ? this.#compose(paths, this.#seen.parts.mark) : null;
    return text === null || this.#seen.holds(text);
  }

  /** Which of its lines are ours is looked at again with the next refresh. */
  forget(): void {
    this.#seen.forget();
  }

  /** Somebody keeps writing it, and that was said. */
  get isRestless(): boolean {
    return this.#troubles.has('restless');
  }

  /** A change waited for the file to stand still for as long as it could. */
  tellRestless(): void {
    const sentence = restlessSentence(this.path);
    if (this.#troubles.say('restless', sentence)) this.#warn(sentence);
  }

  /**
   * Writes the file with exactly these paths of ours, and one that carries `mark`; resolves with the moment (monotonic) from which
   * MediaMTX could see it. null: not now, see `isWritable` and `leftMs`. Throws `DISK_FULL`; see `writeAtomically`.
   */
  async write(paths: PathConfigs, mark: FileMark): Promise<number | null> {
    await this.refresh();
    const { look, parts } = this.#seen;
    const text = this.isWritable && this.leftMs === 0 ? this.#compose(paths, mark) : null;
    if (text === null) return null;
    const { kept } = this.#options;
    await kept?.leave(parts, paths);
    const proceed = (): boolean => this.#place.look()?.stamp === look?.stamp && this.#mayWrite();
    let renamedAtMs = 0;
    // At once: the next look whether somebody edited the file meanwhile must not find our own text.
    const renamed = (): void => {
      renamedAtMs = this.#options.clock.monotonicMs();
      this.#seen.wrote(text, { ...parts, mark });
    };
    try {
      if (!(await this.#place.replace(look, { bytes: Buffer.from(text, 'latin1'), proceed, renamed }))) {
        if (!this.#mayWrite()) throw takenOver();
        return null;
      }
    } catch (thrown) {
      if (!this.#isStoppedBy(thrown)) throw thrown;
      return null;
    }
    await this.#seen.keep();
    await kept?.back(parts, paths);
    return renamedAtMs;
  }

  /**
   * Writes our lines outside `paths`, where they are not right, and nothing else; also while another process writes the paths, since all
   * have the same lines. `again`: writes what stands there, for a MediaMTX that has not noticed it. False: there is nothing to
   * write, or it cannot be written now.
   */
  async writeEdits(again = false): Promise<boolean> {
    await this.refresh();
    const { look, unwritten, text: there } = this.#seen;
    const text = unwritten ?? (again ? there : null);
    if (text === null || !this.isWritable || this.leftMs > 0) return false;
    const proceed = (): boolean => this.#place.look()?.stamp === look?.stamp;
    const renamed = (): void => this.#seen.wrote(text, this.#seen.parts);
    try {
      return await this.#place.replace(look, { bytes: Buffer.from(text, 'latin1'), proceed, renamed });
    } catch (thrown) {
      if (!this.#isStoppedBy(thrown)) throw thrown;
      return false;
    }
  }

  #saySuspects(): void {
    const suspects = this.#seen.suspects();
    const sentence = suspects && suspectSentence(this.path, suspects);
    if (sentence !== null && sentence !== this.#suspected) this.#warn(sentence);
    this.#suspected = sentence;
  }

  /** null: lines of its operator's need what would go, which is said. */
  #compose(paths: PathConfigs, mark: FileMark | null): ByteText | null {
    try {
      const lines = this.#withMark(paths, mark);
      // MediaMTX may not have read this text, so that its API does not tell yet what the text asks for.
      return putTogether(this.#seen.parts, this.#seen.defaults?.fitAll(lines) ?? lines, mark);
    } catch (thrown) {
      if (!(thrown instanceof UnreadableText)) throw thrown;
      const sentence = neededSentence(this.path, messageOf(thrown));
      if (this.#troubles.say('needed', sentence)) this.#warn(sentence);
      return null;
    }
  }

  /** With the mark's own line where MediaMTX's defaults change it. */
  #withMark(paths: PathConfigs, mark: FileMark | null): PathConfigs {
    if (mark === null) return paths;
    const line = markConfig(mark);
    const { defaults } = this.#seen;
    const asked = this.#options.fit?.(MARK_PATH, line) ?? line;
    const fitted = defaults?.fit(MARK_PATH, asked) ?? asked;
    return fitted === line ? paths : new Map([...paths, [MARK_PATH, fitted]]);
  }

  /** Whether it can be replaced where it lies: known before the first change needs it. */
  #tryPlace(): void {
    const { look } = this.#seen;
    if (!look || !this.#mayWrite()) return;
    const atMs = this.#options.clock.monotonicMs();
    const mode = `${look.uid} ${look.gid} ${look.mode} ${look.names} ${this.#place.target}`;
    const isDue = this.#troubles.has('obstacle') && atMs - (this.#tried?.atMs ?? 0) > TRY_AGAIN_MS;
    if (this.#tried?.mode === mode && !isDue) return;
    this.#tried = { mode, atMs };
    try {
      this.#place.tryReplace(look);
      this.#troubles.over('obstacle');
    } catch (thrown) {
      this.#isStoppedBy(thrown);
    }
  }

  /** True: the place of the file is why it cannot be written, which is said. */
  #isStoppedBy(thrown: unknown): boolean {
    const code = systemCode(thrown);
    if (!isObstacle(code)) return false;
    const sentence = obstacleSentence(this.path, this.#place.target, code);
    if (this.#troubles.say('obstacle', sentence)) this.#warn(sentence);
    return true;
  }

  /** Live URLs stand in it. */
  #closeToOthers(): void {
    const { look } = this.#seen;
    if (!look || (look.mode & OTHERS) === 0 || !this.#mayWrite()) return;
    try {
      if (this.#options.isReadByUsAlone !== true) throw new Error('MediaMTX may need them');
      this.#place.close(OTHERS, look);
      this.#seen.touched();
      this.#options.log.info(`${this.path} could be read by everybody, and no longer can.`, { file: this.path });
    } catch {
      this.#warn(openToAllSentence(this.path));
    }
  }

  #mayWrite(): boolean {
    return this.#options.sharing?.mayWrite() ?? true;
  }

  #warn(sentence: string): void {
    this.#options.log.warn(sentence, { file: this.path });
  }
}

/** Another process writes this MediaMTX's paths now. */
export function takenOver(): AppError {
  return new AppError('CLAIM_LOST', 'Another replica writes the paths of this MediaMTX now.', {
    cure: 'Nothing to do: that one serves them.',
  });
}
