import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '../../../core/errors.js';
import { systemCode } from '../disk/atomicFile.js';
import { takeApart, type ConfigText } from './configText.js';
import type { ConfigFileOptions, MediaMtxFate } from './configFileOptions.js';
import { DeathByText } from './deathByText.js';
import { isMarkPath } from './fileMark.js';
import type { FileState, FilePlace } from '../disk/filePlace.js';
import {
  asideSentence,
  encryptedSentence,
  lostSentence,
  unreadableSentence,
  type FileTroubles,
} from './fileTroubles.js';
import { deadlyDefaultsOf } from './fittedLines.js';
import { FormerTexts } from './formerTexts.js';
import type { PathDefaults } from '../paths/pathDefaults.js';
import { Standstill } from './standstill.js';
import { SuspectEdit, type Suspects } from './suspectEdit.js';
import { asBytes, type ByteText } from '../yaml/scalar.js';

/** A text that could be read, taken apart. */
interface GoodText {
  readonly text: ByteText;
  readonly parts: ConfigText;
}

/** A file that MediaMTX decrypts (`MTX_CONFKEY`): base64 and nothing else. */
const ENCRYPTED = /^[A-Za-z0-9+/\r\n]{32,}={0,2}\s*$/;
/** How long the trouble `lost` is shown, unless the file is changed again. */
const LOST_SHOWN_MS = 3_600_000;

/** A text that cannot be read, and whether MediaMTX died of it. */
interface Unreadable {
  readonly reason: string;
  /** True: the text seems encrypted, and MediaMTX may have the key. */
  readonly isEncrypted: boolean;
  readonly death: DeathByText;
}

/**
 * MediaMTX's file as it was last read: its text, whether another program is editing it, and which settings such an edit removed.
 * Replaces a missing file, and one that MediaMTX died of.
 */
export class SeenFile {
  readonly still: Standstill;
  readonly #options: ConfigFileOptions;
  readonly #place: FilePlace;
  readonly #troubles: FileTroubles;
  readonly #formers: FormerTexts;
  readonly #suspect: SuspectEdit;
  #parts: ConfigText;
  #defaults: PathDefaults | null = null;
  #state: FileState | null = null;
  #digest = '';
  /** The present text with our lines outside `paths` corrected; null: they are correct. */
  #unwritten: ByteText | null = null;
  /** True: the next `refresh` reads the file even if it did not change. */
  #isForgotten = true;
  /** The present text, until the file has stood still for long enough to count as good; null: none is pending. */
  #pending: GoodText | null = null;
  #good: GoodText | null = null;
  #unreadable: Unreadable | null = null;
  #lostMs = 0;
  #isOpen = false;

  constructor(options: ConfigFileOptions, place: FilePlace, troubles: FileTroubles) {
    this.#options = options;
    this.#place = place;
    this.#troubles = troubles;
    this.#formers = new FormerTexts(place, options.log);
    this.still = new Standstill(options.clock);
    this.#suspect = new SuspectEdit(options.clock, (name) => options.ownPaths.has(name) || isMarkPath(name));
    this.#parts = this.#takeApart(this.#edited(asBytes(options.template)));
  }

  /** The last readable text of the file, taken apart. */
  get parts(): ConfigText {
    return this.#parts;
  }

  /** The overrides that the file's `pathDefaults` make necessary, also before MediaMTX has read them; null: none. */
  get defaults(): PathDefaults | null {
    return this.#defaults;
  }

  /** The present text with our lines outside `paths` corrected; null: they are correct, or the text is not readable. */
  get unwritten(): ByteText | null {
    return this.#unwritten;
  }

  /** The present text; null: it is not readable. */
  get text(): ByteText | null {
    const known = this.#pending ?? this.#good;
    return known && this.holds(known.text) ? known.text : null;
  }

  /** Settings that another program changed just before MediaMTX stopped answering; null: none, or MediaMTX answers. */
  suspects(): Suspects | null {
    return this.#suspect.check(this.#fate());
  }

  /** null: there is no file. */
  get state(): FileState | null {
    return this.#state;
  }

  /** The first read, with the last good text of an earlier run. */
  async open(): Promise<void> {
    this.#recallGood();
    await this.refresh();
    this.#isOpen = true;
  }

