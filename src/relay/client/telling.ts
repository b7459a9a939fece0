import type { CameraId } from '../../core/camera/camera.js';
import type { RelayCamera, RelayCameras } from '../../core/streams/relay.js';
import { toldSchema } from '../wire/wire.js';
import { isStale } from './clientErrors.js';
import type { ControlReach } from './controlReach.js';
import { ToldCameras } from './toldCameras.js';

const TELL_MS = 15_000;
/** A busy machine with slow cores needs this much for each camera, until all workers know it. */
const TELL_MS_PER_CAMERA = 5;
/** The relay reads so many in some 30 ms, in which it takes no reader. */
const TOLD_AT_ONCE = 1_000;

type Changes = ReadonlyMap<CameraId, RelayCamera | null>;

/** A change of the relay's, of one run of its parent. */
export interface RelayChange {
  readonly run: string;
  readonly change: number;
}

export interface TellingOptions {
  readonly control: Pick<ControlReach, 'ask'>;
  /** True: no other process shares the database, so that fences mean nothing. */
  readonly isAlone: boolean;
  /** Cameras that somebody reads now; null: could not be asked. */
  readonly read: (signal?: AbortSignal) => Promise<ReadonlySet<CameraId> | null>;
}

/**
 * Tells a relay what changed since it was told last, or everything where it may know something else. Many changes go in batches, those
 * that somebody watches first: they go over at once, and each batch has its own time, so that a slow machine gets through.
 */
export class Telling {
  readonly #options: TellingOptions;
  readonly #told = new ToldCameras();
  /** The change that our latest telling made; null: none. */
  #after: RelayChange | null = null;
  #fence: number | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #begun = 0;
  #ended = 0;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** Another number after each telling that was begun or ended; odd: one runs. */
  get turn(): number {
    return this.#begun + this.#ended;
  }

  /** The relay is to be told everything. */
  forget(): void {
    this.#told.forget();
    this.#after = null;
  }

  /** True: what the relay knows now is not what we told it. */
  isOvertaken({ run, change }: RelayChange): boolean {
    const after = this.#after;
    return after !== null && (after.run !== run || after.change !== change);
  }

  /** One after the other; see the engine's `Relay`. */
  tell(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const told = this.#running.then(() => this.#tell(cameras, fence, signal));
    this.#running = told.catch(() => undefined);
    return told;
  }

  async #tell(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const { isKnown } = this.#told;
    const differences = this.#told.differences(cameras);
    if (isKnown && differences.size === 0 && fence === this.#fence) return;
    this.#begun += 1;
    try {
      if (isKnown) await this.#sendDifferences(cameras, differences, fence, signal);
      else await this.#send(cameras, null, fence, signal);
      this.#told.keep(cameras);
      this.#fence = fence;
    } catch (thrown) {
      // Whether it took them is not known.
      this.#told.forget();
      throw thrown;
    } finally {
      this.#ended += 1;
    }
  }

  /** Where the relay knows other things than we think, it is told everything. */
  async #sendDifferences(
    cameras: RelayCameras,
    differences: Changes,
    fence: number,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      for (const batch of await this.#batches(differences, signal)) await this.#send(batch, this.#after, fence, signal);
    } catch (thrown) {
      if (!isStale(thrown)) throw thrown;
      await this.#send(cameras, null, fence, signal);
    }
  }

  async #batches(differences: Changes, signal?: AbortSignal): Promise<readonly Changes[]> {
    if (differences.size <= TOLD_AT_ONCE) return [differences];
    const read = (await this.#options.read(signal)) ?? new Set();
    const all = [...differences];
    const [first, rest] = [all.filter(([id]) => read.has(id)), all.filter(([id]) => !read.has(id))];
    const batches: Changes[] = first.length === 0 ? [] : [new Map(first)];
    for (let from = 0; from < rest.length; from += TOLD_AT_ONCE)
      batches.push(new Map(rest.slice(from, from + TOLD_AT_ONCE)));
    return batches;
  }

  async #send(cameras: Changes, since: RelayChange | null, fence: number, signal?: AbortSignal): Promise<void> {
    const body = { fence: this.#options.isAlone ? null : fence, since, cameras: Object.fromEntries(cameras) };
    const limitMs = TELL_MS + cameras.size * TELL_MS_PER_CAMERA;
    const asked = { method: 'POST', path: '/cameras', body, schema: toldSchema, limitMs, signal } as const;
    this.#after = await this.#options.control.ask(asked);
  }
}
