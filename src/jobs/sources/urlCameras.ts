import { limited } from '../../core/async/deadline.js';
import type { Camera, CameraId, Failure, SourceLogin } from '../../core/camera/camera.js';
import type { GivenSource } from '../../core/camera/cameraChange.js';
import { isUrlCamera, type UrlCamera } from '../../core/camera/cameraSource.js';
import { urlWithLogin, withLoginApart } from '../../core/camera/sourceUrl.js';
import type { Clock, Random } from '../../core/clock.js';
import { AppError, CameraError } from '../../core/errors.js';
import { openingError } from '../../core/health/openingError.js';
import { openingFailure } from '../../core/renewal/opening.js';
import { isOpened, type NotOpened, type Opened, type SourceOpening } from '../../core/streams/opening.js';
import type { CameraStore, NewCamera } from '../../store/cameraStore.js';
import { changedSource, isSameLogin, newSource, type WantedSource } from './givenSource.js';
import { notOpened } from './notOpened.js';
import { OpeningTurns } from './openingTurns.js';

/** A relay that is just starting is waited for, and an opening takes 10 s at most; a relay that hangs counts as silent. */
const LATE_MS = 20_000;

/** A camera that a person, a list or an older system gives an address for. */
export type NewUrlCamera = Omit<NewCamera, 'source' | 'lease' | 'failure' | 'quality' | 'errorClipCheck'> & {
  readonly source: GivenSource;
};

export interface OpeningWish {
  /** True: what does not open is stored all the same, with the fault as its failure. */
  readonly keep: boolean;
  /** False: it is stored without being opened; the job opens it soon. Default: true. */
  readonly opens?: boolean;
  /** True: a person asks, so a login that the camera refused lately is tried once more. */
  readonly again?: boolean;
  readonly signal?: AbortSignal;
}

export interface UrlCamerasDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: Pick<CameraStore, 'create' | 'update'> & {
    peek(id: CameraId): Camera | null | undefined;
    peekAll(): Iterable<Camera>;
  };
  /** null: there is no relay, so that nothing can be opened. */
  readonly opening: SourceOpening | null;
  /** Which IP addresses may be dialled. Names are resolved, and checked, by the relay. */
  readonly networks: { isAllowed(ip: string): boolean };
  /** Called with what a stored address sends, for its picture; absent: nobody wants it. */
  readonly onOpened?: (id: CameraId, opened: Opened) => void;
  /** Shared with the job that opens what is stored; absent: turns of its own. */
  readonly turns?: OpeningTurns;
}

interface Found {
  readonly login: SourceLogin | null;
  readonly outcome: Opened | NotOpened | null;
  readonly fault: AppError | CameraError | null;
}

/**
 * The one way in which cameras get an address: it is read, checked against the networks that may be dialled, opened once, and
 * stored with what the opening found. Everything that gives addresses calls it.
 */
export class UrlCameras {
  readonly #deps: UrlCamerasDeps;
  readonly #turns: OpeningTurns;
  /** Addresses with logins that requests are giving cameras now. */
  readonly #adding = new Set<string>();

  constructor(deps: UrlCamerasDeps) {
    this.#deps = deps;
    this.#turns = deps.turns ?? new OpeningTurns();
  }

