import type { Camera, CameraFeed } from '../../core/camera/camera.js';
import { isUrlCamera } from '../../core/camera/cameraSource.js';
import type { GivenSource } from '../../core/camera/cameraChange.js';
import { maskedUrl } from '../../core/camera/maskedUrl.js';
import { readSourceUrl, withLoginApart } from '../../core/camera/sourceUrl.js';
import { AppError } from '../../core/errors.js';
import { limited } from '../../core/async/deadline.js';
import { orAborted } from '../../core/async/orAborted.js';
import type { CompatDeps } from '../compatApp.js';
import { ORIGIN_LABEL, STARTED_AT, SYSTEM, alsoIds, alsoLabel, isOfSystem } from './startedStreams.js';
import type { StartedStream, StartedStreams } from './startedStreams.js';

/** Callers give up after 30 s. */
const START_MS = 25_000;
const MOST_STREAMS = 1_000;
const MOST_WORKING = 300;

export interface StartingDeps extends Pick<CompatDeps, 'cameras' | 'sources' | 'jobs' | 'clock'> {
  readonly streams: StartedStreams;
  /** Resolves when the stream's playlist can be read; rejects with the reason why it cannot. */
  readonly shows: (camera: Camera, signal: AbortSignal) => Promise<void>;
}

/** Starts and stops streams: makes, changes and switches cameras by URL. */
export class Starting {
  readonly #deps: StartingDeps;
  /** Work by stream and by address: one piece at a time for each, since clients send a start twice at once. */
  readonly #working = new Map<string, Promise<unknown>>();

  constructor(deps: StartingDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the stream can be watched. `isNew` false: it was started before, and the address that was given now is not looked at.
   * Throws what `UrlCameras` throws, and the reason why nothing can be watched; the stream is then as it was before.
   */
  start(id: string, url: string, signal: AbortSignal): Promise<{ stream: StartedStream; isNew: boolean }> {
    const { clock, streams } = this.#deps;
    const late = new AppError('CAMERA_NOT_LIVE', 'No picture of this camera came in time.', {
      cure: 'Start it again.',
    });
    return limited({ clock, ms: START_MS, signal, late: () => late }, (until) =>
      this.#alone(`id ${id}`, until, () =>
        this.#alone(`url ${url}`, until, async () => {
          const running = streams.shown(id);
          if (running) return { stream: running, isNew: false };
          if (streams.all().length >= MOST_STREAMS) throw tooMany(`${MOST_STREAMS} streams are started.`);
          const camera = await this.#cameraFor(id, url, until);
          this.#changed(camera);
          try {
            await this.#deps.shows(camera, until);
          } catch (thrown) {
            await this.#stop({ id, camera: this.#deps.cameras.peek(camera.id) ?? camera });
            throw thrown;
          }
          return { stream: { id, camera: this.#deps.cameras.peek(camera.id) ?? camera }, isNew: true };
        }),
      ),
    );
  }

