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

/** How often the file's place is tried again while an obstacle lasts: its removal may leave no trace on the file. */
const TRY_AGAIN_MS = 60_000;
/** The bits of a file's mode that give rights to all users of the machine. */
const OTHERS = 0o007;

/**
 * MediaMTX's configuration file, which belongs to the operator: camlease writes only its own lines and keeps the rest byte for byte. It
 * reads the file again whenever another program changed it, and writes only when that program has stopped. See
 * docs/decisions/2026-11-30-mediamtx-text.md.
 */
export class ConfigFile {
  readonly path: string;
  readonly #options: ConfigFileOptions;
  readonly #place: FilePlace;
  readonly #troubles = new FileTroubles();
  readonly #seen: SeenFile;
  /** The file's owner, mode and place when a replacement was last tried, and when that was; null: never. */
  #tried: { readonly mode: string; readonly atMs: number } | null = null;
  #suspected: string | null = null;

  private constructor(options: ConfigFileOptions) {
    this.path = options.path;
    this.#options = options;
    this.#place = new FilePlace(options.path, options.sharing?.writer ?? null);
    this.#seen = new SeenFile(options, this.#place, this.#troubles);
  }

  /** Reads the file; makes it from the template when there is none. Throws `CONFIG_INVALID` when it can be neither read nor made. */
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

  /** A sentence with its cure about the file's most pressing trouble; null: there is none. */
  get problem(): string | null {
    return this.#troubles.first;
  }

  /** Why the file may keep MediaMTX from answering, a sentence with its cure; null: no such reason is known. */
  get whyAway(): string | null {
    return this.#suspected ?? this.#troubles.deadly;
  }

  /** False: the file cannot be written now; `problem` says why. */
  get isWritable(): boolean {
    return !this.#troubles.stopsWrites;
  }

  /** Milliseconds until camlease may write the file, since another program changed it recently and may not have finished; 0: now. */
  get leftMs(): number {
    return this.#seen.still.leftMs;
  }

  /** Changes with each change of the file, ours too; empty: there is no file. */
  get stamp(): string {
    return this.#seen.state?.stamp ?? '';
  }

  /** Names of the operator's paths in the file. */
  get foreign(): ReadonlySet<string> {
    return this.#seen.parts.foreign;
  }