  /**
   * Throws REQUEST_INVALID, CAMERA_EXISTS (a camera with this address and login), SOURCE_NOT_OPENED, RELAY_UNREACHABLE, and what
   * the store throws.
   */
  async create({ source, ...camera }: NewUrlCamera, wish: OpeningWish): Promise<Camera> {
    const { clock, store } = this.#deps;
    const wanted = newSource(source);
    this.#refuseTwin(wanted, null);
    return this.#alone(wanted, async () => {
      const found = await this.#find(wanted, 1, wish);
      const now = clock.now();
      const failure = found.fault === null ? null : this.#failure(found.fault, now);
      const stored = { kind: 'url', revision: 1, ...this.#foundSource(wanted, found, now) } as const;
      const created = await store.create({ ...camera, source: stored, failure }, now);
      this.#tell(created.id, found);
      return created;
    });
  }

  /**
   * Gives the camera another address or login; a part that is left out or masked stays. Nothing happens where nothing differs.
   * Throws as `create`, and CAMERA_NOT_FOUND.
   */
  async change(id: CameraId, given: GivenSource, wish: OpeningWish): Promise<Camera> {
    const { clock, store } = this.#deps;
    const camera = this.#camera(id);
    const wanted = changedSource(camera.source, given);
    if (wanted === null) return camera;
    this.#refuseTwin(wanted, id);
    return this.#alone(wanted, async () => {
      const found = await this.#find(wanted, camera.source.revision + 1, wish);
      const now = clock.now();
      const failure = found.fault === null ? null : this.#failure(found.fault, now);
      const changed = await store.update(id, { source: this.#foundSource(wanted, found, now), failure }, now);
      if (changed === null) throw noCamera();
      this.#tell(id, found);
      return changed;
    });
  }

  /** What `change` would do, without doing it; null: nothing. Throws REQUEST_INVALID and CAMERA_NOT_FOUND. */
  wanted(id: CameraId, given: GivenSource): Pick<WantedSource, 'url'> | null {
    return changedSource(this.#camera(id).source, given);
  }

  /** Of two requests that give one address and login at the same time, the later one is refused. */
  async #alone<Result>({ url, logins: [login] }: WantedSource, run: () => Promise<Result>): Promise<Result> {
    const key = JSON.stringify([url, login]);
    if (this.#adding.has(key)) throw exists('Another request is giving a camera this address and login');
    this.#adding.add(key);
    try {
      return await run();
    } finally {
      this.#adding.delete(key);
    }
  }

  /** Tries the readings of the login, the next one only after the camera refused the one before. */
  async #find(wanted: WantedSource, revision: number, wish: OpeningWish): Promise<Found> {
    const [first] = wanted.logins;
    if (wish.opens === false) return { login: first, outcome: null, fault: null };
    const signal = wish.signal ?? new AbortController().signal;
    let latest: Opened | NotOpened | null = null;
    for (const login of wanted.logins) {
      try {
        latest = await this.#outcome(wanted, login, revision, { signal, again: wish.again ?? false });
      } catch (thrown) {
        if (!wish.keep || signal.aborted || !(thrown instanceof AppError)) throw thrown;
        return { login: first, outcome: null, fault: thrown };
      }
      if (isOpened(latest)) return { login, outcome: latest, fault: null };
      if (latest.reason !== 'login') break;
    }
    if (latest === null || isOpened(latest)) throw new AppError('INTERNAL', 'A source has at least one reading.');
    if (!wish.keep) throw notOpened(latest);
    return { login: first, outcome: latest, fault: openingError(latest) };
  }

  async #outcome(
    { host, url }: WantedSource,
    login: SourceLogin | null,
    revision: number,
    { signal, again }: { readonly signal: AbortSignal; readonly again: boolean },
  ): Promise<Opened | NotOpened> {
    const { opening, networks, clock } = this.#deps;
    if (isIp(host) && !networks.isAllowed(host)) return { reason: 'forbidden', code: null };
    if (opening === null) {
      throw new AppError('RELAY_UNREACHABLE', 'There is no relay, which opens the addresses of cameras.', {
        cure: 'Set RELAY=on (docs/concepts/relay.md).',
      });
    }
    const target = {
      url: urlWithLogin({ url, login }),
      givenBy: 'person',
      revision,
      endsAt: null,
      tracks: null,
    } as const;
    return this.#turns.take(signal, async () => {
      const late = new AppError('RELAY_UNREACHABLE', 'The relay did not answer in time.', { cure: 'Try again.' });
      return limited({ clock, ms: LATE_MS, signal, late: () => late }, (until) =>
        opening.open(target, until, { again }),
      );
    });
  }

  #tell(id: CameraId, { outcome }: Found): void {
    if (outcome !== null && isOpened(outcome)) this.#deps.onOpened?.(id, outcome);
  }

  #foundSource({ url, logins }: WantedSource, { login, outcome }: Found, now: Date) {
    if (outcome !== null && isOpened(outcome)) return { url, login, tracks: outcome.tracks, openedAt: now };
    const otherLogin = logins[1];
    return { url, login, ...(otherLogin && { otherLogin }), tracks: null, openedAt: null };
  }

  #failure(fault: AppError | CameraError, now: Date): Failure {
    const { code, message, cure = '' } = fault;
    const error = fault instanceof CameraError ? fault : new CameraError(code, 'retry', message, { cure });
    return openingFailure({ failure: null, lease: null, status: 'active' }, error, this.#deps.random, now);
  }

  /** The camera that has this address and login; null: none. Throws REQUEST_INVALID. */
  twinOf(given: GivenSource): Camera | null {
    return this.#twin(newSource(given), null);
  }

  /** Two cameras with one address would be pulled twice, and many cameras have few sessions. */
  #refuseTwin(wanted: WantedSource, self: CameraId | null): void {
    const camera = this.#twin(wanted, self);
    if (camera) throw exists(`The camera "${camera.name}" (${camera.id}) has this address and login already`);
  }

  #twin({ url, logins }: WantedSource, self: CameraId | null): Camera | null {
    for (const camera of this.#deps.store.peekAll()) {
      if (!isUrlCamera(camera) || camera.id === self) continue;
      // Almost all addresses have their login apart, and comparing two texts is cheap for 10,000 cameras too.
      if (camera.source.login !== null && camera.source.url !== url) continue;
      const other = withLoginApart(camera.source);
      if (other.url === url && logins.some((login) => isSameLogin(login, other.login))) return camera;
    }
    return null;
  }

  #camera(id: CameraId): UrlCamera {
    const camera = this.#deps.store.peek(id);
    if (camera && isUrlCamera(camera)) return camera;
    throw noCamera();
  }
}

function isIp(host: string): boolean {
  return host.includes(':') || /^[\d.]+$/.test(host);
}

function exists(message: string): AppError {
  return new AppError('CAMERA_EXISTS', `${message}.`, { cure: 'Change the stored camera instead.' });
}

function noCamera(): AppError {
  return new AppError('CAMERA_NOT_FOUND', 'There is no camera with an address of its own under this id.', {
    cure: 'Take ids from GET /api/camera.',
  });
}
