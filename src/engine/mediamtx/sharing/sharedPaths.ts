import { WriteBehind } from '../../../core/async/writeBehind.js';
import type { Clock } from '../../../core/clock.js';
import type { SharedNames } from './ownPaths.js';
import { isInternalName, type Sharing } from './sharing.js';

export interface SharedPathsDeps {
  readonly sharing: Pick<Sharing, 'readPaths' | 'writePaths'>;
  readonly marker: () => string | null;
  readonly clock: Clock;
}

const RETRY_MS = 2_000;

/**
 * The public paths that all replicas made in this MediaMTX, kept in the store: else a replica that takes over would take them for the
 * operator's. Internal paths are known by their names.
 */
export class SharedPaths implements SharedNames {
  readonly #deps: SharedPathsDeps;
  #names: ReadonlySet<string> = new Set();
  /** Names that the store does not have yet; null: none. */
  #unsaved: readonly string[] | null = null;
  readonly #saving: WriteBehind;
  #stopped = false;

  constructor(deps: SharedPathsDeps) {
    this.#deps = deps;
    this.#saving = new WriteBehind(deps.clock, {
      waits: () => this.#unsaved !== null && !this.#stopped,
      write: () => this.#save(),
      retryMs: RETRY_MS,
    });
  }

  has(name: string): boolean {
    return isInternalName(name) || this.#names.has(name);
  }

  /** Reads the names that other replicas stored. While the store is away, the known ones stay. */
  async refresh(): Promise<void> {
    const marker = this.#deps.marker();
    if (marker === null || this.#unsaved !== null) return;
    const names = await this.#deps.sharing.readPaths(marker).catch(() => null);
    if (names) this.#names = new Set(names);
  }

  /** Sets the names and stores them; while the store is away, retries in the background, since serving must go on. */
  async set(names: ReadonlySet<string>): Promise<void> {
    const shown = [...names].filter((name) => !isInternalName(name));
    if (shown.length === this.#names.size && shown.every((name) => this.#names.has(name))) return;
    this.#names = new Set(shown);
    this.#unsaved = shown;
    await this.#saving.now();
  }

  stop(): void {
    this.#stopped = true;
    void this.#saving.stop();
  }

  async #save(): Promise<void> {
    const { sharing, marker: markerOf } = this.#deps;
    const names = this.#unsaved;
    const marker = markerOf();
    if (marker !== null && names !== null) await sharing.writePaths(marker, names);
    if (this.#unsaved === names) this.#unsaved = null;
  }
}
