import { createHash } from 'node:crypto';

const MOST_LINES = 400_000;

/** What happened, line by line: the same seed writes the same lines. */
export class Trace {
  readonly #now: () => number;
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  note(line: string): void {
    this.#hash.update(`${this.#now()} ${line}\n`);
    this.#lines.push(`${new Date(this.#now()).toISOString()} ${line}`);
    if (this.#lines.length > MOST_LINES) this.#lines.splice(0, MOST_LINES / 2);
  }

  /** The latest lines that hold this text. */
  about(text: string): string[] {
    return this.#lines.filter((line) => line.includes(text));
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
