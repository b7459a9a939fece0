import { setMaxListeners } from 'node:events';
import { Poller } from '../../core/async/poller.js';
import type { CameraId, SourceLogin } from '../../core/camera/camera.js';
import { isUrlCamera, type UrlCamera } from '../../core/camera/cameraSource.js';
import { AppError, messageOf, type CameraError } from '../../core/errors.js';
import { openingError } from '../../core/health/openingError.js';
import { LOGIN_REFUSED, openingDueAt, openingFailure, type SeenFlow } from '../../core/renewal/opening.js';
import { isOpened, type NotOpened, type Opened, type SourceOpening } from '../../core/streams/opening.js';
import { targetOf } from '../../core/streams/pullTarget.js';
import type { JobsDeps } from '../run/deps.js';
import { SOLE_OWNER } from '../run/ownership.js';
import type { OpeningTurns } from './openingTurns.js';

/** How often it is looked whether the pictures of a camera that failed come all the same. */
const FLOW_EVERY_MS = 10_000;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 60_000;
/** After the relay, or the store, did not answer, nothing is opened for so long. */
const PAUSE_MS = 5_000;
/** A viewer's wish opens a camera that failed at most this often. */
const ASKED_AGAIN_MS = 10_000;

export interface OpeningsDeps extends Pick<JobsDeps, 'clock' | 'random' | 'log' | 'pictures' | 'ownership'> {
  readonly store: Pick<JobsDeps['store'], 'peek' | 'peekAll' | 'onChange' | 'recordOpening'>;
  /** null: there is no relay, so no camera can be opened; the engine refuses each of them. */
  readonly opening: SourceOpening | null;
  /** Makes a JPEG of a key frame with its parameter sets (Annex B); null: this machine cannot decode. */
  readonly pictureOf: ((keyFrame: Buffer, codec: 'H264' | 'H265', signal: AbortSignal) => Promise<Buffer>) | null;
  readonly seen: (id: CameraId) => SeenFlow;
  /** Shared with requests that give addresses. */
  readonly turns: OpeningTurns;
}

/** What an opening found; null: it opened. */
export type OpeningOutcome = CameraError | null;

interface Tried {
  readonly found: Opened | NotOpened;
  /** The reading to store from now on; empty: the stored one is right, or none is. */
  readonly login: { readonly login?: SourceLogin };
}

interface Asked {
  readonly resolve: (outcome: OpeningOutcome) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Opens each `url` camera that was never opened, that failed and is due, or that nobody has watched for a while, and puts on the camera what
 * came of it. Only the process that owns the media server opens on its own: two logins at once would be one too many for some cameras.
 */
export class Openings {
  readonly #deps: OpeningsDeps;
  readonly #polls: Poller;
  readonly #stop = new AbortController();
  readonly #running = new Set<CameraId>();
  readonly #asked = new Map<CameraId, Asked[]>();
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #stopListening = (): void => undefined;
  #isStarted = false;

  constructor(deps: OpeningsDeps) {
    this.#deps = deps;
    // Each opening, and each picture that is made of one, listens; Node would warn of more than ten.
    setMaxListeners(0, this.#stop.signal);
    deps.turns.whenFree(() => this.#begin());
    this.#polls = new Poller(deps.clock, () => {
      this.#begin();
      return Promise.resolve(this.#nextMs());
    });
  }

  start(): void {
    this.#isStarted = true;
    this.#stopListening = this.#deps.store.onChange((event) => {
      if ('camera' in event && isUrlCamera(event.camera)) this.#polls.in(0);
    });
    this.#polls.in(0);
  }

