import type { CameraId } from '../../core/camera/camera.js';
import type { SourceOpening } from '../../core/streams/opening.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import {
  isFlowing,
  isSameRelayCamera,
  type RelayCamera,
  type RelayCameras,
  type RelayedCamera,
} from '../../core/streams/relay.js';
import { isForRelayAlone, isSilent, type DesiredStreams } from '../../core/streams/streams.js';
import type { StreamState } from '../mediaEngine.js';

/** The relay as this engine uses it. Errors are `AppError`s with a sentence and a cure, never a URL. */
export interface SourceRelay extends Partial<SourceOpening> {
  /** Starts the relay; resolves also when that fails, and `problem` then says why. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** null: the relay can be used. */
  readonly problem: { readonly message: string; readonly cure: string } | null;
  /** Calls `listener` whenever `problem` changes, and when the relay was restarted and needs its cameras again. */
  onChange(listener: () => void): void;
  /** The URL at which a camera is read from the relay, the same for every target. Secret. null: not known yet. */
  sourceFor(cameraId: CameraId): string | null;
  setCameras(cameras: RelayCameras, fence: number, signal?: AbortSignal): Promise<void>;
  /** The states of cameras that somebody reads; null: the relay could not be asked. */
  states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null>;
}

/**
 * The cameras of which a person gave the URL. The relay pulls them, because it alone checks each address that it dials; the media process
 * reads them from the relay. The relay is started with the first of them.
 */
export class RelayedSources {
  readonly #relay: SourceRelay | null;
  readonly #onNews: () => void;
  #wanted: RelayCameras = new Map();
  #told: RelayCameras | null = null;
  #starting: Promise<void> | null = null;
  #telling: Promise<unknown> = Promise.resolve();

  /** `relay` null: there is none (RELAY=off). `onNews`: pulls have to be opened again, and the refused cameras may be others. */
  constructor(relay: SourceRelay | null, onNews: () => void) {
    this.#relay = relay;
    this.#onNews = onNews;
    relay?.onChange(() => {
      this.#told = null;
      void this.#tell()
        .catch(() => undefined)
        .then(() => this.#onNews());
    });
  }

  /** Resolves when the relay has these streams' cameras, or cannot be used. Throws the relay's error. */
  async want(streams: DesiredStreams, signal?: AbortSignal): Promise<void> {
    const cameras = new Map<CameraId, RelayCamera>();
    for (const [cameraId, stream] of streams)
      // The media process makes the stand-ins, so the relay ends a stream that has been away for a minute.
      if (isForRelayAlone(stream))
        cameras.set(cameraId, {
          ...{ target: stream.inForce, candidate: null, whenGone: 'end', cap: null },
          ...(isSilent(stream) && { sound: 'off' }),
        });
    this.#wanted = cameras;
    if (this.#relay === null || (cameras.size === 0 && this.#starting === null)) return;
    this.#starting ??= this.#relay.start();
    await this.#starting;
    await this.#tell(signal);
  }

  /** Opens an address, also before there is a camera that needs the relay; null: there is no relay. */
  get opening(): SourceOpening | null {
    const relay = this.#relay;
    if (!isOpener(relay)) return null;
    return {
      open: async (...asked) => {
        this.#starting ??= relay.start();
        await this.#starting;
        return relay.open(...asked);
      },
    };
  }

  async stop(): Promise<void> {
    if (this.#starting === null) return;
    await this.#starting;
    await this.#relay?.stop();
  }

  /** True: the camera is read from the relay. */
  has(cameraId: CameraId): boolean {
    return this.#wanted.has(cameraId);
  }

  /** The cameras that cannot be served, because there is no relay that can be used. */
  get unserved(): readonly CameraId[] {
    return this.#isUsable ? [] : [...this.#wanted.keys()];
  }

  /** A sentence with its cure; null: the relay works, or no camera needs it. */
  get problem(): string | null {
    if (this.#wanted.size === 0 || this.#isUsable) return null;
    const why = this.#relay?.problem;
    const said = why ? `${why.message} ${why.cure}` : 'RELAY=off: set RELAY=auto.';
    return `Cameras with an address of their own are not served, because only the relay pulls them. ${said}`;
  }

  /** What the media process pulls for this target; null: the relay cannot be used, so nothing is pulled. */
  sourceOf(cameraId: CameraId, target: PullTarget): string | null {
    return target.givenBy === 'cloud' ? target.url : this.readerUrl(cameraId);
  }

  /** Where the camera is read from the relay; null: the relay does not have it, or cannot be used. */
  readerUrl(cameraId: CameraId): string | null {
    return this.#isUsable && this.has(cameraId) ? (this.#relay?.sourceFor(cameraId) ?? null) : null;
  }

  /** What the relay sees of its cameras; empty: no camera is read from it. null: it could not be asked. */
  async states(signal?: AbortSignal): Promise<ReadonlyMap<CameraId, RelayedCamera> | null> {
    if (this.#wanted.size === 0 || this.#relay === null) return new Map();
    return this.#relay.states(signal);
  }

  get #isUsable(): boolean {
    return this.#relay !== null && this.#relay.problem === null;
  }

  /** Calls run one after the other. */
  #tell(signal?: AbortSignal): Promise<void> {
    const turn = this.#telling.then(async () => {
      const wanted = this.#wanted;
      if (this.#relay === null || !this.#isUsable || isSame(this.#told, wanted)) return;
      this.#told = wanted;
      try {
        await this.#relay.setCameras(wanted, 0, signal);
      } catch (thrown) {
        this.#told = null;
        // A relay that cannot be used any more is told when it can.
        if (this.problem === null) throw thrown;
      }
    });
    this.#telling = turn.catch(() => undefined);
    return turn;
  }
}

function isOpener<T extends Partial<SourceOpening>>(relay: T | null): relay is T & SourceOpening {
  return relay?.open !== undefined;
}

function isSame(a: RelayCameras | null, b: RelayCameras): boolean {
  if (a?.size !== b.size) return false;
  return [...b].every(([cameraId, camera]) => {
    const before = a.get(cameraId);
    return before !== undefined && isSameRelayCamera(before, camera);
  });
}

/**
 * The state of a camera by the relay's pull: the media process cannot tell the relay's stand-in from a picture. `state`: what the media
 * process sees.
 */
export function stateByRelay(
  state: StreamState,
  seen: ReadonlyMap<CameraId, RelayedCamera> | null,
  cameraId: CameraId,
  nowMs: number,
): StreamState {
  if (state.flow === 'idle') return state;
  if (seen === null) return { ...state, flow: 'unknown' };
  const camera = seen.get(cameraId);
  // The media process is about to read the relay, or cannot.
  if (camera === undefined) return state;
  const { quietMs, reason, bytesReceived, endedPulls } = camera;
  const flow = isFlowing(camera) ? state.flow : camera.state === 'opening' ? 'starting' : 'stopped';
  return {
    ...state,
    ...{ flow, reason, bytesReceived },
    ...(endedPulls !== undefined && { endedPulls }),
    ...(flow === 'stopped' && { standsIn: camera.state !== 'dark' || state.standsIn === true }),
    ...(quietMs !== null && { movedMs: nowMs - quietMs }),
  };
}
