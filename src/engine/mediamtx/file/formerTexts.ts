import { readFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../../../core/errors.js';
import type { EngineLog } from '../../engineLog.js';
import type { FilePlace } from '../disk/filePlace.js';
import type { ByteText } from '../yaml/scalar.js';

/** How many copies of earlier texts are kept; the newest has the highest number, and the oldest are removed. */
const MOST_COPIES = 5;

/** Private copies of earlier texts of MediaMTX's file, in the folder of the configured path. */
export class FormerTexts {
  readonly #place: FilePlace;
  readonly #log: EngineLog;
  #running: Promise<unknown> = Promise.resolve();
  #lastTrouble = '';

  constructor(place: FilePlace, log: EngineLog) {
    this.#place = place;
    this.#log = log;
  }

  /** The last text that counted as good; null: there is none, or it cannot be read. */
  lastGood(): ByteText | null {
    try {
      return readFileSync(this.#lastGoodPath, 'latin1');
    } catch {
      return null;
    }
  }

  keepAsLastGood(text: ByteText): Promise<void> {
    return this.#keep(this.#lastGoodPath, text);
  }

  /** Keeps a text as `<path>.before-<number>` and returns that path. */
  async keepAsFormer(text: ByteText): Promise<string> {
    const numbers = await this.#numbers();
    const path = this.#formerPath(Math.max(0, ...numbers) + 1);
    await this.#keep(path, text);
    for (const number of numbers.sort((a, b) => b - a).slice(MOST_COPIES - 1))
      await rm(this.#formerPath(number), { force: true });
    return path;
  }

  /** Copies the file's present text to `<path>.broken-<moment>` and returns that path. */
  async copyAside(moment: Date): Promise<string> {
    const { path } = this.#place;
    const aside = `${path}.broken-${moment.toISOString().replaceAll(':', '-')}`;
    await this.#place.keep(aside, readFileSync(path));
    return aside;
  }

  /** A failure is only logged, since a copy is needed only after a mishap. */
  #keep(path: string, text: ByteText): Promise<void> {
    const kept = this.#running.then(() => this.#place.keep(path, Buffer.from(text, 'latin1')));
    const settled = kept.catch((thrown: unknown) => {
      const reason = messageOf(thrown);
      if (reason !== this.#lastTrouble) this.#log.warn('no copy of the configuration file could be kept', { reason });
      this.#lastTrouble = reason;
    });
    this.#running = settled;
    return settled;
  }

  async #numbers(): Promise<number[]> {
    const { path } = this.#place;
    const start = `${basename(path)}.before-`;
    const names = await readdir(dirname(path)).catch(() => []);
    return names.flatMap((name) => {
      const number = name.startsWith(start) ? Number(name.slice(start.length)) : 0;
      return Number.isInteger(number) && number > 0 ? [number] : [];
    });
  }

  #formerPath(number: number): string {
    const { path } = this.#place;
    return join(dirname(path), `${basename(path)}.before-${number}`);
  }

  get #lastGoodPath(): string {
    return `${this.#place.path}.last-good`;
  }
}
