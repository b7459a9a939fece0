import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf } from '../../../core/errors.js';
import { systemCode } from '../disk/atomicFile.js';
import { takeApart, type ConfigText } from './configText.js';
import type { ConfigFileOptions, MediaMtxFate } from './configFileOptions.js';
import { DeathByText } from './deathByText.js';
import { isMarkPath } from './fileMark.js';
import type { FileLook, FilePlace } from '../disk/filePlace.js';
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

/** A text that could be read, whole as far as anybody can tell. */
interface GoodText {
  readonly text: ByteText;
  readonly parts: ConfigText;
}

/** What a text says that MediaMTX decrypts (`MTX_CONFKEY`): base64 and nothing else. */
const ENCRYPTED = /^[A-Za-z0-9+/\r\n]{32,}={0,2}\s*$/;
/** That something was lost is said for so long, unless somebody changes the file again. */
const LOST_SAID_MS = 3_600_000;

/** What cannot be read, and whether MediaMTX died of it. */
interface Unreadable {
  readonly reason: string;
  /** It is no text of settings at all, and MediaMTX may know the key. */
  readonly isEncrypted: boolean;
  readonly death: DeathByText;
}

/**
 * MediaMTX's file as it was seen last: what stands in it, whether somebody else is at work on it, and what it lost by that. Puts a
 * missing file back, and one that MediaMTX died of.
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
  #look: FileLook | null = null;
  #digest = '';
  /** What stands there with our lines outside `paths` put right; null: they are right. */
  #unwritten: ByteText | null = null;
  /** It is read again though nobody changed it. */
  #isForgotten = true;
  /** What stands there now, until it has stood still. */
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

  /** Its readable text, taken apart; the last one that could be read. */
  get parts(): ConfigText {
    return this.#parts;
  }

  /** What its `pathDefaults` ask of lines of ours, whatever MediaMTX has in force; null: nothing. */
  get defaults(): PathDefaults | null {
    return this.#defaults;
  }

  /** What stands there with our lines outside `paths` put right; null: they are right, or nothing is known. */
  get unwritten(): ByteText | null {
    return this.#unwritten;
  }

  /** What stands there; null: no text that could be read. */
  get text(): ByteText | null {
    const known = this.#pending ?? this.#good;
    return known && this.holds(known.text) ? known.text : null;
  }

  /** What somebody changed in it just before MediaMTX stopped answering; null: nothing, or it answers. */
  suspects(): Suspects | null {
    return this.#suspect.look(this.#fate());
  }

  /** null: there is no file. */
  get look(): FileLook | null {
    return this.#look;
  }

  /** The first look. */
  async open(): Promise<void> {
    this.#recallGood();
    await this.refresh();
    this.#isOpen = true;
  }

  /** Looks again. True: it was changed, by somebody else or by us. */
  async refresh(): Promise<boolean> {
    const look = this.#place.look();
    const isSame = look?.stamp === this.#look?.stamp && !this.#isForgotten;
    const isChanged = !isSame && this.#read(look);
    const isReadLate = this.still.isReadLate();
    return (await this.#settle()) || isChanged || isReadLate;
  }

  forget(): void {
    this.#isForgotten = true;
  }

  /** True when this text stands there. */
  holds(text: ByteText): boolean {
    return digestOf(text) === this.#digest;
  }

  /** The file was changed by us without another text in it. */
  touched(): void {
    this.#look = this.#place.look();
  }

  /** This text of ours stands there from now on. */
  wrote(text: ByteText, parts: ConfigText): void {
    this.#parts = parts;
    this.#unwritten = null;
    this.#digest = digestOf(text);
    this.#look = this.#place.look();
    this.#pending = null;
    this.#good = { text, parts };
    this.#suspect.wrote(text);
  }

  /** Keeps a copy of what stands there, for a mishap. */
  async keep(): Promise<void> {
    if (this.#good) await this.#formers.keepAsLastGood(this.#good.text);
  }

  /** Takes down what stands there. True: MediaMTX reads it anew. */
  #read(look: FileLook | null): boolean {
    const isTouched = look?.modifiedMs !== this.#look?.modifiedMs;
    this.#look = look;
    this.#troubles.over('unreadable');
    const text = look === null ? null : this.#textOf();
    const digest = text === null ? '' : digestOf(text);
    const isOther = digest !== this.#digest;
    if (!isOther && !this.#isForgotten) {
      if (this.#unreadable) this.#sayUnreadable(this.#unreadable);
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

  /** null: it cannot be read, and that is said. */
  #textOf(): ByteText | null {
    try {
      return readFileSync(this.#place.path, 'latin1');
    } catch (thrown) {
      const code = systemCode(thrown);
      if (code === null || !this.#isOpen) throw thrown;
      this.#troubles.say('unreadable', unreadableSentence(this.#place.path, `it cannot be read (${code})`));
      return null;
    }
  }

  /** False: it is no whole text, or lacks what the last good one has. */
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
      this.#sayUnreadable(this.#unreadable);
      return false;
    }
  }

  #sayUnreadable({ reason, isEncrypted }: Unreadable): void {
    const { path } = this.#place;
    const sentence = isEncrypted ? encryptedSentence(path) : unreadableSentence(path, reason);
    if (this.#troubles.say('unreadable', sentence)) this.#warn(sentence);
  }

  /** What waits for the file to stand still. True: we changed it. */
  async #settle(): Promise<boolean> {
    if (this.#unreadable) return this.#putAsideIfDead(this.#unreadable);
    if (this.still.leftMs > 0) return false;
    const { clock, log, template } = this.#options;
    this.#troubles.over('restless');
    if (clock.monotonicMs() - this.#lostMs > LOST_SAID_MS) this.#troubles.over('lost');
    if (!this.#mayWrite() && this.#isOpen) {
      // Its writer keeps copies.
      this.#good = this.#pending ?? this.#good;
      this.#pending = null;
      return false;
    }
    if (this.#look === null) {
      const what = `${this.#place.path} was not there and was made anew.`;
      await this.#restore(this.#good?.text ?? asBytes(template));
      log.info(what, { file: this.#place.path });
      return true;
    }
    await this.#accept();
    return false;
  }

  /** The text has stood still, so it counts as good; what was lost by it is kept. */
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
      this.#troubles.say('lost', sentence);
      this.#warn(sentence);
    }
    await this.#formers.keepAsLastGood(pending.text);
  }

  /**
   * A text that we cannot read gives way only when MediaMTX cannot live with it either. Without a last good text nothing is better than
   * what stands there.
   */
  async #putAsideIfDead({ reason, isEncrypted, death }: Unreadable): Promise<boolean> {
    const { clock } = this.#options;
    const isDead = death.isCertain(this.#fate());
    if (!isDead || isEncrypted || !this.#good || !this.#mayWrite()) return false;
    const aside = await this.#formers.copyAside(clock.now());
    await this.#restore(this.#good.text);
    const sentence = asideSentence(this.#place.path, aside, reason);
    this.#troubles.say('aside', sentence);
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
    await this.#place.replace(this.#look, { bytes: Buffer.from(text, 'latin1'), proceed: () => true, renamed });
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
      // Then it is no good text.
    }
  }

  /** Names of settings, and of paths that are not ours, which the last good text has and this one lacks. */
  #lostNames({ settings, foreign }: ConfigText): readonly string[] {
    const good = this.#good?.parts;
    if (!good) return [];
    const { ownPaths } = this.#options;
    const lost = [...good.foreign].filter((name) => !foreign.has(name) && !ownPaths.has(name));
    return [...[...good.settings].filter((name) => !settings.has(name)), ...lost];
  }

  /** With our lines outside `paths` in it. */
  #edited(text: ByteText): ByteText {
    let edited = text;
    let problem: string | null = null;
    for (const edit of this.#options.edits ?? []) {
      const made = edit(edited);
      edited = made.text;
      problem ??= made.problem;
    }
    this.#troubles.over('edit');
    if (problem !== null) this.#troubles.say('edit', problem);
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
