/** Timed notes of a long test, for the message of its failure. */
export class Diary {
  readonly #lines: { readonly atMs: number; readonly text: string }[] = [];
  readonly #last = new Map<string, string>();

  note(text: string): void {
    this.#lines.push({ atMs: Date.now(), text });
  }

  /** Adds a line when the value of `about` differs from the one before. */
  saw(about: string, value: unknown): void {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (this.#last.get(about) === text) return;
    this.#last.set(about, text);
    this.note(`${about}: ${text}`);
  }

  /** Oldest first. */
  since(sinceMs: number): readonly string[] {
    return this.#lines
      .filter(({ atMs }) => atMs >= sinceMs)
      .map(({ atMs, text }) => `${new Date(atMs).toISOString().slice(11, 23)} ${text}`);
  }
}