  /** Reads the file again if it changed. True: another program or camlease changed it, or MediaMTX has read a change by now. */
  async refresh(): Promise<boolean> {
    const state = this.#place.state();
    const isSame = state?.stamp === this.#state?.stamp && !this.#isForgotten;
    const isChanged = !isSame && this.#read(state);
    const isReadLate = this.still.isReadLate();
    return (await this.#settle()) || isChanged || isReadLate;
  }

  forget(): void {
    this.#isForgotten = true;
  }

  /** True when the file has this text. */
  holds(text: ByteText): boolean {
    return digestOf(text) === this.#digest;
  }

  /** Call when we changed the file's mode but not its text. */
  touched(): void {
    this.#state = this.#place.state();
  }

  /** Call when our text is in place. */
  wrote(text: ByteText, parts: ConfigText): void {
    this.#parts = parts;
    this.#unwritten = null;
    this.#digest = digestOf(text);
    this.#state = this.#place.state();
    this.#pending = null;
    this.#good = { text, parts };
    this.#suspect.wrote(text);
  }

  /** Keeps a copy of the good text, to restore it after a mishap. */
  async keep(): Promise<void> {
    if (this.#good) await this.#formers.keepAsLastGood(this.#good.text);
  }

  /** Reads the present text. True: MediaMTX will reload the file. */
  #read(state: FileState | null): boolean {
    const isTouched = state?.modifiedMs !== this.#state?.modifiedMs;
    this.#state = state;
    this.#troubles.over('unreadable');
    const text = state === null ? null : this.#textOf();
    const digest = text === null ? '' : digestOf(text);
    const isOther = digest !== this.#digest;
    if (!isOther && !this.#isForgotten) {
      if (this.#unreadable) this.#reportUnreadable(this.#unreadable);
      if (isTouched) this.still.touched();
      return isTouched;
    }
    this.#digest = digest;
    this.#isForgotten = false;
    this.#troubles.over('aside', 'lost', 'needed');
    this.#unreadable = null;
    this.#pending = null;
    this.#unwritten = null;
    const isTorn = text !== null && !this.#took(text);
    if (this.#isOpen && isOther) this.still.changed(isTorn);
    return isOther;
  }

  /** The file's bytes; null: they cannot be read, which is reported. */
  #textOf(): ByteText | null {
    try {
      return readFileSync(this.#place.path, 'latin1');
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === null || !this.#isOpen) throw thrown;
      this.#troubles.record('unreadable', unreadableSentence(this.#place.path, `it cannot be read (${code})`));
      return null;
    }
  }

  /** Takes a text in. False: it is unreadable, or lacks settings of the last good text, so it may be half written. */
  #took(text: ByteText): boolean {
    try {
      const edited = this.#edited(text);
      const parts = this.#takeApart(edited);
      this.#parts = parts;
      this.#defaults = deadlyDefaultsOf(edited);
      this.#unwritten = edited === text ? null : edited;
      this.#pending = { text, parts };
      if (this.#isOpen) this.#suspect.came(edited, this.#fate());
      else this.#suspect.wrote(edited);
      return this.#lostNames(parts).length === 0;
    } catch (thrown) {
      const death = new DeathByText(this.#options.clock, this.#fate() === 'serves');
      this.#unreadable = { reason: messageOf(thrown), isEncrypted: ENCRYPTED.test(text), death };
      this.#reportUnreadable(this.#unreadable);
      return false;
    }
  }

  #reportUnreadable({ reason, isEncrypted }: Unreadable): void {
    const { path } = this.#place;
    const sentence = isEncrypted ? encryptedSentence(path) : unreadableSentence(path, reason);
    if (this.#troubles.record('unreadable', sentence)) this.#warn(sentence);
  }

  /** Does what has to wait until the file stands still. True: camlease changed the file. */
  async #settle(): Promise<boolean> {
    if (this.#unreadable) return this.#putAsideIfDead(this.#unreadable);
    if (this.still.leftMs > 0) return false;
    const { clock, log, template } = this.#options;
    this.#troubles.over('restless');
    if (clock.monotonicMs() - this.#lostMs > LOST_SHOWN_MS) this.#troubles.over('lost');
    if (!this.#mayWrite() && this.#isOpen) {
      // The replica that writes the paths keeps the copies.
      this.#good = this.#pending ?? this.#good;
      this.#pending = null;
      return false;
    }
    if (this.#state === null) {
      const what = `${this.#place.path} was missing, so camlease wrote it again.`;
      await this.#restore(this.#good?.text ?? asBytes(template));
      log.info(what, { file: this.#place.path });
      return true;
    }
    await this.#accept();
    return false;
  }

  /** The text has stood still, so it counts as good. If settings are missing from it, keeps a copy of the text before. */
  async #accept(): Promise<void> {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = null;
    const lost = this.#lostNames(pending.parts);
    const former = this.#good;
    this.#good = pending;
    if (former && lost.length > 0) {
      const sentence = lostSentence(this.#place.path, lost, await this.#formers.keepAsFormer(former.text));
      this.#lostMs = this.#options.clock.monotonicMs();
      this.#troubles.record('lost', sentence);
      this.#warn(sentence);
    }
    await this.#formers.keepAsLastGood(pending.text);
  }

  /**
   * Replaces an unreadable text by the last good one, but only when MediaMTX died of it too. Without a last good text the unreadable one
   * stays. True: the file was replaced.
   */
  async #putAsideIfDead({ reason, isEncrypted, death }: Unreadable): Promise<boolean> {
    const { clock } = this.#options;
    const isDead = death.isCertain(this.#fate());
    if (!isDead || isEncrypted || !this.#good || !this.#mayWrite()) return false;
    const aside = await this.#formers.copyAside(clock.now());
    await this.#restore(this.#good.text);
    const sentence = asideSentence(this.#place.path, aside, reason);
    this.#troubles.record('aside', sentence);
    this.#warn(sentence);
    return true;
  }

  async #restore(kept: ByteText): Promise<void> {
    const text = this.#edited(kept);
    const parts = this.#takeApart(text);
    const defaults = deadlyDefaultsOf(text);
    const renamed = (): void => {
      this.wrote(text, parts);
      this.#defaults = defaults;
    };
    await this.#place.replace(this.#state, { bytes: Buffer.from(text, 'latin1'), proceed: () => true, renamed });
    this.#troubles.over('unreadable', 'needed');
    this.#unreadable = null;
    await this.keep();
  }

  #recallGood(): void {
    const text = this.#formers.lastGood();
    if (text === null) return;
    try {
      this.#good = { text, parts: this.#takeApart(this.#edited(text)) };
    } catch {
      // An unreadable copy is no good text.
    }
  }

  /** Names of settings and of the operator's paths that the last good text has and this one lacks. */
  #lostNames({ settings, foreign }: ConfigText): readonly string[] {
    const good = this.#good?.parts;
    if (!good) return [];
    const { ownPaths } = this.#options;
    const lost = [...good.foreign].filter((name) => !foreign.has(name) && !ownPaths.has(name));
    return [...[...good.settings].filter((name) => !settings.has(name)), ...lost];
  }

  /** The text with our lines outside `paths` corrected; records a problem of the edits as the trouble `edit`. */
  #edited(text: ByteText): ByteText {
    let edited = text;
    let problem: string | null = null;
    for (const edit of this.#options.edits ?? []) {
      const made = edit(edited);
      edited = made.text;
      problem ??= made.problem;
    }
    this.#troubles.over('edit');
    if (problem !== null) this.#troubles.record('edit', problem);
    return edited;
  }

  #takeApart(text: ByteText): ConfigText {
    const { ownPaths, kept } = this.#options;
    const parts = takeApart(text, (name) => ownPaths.has(name));
    return kept?.into(parts) ?? parts;
  }

  #fate(): MediaMtxFate {
    return this.#isOpen ? (this.#options.mediaMtx?.() ?? 'unknown') : 'unknown';
  }

  #mayWrite(): boolean {
    return this.#options.sharing?.mayWrite() ?? true;
  }

  #warn(sentence: string): void {
    this.#options.log.warn(sentence, { file: this.#place.path });
  }
}

function digestOf(text: ByteText): string {
  return createHash('sha256').update(text, 'latin1').digest('hex');
}