  /** The stream that was stopped; null: none is started under this id. */
  stop(id: string, signal: AbortSignal): Promise<StartedStream | null> {
    return this.#alone(`id ${id}`, signal, async () => {
      const stream = this.#deps.streams.find(id);
      if (stream) await this.#stop(stream);
      return stream;
    });
  }

  /** The camera that shows the address, switched on and marked as started under this id. */
  async #cameraFor(id: string, url: string, signal: AbortSignal): Promise<Camera> {
    const { sources, streams } = this.#deps;
    const own = streams.madeFor(id);
    const wish = { keep: false, again: false, signal } as const;
    const isOwn = own !== null && isSameAddress(own, url);
    const twin = isOwn ? own : sources.twinOf({ url });
    if (twin && twin.id !== own?.id) return this.#showToo(id, twin);
    if (own) {
      await sources.change(own.id, isOwn ? { url } : newAddress(url), wish);
      return this.#update(own, { ...this.#started(own), enabled: true });
    }
    const now = this.#deps.clock.now().toISOString();
    return sources.create(
      {
        ...{ name: nameOf(id), source: { url }, labels: [ORIGIN_LABEL], feed: { name: SYSTEM, key: id } },
        about: { attributes: { [STARTED_AT]: now } },
      },
      wish,
    );
  }

  /** One camera is pulled once, whatever number of streams show it. */
  async #showToo(id: string, twin: Camera): Promise<Camera> {
    if (twin.enabled) {
      const labels = [...new Set([...twin.labels, ORIGIN_LABEL, alsoLabel(id)])];
      return this.#update(twin, { ...this.#started(twin), labels });
    }
    if (!isOfSystem(twin)) {
      throw new AppError(
        'CAMERA_NOT_LIVE',
        `The camera "${twin.name}" has this address and is switched off in camlease.`,
        {
          cure: 'Switch it on in camlease.',
        },
      );
    }
    return this.#update(twin, { ...this.#started(twin), ...ownedBy(twin, id), enabled: true });
  }

  async #stop({ id, camera }: StartedStream): Promise<void> {
    const others = alsoIds(camera).filter((other) => other !== id);
    const isOwn = isOfSystem(camera) && camera.feed?.key === id;
    const [heir] = others;
    if (!isOwn) {
      await this.#update(camera, { labels: camera.labels.filter((label) => label !== alsoLabel(id)) });
    } else if (heir === undefined) {
      await this.#update(camera, { enabled: false });
    } else {
      const labels = camera.labels.filter((label) => label !== alsoLabel(heir) && label !== alsoLabel(id));
      await this.#update(camera, { ...ownedBy(camera, heir), labels });
    }
    this.#changed(camera);
  }

  #started({ about }: Camera): Pick<Parameters<CompatDeps['cameras']['update']>[1], 'about'> {
    return { about: { attributes: { ...about.attributes, [STARTED_AT]: this.#deps.clock.now().toISOString() } } };
  }

  async #update({ id }: Camera, change: Parameters<CompatDeps['cameras']['update']>[1]): Promise<Camera> {
    const changed = await this.#deps.cameras.update(id, change, this.#deps.clock.now());
    if (changed) return changed;
    throw new AppError('CAMERA_NOT_FOUND', 'The camera was deleted meanwhile.', { cure: 'Start the stream again.' });
  }

  #changed({ id }: Camera): void {
    this.#deps.jobs.cameraChanged(id);
    this.#deps.jobs.urgent(id);
  }

  async #alone<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#working.get(key);
    if (before === undefined && this.#working.size >= MOST_WORKING)
      throw tooMany('Too many streams are being started.');
    const turn = (async () => {
      if (before) await orAborted(before, signal);
      return work();
    })();
    const ended = Promise.allSettled([before, turn]);
    this.#working.set(key, ended);
    try {
      return await turn;
    } finally {
      void ended.then(() => {
        if (this.#working.get(key) === ended) this.#working.delete(key);
      });
    }
  }
}

/** The camera is that of this stream from now on; a name that people gave it stays. */
function ownedBy({ name, feed }: Camera, id: string): { name: string; feed: CameraFeed } {
  const isUnnamed = feed !== null && name === nameOf(feed.key);
  return { name: isUnnamed ? nameOf(id) : name, feed: { name: SYSTEM, key: id } };
}

function nameOf(id: string): string {
  return `SPARKA ${id}`;
}

/** True where the address is the stored one, as it is or masked; the hidden login then stays. */
function isSameAddress(camera: Camera, url: string): boolean {
  if (!isUrlCamera(camera)) return false;
  const stored = withLoginApart(camera.source).url;
  return url === stored || url === maskedUrl(stored);
}

/** An address without a login replaces the login of the one before, too. */
function newAddress(url: string): GivenSource {
  const read = readSourceUrl(url);
  return read.kind === 'fault' || read.logins.length > 0 ? { url } : { url, login: null };
}

function tooMany(message: string): AppError {
  return new AppError('RELAY_BUSY', message, { cure: 'Stop streams that nobody watches.', retryAfterMs: 10_000 });
}
