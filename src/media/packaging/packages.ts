import { every } from '../../core/async/every.js';
import { limited } from '../../core/async/deadline.js';
import { orAborted } from '../../core/async/orAborted.js';
import type { CameraId } from '../../core/camera/camera.js';
import { SLATE_AFTER_MS } from '../../core/camera/whenGone.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { MediaProcess } from '../process/mediaProcess.js';
import { SegmentList } from './segmentList.js';

/** How long the first picture, and then the first segment, may take: a segment ends at a key frame. */
const FIRST_PICTURE_MS = 10_000;
const FIRST_SEGMENT_MS = 15_000;
/** Players ask every few seconds; a stream that nobody asks for is packaged for so long yet. */
const UNUSED_MS = 30_000;
const LOOK_MS = 5_000;
/** Each one holds a thread of the media process. */
export const MOST_PACKAGES = 60;
/** No camera's id has a slash: the media process keeps these apart from the cameras of the embedded engine. */
const PREFIX = 'ts/';
/** The last picture stands while none comes, and gets its label as viewers of the relay see it. */
const STAND_IN = { whenCold: false, silentMs: 4_000, labelledMs: SLATE_AFTER_MS, longestMs: null } as const;

export interface PackagesOptions {
  readonly clock: Clock;
  readonly process: Pick<MediaProcess, 'availability' | 'listen' | 'openPull' | 'closePull' | 'arrived'>;
  /** A segment ends at the first key frame after this (ms). */
  readonly segmentMs: number;
  /** How many segments a playlist names. */
  readonly listed: number;
  /** Told when the packaging of a stream begins, has its first segment, fails or ends, in words without secrets. */
  readonly onNews: (cameraId: CameraId, text: string) => void;
}

/** Packages streams as HLS of MPEG-TS while somebody asks for them. */
export class Packages {
  readonly #options: PackagesOptions;
  readonly #open = new Map<CameraId, Package>();
  #isClosed = false;

  constructor(options: PackagesOptions) {
    this.#options = options;
    options.process.listen({
      segment: ({ cameraId, init, body, durationMs }) => {
        if (!cameraId.startsWith(PREFIX)) return;
        this.#open.get(cameraId.slice(PREFIX.length))?.add({ isFresh: init !== null, body, durationMs });
      },
      restarted: () => this.#open.forEach((one) => one.reopen()),
    });
  }

  /**
   * The playlist of the stream that is read at `url` (secret). The first call begins the packaging and waits for its first segment. Throws
   * ENGINE_MISSING, RELAY_BUSY, CAMERA_NOT_LIVE, and the `CameraError` that says why no picture comes.
   */
  async playlist(cameraId: CameraId, url: string, signal: AbortSignal): Promise<string> {
    const { available, problem } = this.#options.process.availability();
    if (!available) {
      throw new AppError('ENGINE_MISSING', problem ?? 'The media process is not running.', {
        cure: 'Run `npm install --include=optional`.',
      });
    }
    const found = this.#open.get(cameraId) ?? this.#begin(cameraId);
    found.use(url);
    return found.playlist(signal);
  }

  /** null: there is no such segment, or it was dropped. */
  segment(cameraId: CameraId, name: string): Buffer | null {
    const found = this.#open.get(cameraId);
    found?.keep();
    return found?.list.segment(name) ?? null;
  }

  end(cameraId: CameraId): void {
    this.#open.get(cameraId)?.end();
  }

  close(): void {
    this.#isClosed = true;
    for (const one of [...this.#open.values()]) one.end();
  }

  #begin(cameraId: CameraId): Package {
    if (this.#isClosed)
      throw new AppError('SHUTTING_DOWN', 'camlease is stopping.', { cure: 'Ask again in a moment.' });
    if (this.#open.size >= MOST_PACKAGES) {
      throw new AppError('RELAY_BUSY', `${MOST_PACKAGES} streams are being packaged.`, {
        ...{ cure: 'Stop streams that nobody watches.', retryAfterMs: UNUSED_MS },
      });
    }
    const made = new Package(cameraId, this.#options, () => this.#open.delete(cameraId));
    this.#open.set(cameraId, made);
    return made;
  }
}

/** One stream that is packaged. */
class Package {
  readonly list: SegmentList;
  readonly #cameraId: CameraId;
  readonly #options: PackagesOptions;
  readonly #ended = new AbortController();
  readonly #first: Promise<void>;
  #hasFirst: () => void = () => undefined;
  #url: string | null = null;
  #revision = 0;
  #usedAtMs: number;

  constructor(cameraId: CameraId, options: PackagesOptions, onEnd: () => void) {
    const { clock, segmentMs, listed } = options;
    this.#cameraId = cameraId;
    this.#options = options;
    this.#usedAtMs = clock.monotonicMs();
    // Segments last at least as long as is meant, so that this number is greater than each of an earlier list, also before a restart.
    this.list = new SegmentList({ first: Math.floor(clock.now().getTime() / segmentMs), listed, segmentMs });
    this.#first = new Promise((resolve) => (this.#hasFirst = resolve));
    const stopLooking = every(clock, LOOK_MS, () => {
      const isUsed = clock.monotonicMs() - this.#usedAtMs < UNUSED_MS;
      if (!isUsed) this.end();
      return isUsed;
    });
    this.#ended.signal.addEventListener('abort', () => {
      stopLooking();
      onEnd();
      void options.process.closePull(PREFIX + cameraId).catch(() => undefined);
      options.onNews(cameraId, 'packaging ended');
    });
    options.onNews(cameraId, 'packaging begins');
  }

  /** Reads the stream at this URL from now on, without a gap where another one was read before. */
  use(url: string): void {
    this.keep();
    if (url === this.#url) return;
    this.#url = url;
    this.#revision += 1;
    this.reopen();
  }

  keep(): void {
    this.#usedAtMs = this.#options.clock.monotonicMs();
  }

  reopen(): void {
    if (this.#url === null) return;
    const { process, segmentMs } = this.#options;
    const source = { url: this.#url, revision: this.#revision };
    // An error is ignored: `restarted` comes when the media process is back.
    void process.openPull(PREFIX + this.#cameraId, source, STAND_IN, segmentMs).catch(() => undefined);
  }

  add(segment: Parameters<SegmentList['add']>[0]): void {
    if (this.list.isEmpty) this.#options.onNews(this.#cameraId, 'first segment');
    this.list.add(segment);
    this.#hasFirst();
  }

  async playlist(signal: AbortSignal): Promise<string> {
    if (this.list.isEmpty) await this.#waitForFirst(AbortSignal.any([signal, this.#ended.signal]));
    return this.list.render();
  }

  end(): void {
    this.#ended.abort(new AppError('CAMERA_NOT_LIVE', 'The stream was stopped.', { cure: 'Start it again.' }));
  }

  async #waitForFirst(signal: AbortSignal): Promise<void> {
    const { clock, process, onNews } = this.#options;
    try {
      await process.arrived(PREFIX + this.#cameraId, null, FIRST_PICTURE_MS, signal);
    } catch (thrown) {
      if (!signal.aborted && thrown instanceof Error) onNews(this.#cameraId, `no picture: ${thrown.message}`);
      throw thrown;
    }
    const late = (): Error =>
      new AppError('CAMERA_NOT_LIVE', 'Pictures come, but no key frame with which a segment can end.', {
        cure: "Set a shorter I-frame interval in the camera's video settings.",
      });
    await limited({ clock, ms: FIRST_SEGMENT_MS, signal, late }, (until) => orAborted(this.#first, until));
  }
}