  async stop(): Promise<void> {
    this.#stopListening();
    this.#stop.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
    await this.#polls.stop();
    for (const id of this.#asked.keys()) this.#answer(id, ({ reject }) => reject(this.#stop.signal.reason));
  }

  /**
   * Opens a camera now, due or not, as a person asks for it. Resolves with what is wrong; null: it opened, or is no `url` camera. Throws
   * `AppError` when the relay cannot answer.
   */
  openNow(id: CameraId): Promise<OpeningOutcome> {
    return new Promise((resolve, reject) => {
      this.#asked.set(id, [...(this.#asked.get(id) ?? []), { resolve, reject }]);
      this.#begin();
    });
  }

  /** A viewer asks for a camera that failed: its source may be back, so it is opened at once, unless that was tried a moment ago. */
  urgent(id: CameraId): void {
    const { store, clock } = this.#deps;
    const camera = store.peek(id);
    if (!camera || !isUrlCamera(camera) || camera.failure === null || this.#asked.has(id)) return;
    const { at, code } = camera.failure;
    if (code === LOGIN_REFUSED || clock.now().getTime() - at.getTime() < ASKED_AGAIN_MS) return;
    this.openNow(id).catch(() => undefined);
  }

  #begin(): void {
    if (this.#stop.signal.aborted) return;
    for (const camera of this.#next()) {
      if (!this.#deps.turns.isFree) return;
      this.#running.add(camera.id);
      const opened = this.#deps.turns.take(this.#stop.signal, () => this.#open(camera));
      void opened.finally(() => {
        this.#running.delete(camera.id);
        this.#begin();
      });
    }
  }

  /** The cameras to open now: those that a person asked for, then the others by when they fell due. */
  #next(): readonly UrlCamera[] {
    const { clock, store, ownership = SOLE_OWNER, seen, opening } = this.#deps;
    const now = clock.now();
    const next: { camera: UrlCamera; dueMs: number }[] = [];
    for (const id of this.#asked.keys()) {
      const camera = store.peek(id);
      if (!camera || !isUrlCamera(camera)) this.#answer(id, ({ resolve }) => resolve(null));
      else if (!this.#running.has(id)) next.push({ camera, dueMs: Number.NEGATIVE_INFINITY });
    }
    const isPaused = clock.monotonicMs() < this.#pausedUntilMs;
    if (this.#isStarted && !isPaused && opening !== null && ownership.engine()) {
      for (const camera of store.peekAll()) {
        if (!isUrlCamera(camera) || this.#running.has(camera.id) || this.#asked.has(camera.id)) continue;
        const dueAt = openingDueAt(camera, seen(camera.id), now);
        if (dueAt !== null && dueAt <= now) next.push({ camera, dueMs: dueAt.getTime() });
      }
    }
    return next.sort((a, b) => a.dueMs - b.dueMs).map(({ camera }) => camera);
  }

  /** The time until something may fall due (ms); null: nothing does, until a camera changes. */
  #nextMs(): number | null {
    const { clock, store, seen, opening } = this.#deps;
    if (opening === null) return null;
    const now = clock.now();
    let nextMs: number | null = null;
    for (const camera of store.peekAll()) {
      if (!isUrlCamera(camera)) continue;
      const dueMs = (openingDueAt(camera, seen(camera.id), now)?.getTime() ?? Infinity) - now.getTime();
      nextMs = Math.min(nextMs ?? LONGEST_MS, dueMs, camera.failure === null ? LONGEST_MS : FLOW_EVERY_MS);
    }
    return nextMs === null ? null : Math.max(SHORTEST_MS, nextMs);
  }

  /** Never rejects. */
  async #open(camera: UrlCamera): Promise<void> {
    const { clock, log } = this.#deps;
    // Requests that come while this opening runs may be about a newer address, so they get an opening of their own.
    const asked = this.#asked.get(camera.id) ?? [];
    this.#asked.delete(camera.id);
    try {
      const outcome = await this.#outcomeOf(camera, asked.length > 0);
      for (const { resolve } of asked) resolve(outcome);
    } catch (thrown) {
      this.#pausedUntilMs = clock.monotonicMs() + PAUSE_MS;
      if (!this.#stop.signal.aborted)
        log.debug(`Camera ${camera.id} could not be opened: ${messageOf(thrown)}`, { camera: camera.id });
      for (const { reject } of asked) reject(thrown);
    }
  }

  /** `again`: a person asks, so that a login that was refused lately is tried once more. */
  async #outcomeOf(camera: UrlCamera, again: boolean): Promise<OpeningOutcome> {
    const { clock, random, store, opening, log } = this.#deps;
    if (opening === null) throw noRelay();
    const { found, login } = await this.#tried(camera, opening, again);
    const now = clock.now();
    const { revision } = camera.source;
    const before = store.peek(camera.id);
    const known = before && isUrlCamera(before) ? before : camera;
    if (isOpened(found)) {
      await store.recordOpening(camera.id, revision, { failure: null, tracks: found.tracks, ...login }, now);
      if (known.failure !== null) log.info(`Camera ${camera.id} shows its picture again.`, { camera: camera.id });
      await this.keepPicture(camera.id, found);
      return null;
    }
    const error = openingError(found);
    const failure = openingFailure(known, error, random, now);
    await store.recordOpening(camera.id, revision, { failure, tracks: null }, now);
    if (known.failure?.code !== error.code)
      log.warn(`Camera ${camera.id} does not open: ${error.message}`, {
        ...{ camera: camera.id, code: error.code, cure: error.cure },
        ...(found.code !== null && { said: found.code }),
      });
    return error;
  }

  /** Opens by the login that is stored, then, if the camera refuses that, by its other reading; each is tried once. */
  async #tried({ source }: UrlCamera, opening: SourceOpening, again: boolean): Promise<Tried> {
    const readings = source.otherLogin ? [source.login, source.otherLogin] : [source.login];
    let found: Opened | NotOpened = { reason: 'login', code: null };
    for (const [at, login] of readings.entries()) {
      const target = targetOf({ source: { ...source, login }, lease: null });
      if (target === null) throw noRelay();
      found = await opening.open(target, this.#stop.signal, { again });
      if (isOpened(found) && at > 0 && login !== null) return { found, login: { login } };
      if (isOpened(found) || found.reason !== 'login') break;
    }
    return { found, login: {} };
  }

  /** Makes the camera's still picture of its key frame. Never rejects. */
  async keepPicture(id: CameraId, { keyFrame, tracks }: Opened): Promise<void> {
    const { pictureOf, pictures, clock, log } = this.#deps;
    const { codec } = tracks.video;
    if (pictureOf === null || (codec !== 'H264' && codec !== 'H265')) return;
    try {
      const jpeg = await pictureOf(keyFrame, codec, this.#stop.signal);
      await pictures.savePicture(id, { jpeg, takenAt: clock.now() });
    } catch (thrown) {
      // The camera opens all the same, and its next opening makes a picture.
      log.debug(`No still picture could be made of camera ${id}: ${messageOf(thrown)}`, { camera: id });
    }
  }

  #answer(id: CameraId, say: (asked: Asked) => void): void {
    const asked = this.#asked.get(id) ?? [];
    this.#asked.delete(id);
    asked.forEach(say);
  }
}

function noRelay(): AppError {
  return new AppError(
    'RELAY_UNREACHABLE',
    'There is no relay, which alone opens cameras with an address of their own.',
    {
      cure: 'See the problem of the engine in /ready.',
    },
  );
}
