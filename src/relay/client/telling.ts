import type { CameraId } from '../../core/camera/camera.js';
import type { RelayCamera, RelayCameras } from '../../core/streams/relay.js';
import { toldSchema } from '../wire/wire.js';
import { isStale } from './clientErrors.js';
import type { ControlReach } from './controlReach.js';
import { AcknowledgedCameras } from './acknowledgedCameras.js';

const TELL_MS = 15_000;
/** What a slow, busy machine needs for each camera until all workers have read it. */
const TELL_MS_PER_CAMERA = 5;
/** Cameras in one request. The relay's parent needs some 30 ms to read so many, and accepts no reader meanwhile. */
const TOLD_AT_ONCE = 1_000;

type Changes = ReadonlyMap<CameraId, RelayCamera | null>;

/** Numbers the changes that the relay got: `change` counts within one `run` of its parent. */
export interface RelayChange {
  readonly run: string;
  readonly change: number;
}

export interface TellingOptions {
  readonly control: Pick<ControlReach, 'ask'>;
  /** True: no other replica shares the database. Fences are not sent then. */
  readonly isAlone: boolean;
  /** Cameras that have readers now; null: the relay did not answer. */
  readonly read: (signal?: AbortSignal) => Promise<ReadonlySet<CameraId> | null>;
}

/**
 * Sends a relay the cameras that changed since the last call, or all cameras where the relay may hold others. Many changes go in batches,
 * cameras with readers first, so that these get their new lease at once. Each batch has its own time limit, for slow machines.
 */
export class Telling {
  readonly #options: TellingOptions;
  readonly #acknowledged = new AcknowledgedCameras();
  /** The number that the relay gave to our latest change; null: we have sent nothing yet, or must send all cameras. */
  #after: RelayChange | null = null;
  #fence: number | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #begun = 0;
  #ended = 0;

  constructor(options: TellingOptions) {
    this.#options = options;
  }

  /** Counts up when cameras begin to be sent, and again when that ends; odd: they are being sent. */
  get turn(): number {
    return this.#begun + this.#ended;
  }

  /** The next `setCameras` sends all cameras. */
  forget(): void {
    this.#acknowledged.forget();
    this.#after = null;
  }

  /** True: the relay was started again, or another process changed its cameras after us. */
  isOvertaken({ run, change }: RelayChange): boolean {
    const after = this.#after;
    return after !== null && (after.run !== run || after.change !== change);
  }

  /** Calls run one after the other. Described at the engine's `Relay` port. */
  setCameras(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const turn = this.#running.then(() => this.#sendChanges(cameras, fence, signal));
    this.#running = turn.catch(() => undefined);
    return turn;
  }

  async #sendChanges(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void> {
    const { isKnown } = this.#acknowledged;
    const differences = this.#acknowledged.differences(cameras);
    if (isKnown && differences.size === 0 && fence === this.#fence) return;
    this.#begun += 1;
    try {
      if (isKnown) await this.#sendDifferences(cameras, differences, fence, signal);
      else await this.#send(cameras, null, fence, signal);
      this.#acknowledged.keep(cameras);
      this.#fence = fence;
    } catch (thrown) {
      // The relay may or may not have taken the changes, so the next `setCameras` sends all cameras.
      this.#acknowledged.forget();
      throw thrown;
    } finally {
      this.#ended += 1;
    }
  }

  /** Sends the changes; where the relay refuses them as stale, sends all cameras instead. */
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
