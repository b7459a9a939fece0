import type { Clock } from '../../../core/clock.js';

interface Known {
  /** null: it carries nothing now. */
  bytes: number | null;
  movedMs: number | null;
}

/** Remembers of paths, look by look, when their bytes were last seen to grow: MediaMTX tells counts, and `ready` tells nothing. */
export class MovingBytes {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `bytes` null: the path is not there, or has no source of its own now. The first look at a path tells no growth. */
  see(name: string, bytes: number | null): void {
    const known = this.#known.get(name);
    if (!known) {
      this.#known.set(name, { bytes, movedMs: null });
      return;
    }
    // One that was closed between two looks counts from 0 again.
    if (bytes !== null && bytes > 0 && bytes !== known.bytes) known.movedMs = this.#clock.monotonicMs();
    known.bytes = bytes;
  }

  /** Forgets all others. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }

  /** When (monotonic) its bytes were last seen to have grown; null: never. */
  movedMs(name: string): number | null {
    return this.#known.get(name)?.movedMs ?? null;
  }
}