  /** A mark for the next text; `taken`: marks that MediaMTX has or may read. */
  freshMark(taken: ReadonlySet<FileMark>): FileMark {
    return freshMark(this.#seen.parts.mark, taken);
  }

  /** The slate files that our paths in the file name. */
  namedSlates(): readonly string[] {
    return this.#seen.parts.slates;
  }

  /** Reads the file again if it changed. True: MediaMTX will read a changed file, so its paths may have changed. */
  async refresh(): Promise<boolean> {
    const isChanged = await this.#seen.refresh();
    this.#reportSuspects();
    this.#tryPlace();
    return isChanged;
  }

  /** True when the file has exactly these paths of ours already, or cannot be written, so that a write would change nothing. */
  hasPaths(paths: PathConfigs): boolean {
    const text = this.isWritable ? this.#compose(paths, this.#seen.parts.mark) : null;
    return text === null || this.#seen.holds(text);
  }

  /** Makes the next `refresh` read the file again even if it did not change, since other lines of it are ours now. */
  forget(): void {
    this.#seen.forget();
  }

  /** True: another program keeps changing the file, and that was reported. */
  get isRestless(): boolean {
    return this.#troubles.has('restless');
  }

  /** Reports that another program keeps changing the file: a change waited for as long as it could. */
  reportRestless(): void {
    const sentence = restlessSentence(this.path);
    if (this.#troubles.record('restless', sentence)) this.#warn(sentence);
  }

  /**
   * Writes the file with exactly these paths of ours and the path of `mark`. Returns the moment (monotonic, ms) from which MediaMTX can
   * see the new file; null: not written now, see `isWritable` and `leftMs`. Throws `CLAIM_LOST` when another replica became the writer,
   * and what `writeAtomically` throws (`DISK_FULL`).
   */
  async write(paths: PathConfigs, mark: FileMark): Promise<number | null> {
    await this.refresh();
    const { state, parts } = this.#seen;
    const text = this.isWritable && this.leftMs === 0 ? this.#compose(paths, mark) : null;
    if (text === null) return null;
    const { kept } = this.#options;
    await kept?.leave(parts, paths);
    const proceed = (): boolean => this.#place.state()?.stamp === state?.stamp && this.#mayWrite();
    let renamedAtMs = 0;
    // Remember our text in the same turn as the rename, so that the next `refresh` does not take it for an edit by another program.
    const renamed = (): void => {
      renamedAtMs = this.#options.clock.monotonicMs();
      this.#seen.wrote(text, { ...parts, mark });
    };
    try {
      if (!(await this.#place.replace(state, { bytes: Buffer.from(text, 'latin1'), proceed, renamed }))) {
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
   * Corrects our lines outside `paths` and writes nothing else. Also while another replica writes the paths, since all replicas have the
   * same lines there. `again`: writes the present text once more, for a MediaMTX that did not notice it. False: nothing to write, or
   * the file cannot be written now.
   */
  async writeEdits(again = false): Promise<boolean> {
    await this.refresh();
    const { state, unwritten, text: there } = this.#seen;
    const text = unwritten ?? (again ? there : null);
    if (text === null || !this.isWritable || this.leftMs > 0) return false;
    const proceed = (): boolean => this.#place.state()?.stamp === state?.stamp;
    const renamed = (): void => this.#seen.wrote(text, this.#seen.parts);
    try {
      return await this.#place.replace(state, { bytes: Buffer.from(text, 'latin1'), proceed, renamed });
    } catch (thrown) {
      if (!this.#isStoppedBy(thrown)) throw thrown;
      return false;
    }
  }

  #reportSuspects(): void {
    const suspects = this.#seen.suspects();
    const sentence = suspects && suspectSentence(this.path, suspects);
    if (sentence !== null && sentence !== this.#suspected) this.#warn(sentence);
    this.#suspected = sentence;
  }

  /** The file's text with these paths; null: it would remove an anchor that the operator's lines use, which is reported. */
  #compose(paths: PathConfigs, mark: FileMark | null): ByteText | null {
    try {
      const lines = this.#withMark(paths, mark);
      // Fit the lines to the `pathDefaults` of this very text too: MediaMTX may not have read it, so its API still answers older ones.
      return putTogether(this.#seen.parts, this.#seen.defaults?.fitAll(lines) ?? lines, mark);
    } catch (thrown) {
      if (!(thrown instanceof UnreadableText)) throw thrown;
      const sentence = neededSentence(this.path, messageOf(thrown));
      if (this.#troubles.record('needed', sentence)) this.#warn(sentence);
      return null;
    }
  }

  /** The paths, with a line for the mark when MediaMTX's `pathDefaults` require other fields in it. */
  #withMark(paths: PathConfigs, mark: FileMark | null): PathConfigs {
    if (mark === null) return paths;
    const line = markConfig(mark);
    const { defaults } = this.#seen;
    const asked = this.#options.fit?.(MARK_PATH, line) ?? line;
    const fitted = defaults?.fit(MARK_PATH, asked) ?? asked;
    return fitted === line ? paths : new Map([...paths, [MARK_PATH, fitted]]);
  }

  /** Tries whether the file can be replaced in its place, so that an obstacle is reported before the first change needs a write. */
  #tryPlace(): void {
    const { state } = this.#seen;
    if (!state || !this.#mayWrite()) return;
    const atMs = this.#options.clock.monotonicMs();
    const mode = `${state.uid} ${state.gid} ${state.mode} ${state.names} ${this.#place.target}`;
    const isDue = this.#troubles.has('obstacle') && atMs - (this.#tried?.atMs ?? 0) > TRY_AGAIN_MS;
    if (this.#tried?.mode === mode && !isDue) return;
    this.#tried = { mode, atMs };
    try {
      this.#place.tryReplace(state);
      this.#troubles.over('obstacle');
    } catch (thrown) {
      this.#isStoppedBy(thrown);
    }
  }

  /** True: the file's place prevents the write, which is reported. */
  #isStoppedBy(thrown: unknown): boolean {
    const code = systemCode(thrown);
    if (!isObstacle(code)) return false;
    const sentence = obstacleSentence(this.path, this.#place.target, code);
    if (this.#troubles.record('obstacle', sentence)) this.#warn(sentence);
    return true;
  }

  /** Takes the file's rights from all other users of the machine, since it holds live URLs; warns when MediaMTX may need those rights. */
  #closeToOthers(): void {
    const { state } = this.#seen;
    if (!state || (state.mode & OTHERS) === 0 || !this.#mayWrite()) return;
    try {
      if (this.#options.isReadByUsAlone !== true) throw new Error('MediaMTX may need them');
      this.#place.close(OTHERS, state);
      this.#seen.touched();
      this.#options.log.info(
        `${this.path} could be read by every user of this machine; camlease took that right away.`,
        { file: this.path },
      );
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

/** The error for a write by a replica that no longer owns this MediaMTX's paths. */
export function takenOver(): AppError {
  return new AppError('CLAIM_LOST', 'Another replica writes the paths of this MediaMTX now.', {
    cure: 'Nothing to do: the other replica writes them.',
  });
}
