import type { AppError } from '../../../src/core/errors.js';
import type { RelayCameras, RelayedCamera } from '../../../src/core/streams/relay.js';
import type { Relay } from '../../../src/engine/mediamtx/relayed/relayPort.js';

type Problem = Relay['problem'];

/** The host of the sources that it gives out; nothing listens there, and sources differ by camera. */
export const FAKE_RELAY_HOST = 'mediamtx:relay-secret@127.0.0.1:9';

/** A relay that keeps the calls of `setCameras` and answers what a test has set. */
export class FakeRelay implements Relay {
  readonly told: { readonly cameras: RelayCameras; readonly fence: number }[] = [];
  readonly slates = new Map<string, readonly Buffer[]>();
  readonly seen = new Map<string, RelayedCamera>();
  /** False: `states` gives null. */
  isReadable = true;
  isStarted = false;
  isKnown = true;
  /** Thrown by the next `setCameras`. */
  refusal: AppError | null = null;
  #problem: Problem = null;
  readonly #listeners: (() => void)[] = [];

  start(): Promise<void> {
    this.isStarted = true;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.isStarted = false;
    return Promise.resolve();
  }

  get problem(): Problem {
    return this.#problem;
  }

  /** The cameras of the latest `setCameras`. */
  get now(): RelayCameras {
    return this.told.at(-1)?.cameras ?? new Map();
  }

  fail(message = 'The relay does not answer.'): void {
    this.#change({ message, cure: 'Start it.' });
  }

  recover(): void {
    this.#change(null);
  }

  /** Reports that the relay was started again and must be told everything. */
  restarted(): void {
    this.#change(this.#problem);
  }

  reads(cameraId: string, more: Partial<RelayedCamera> = {}): void {
    this.seen.set(cameraId, {
      ...{
        state: 'live',
        revision: 1,
        readers: 1,
        bytesReceived: 1_000,
        quietMs: 40,
        reason: null,
        protocolFailures: 0,
      },
      ...more,
    });
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  sourceFor(cameraId: string): string | null {
    return this.isKnown ? `rtsp://${FAKE_RELAY_HOST}/${cameraId}` : null;
  }

  candidateUrl(cameraId: string, revision: number): string | null {
    return this.isKnown ? `rtsp://${FAKE_RELAY_HOST}/candidate/${cameraId}/${revision}` : null;
  }

  setCameras(cameras: RelayCameras, fence: number): Promise<void> {
    const refusal = this.refusal;
    this.refusal = null;
    if (refusal) return Promise.reject(refusal);
    this.told.push({ cameras: new Map(cameras), fence });
    return Promise.resolve();
  }

  keepSlate(cameraId: string, units: readonly Buffer[]): Promise<void> {
    this.slates.set(cameraId, units);
    return Promise.resolve();
  }

  states(): Promise<ReadonlyMap<string, RelayedCamera> | null> {
    return Promise.resolve(this.isReadable ? new Map(this.seen) : null);
  }

  #change(problem: Problem): void {
    this.#problem = problem;
    for (const listener of this.#listeners) listener();
  }
}
