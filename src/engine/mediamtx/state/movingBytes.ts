import type { Clock } from '../../../core/clock.js';

interface Known {
  /** null: the path had no source at the latest call. */
  bytes: number | null;
  movedMs: number | null;
}

/** Remembers when each path's bytes were last seen to grow, since MediaMTX gives only counts, and its `ready` does not tell. */
export class MovingBytes {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes in a path's byte count; null: the path is missing, or has no source now. The first call for a path shows no growth. */
  see(name: string, bytes: number | null): void {
    const known = this.#known.get(name);
    if (!known) {
      this.#known.set(name, { bytes, movedMs: null });
      return;
    }
    // Compared by inequality: a path that was closed between two calls counts from 0 again.
    if (bytes !== null && bytes > 0 && bytes !== known.bytes) known.movedMs = this.#clock.monotonicMs();
    known.bytes = bytes;
  }

  /** Forgets all paths but these. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }

  /** When (monotonic) the path's bytes were last seen to have grown; null: never. */
  movedMs(name: string): number | null {
    return this.#known.get(name)?.movedMs ?? null;
  }
}
