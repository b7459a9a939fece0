import { limited } from '../../core/async/deadline.js';
import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { EmbeddedMedia } from '../mediaEngine.js';
import type { EmbeddedMediaProcess } from './mediaPort.js';
import type { WatchedCamera } from './watchedCamera.js';

/** How long a viewer waits for a camera's first picture. */
const FIRST_PICTURE_MS = 10_000;
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const VIEWER_PLAYLIST = /^live-([0-9A-Za-z-]{1,40})\.m3u8$/;

export interface ServedMediaDeps {
  readonly clock: Clock;
  readonly process: EmbeddedMediaProcess;
  /** Names this run in file and session names, so that those of an earlier run are not taken for present ones. */
  readonly prefix: string;
  readonly watches: ReadonlyMap<CameraId, WatchedCamera>;
}

/** Serves HLS and WebRTC to viewers of the embedded engine. */
export class ServedMedia implements EmbeddedMedia {
  readonly #clock: Clock;
  readonly #process: EmbeddedMediaProcess;
  readonly #prefix: string;
  readonly #watches: ReadonlyMap<CameraId, WatchedCamera>;
  readonly #sessions = new Map<string, CameraId>();

  constructor({ clock, process, prefix, watches }: ServedMediaDeps) {
    this.#clock = clock;
    this.#process = process;
    this.#prefix = prefix;
    this.#watches = watches;
  }

  async hls(
    cameraId: CameraId,
    file: string,
    signal: AbortSignal,
  ): Promise<{ contentType: string; body: Buffer } | null> {
    const watch = this.#live(cameraId);
    if (!file.endsWith('.m3u8')) {
      const body = watch.playlist.file(file);
      return body && { contentType: file.endsWith('.mp4') ? 'video/mp4' : 'video/iso.segment', body };
    }
    const viewer = VIEWER_PLAYLIST.exec(file)?.[1];
    if (viewer === undefined && file !== 'index.m3u8') return null;
    watch.use();
    if (viewer !== undefined) watch.hlsViewerSeen(viewer);
    if (watch.playlist.empty) await this.#firstSegment(cameraId, watch, signal);
    if (viewer === undefined) {
      return playlist(watch.playlist.renderEntry(`live-${this.#prefix}-${watch.newHlsViewer()}.m3u8`));
    }
    const text = watch.playlist.render();
    return text === null ? null : playlist(text);
  }

  async whepOffer(
    cameraId: CameraId,
    offer: string,
    signal: AbortSignal,
  ): Promise<{ sessionId: string; answer: string }> {
    const watch = this.#live(cameraId);
    watch.use();
    await this.#firstPicture(cameraId, watch, signal);
    const { sessionId, answer } = await this.#process.whepOffer(cameraId, offer, signal);
    // The media process numbers its sessions; a number alone could be guessed, or mean a session from before a restart.
    const publicId = `${this.#prefix}-${sessionId}`;
    watch.addWhep(sessionId);
    this.#sessions.set(publicId, cameraId);
    return { sessionId: publicId, answer };
  }

  async whepClose(publicId: string): Promise<boolean> {
    const cameraId = this.#sessions.get(publicId);
    if (cameraId === undefined) return false;
    const sessionId = publicId.slice(this.#prefix.length + 1);
    this.forget(cameraId, sessionId);
    await this.#process.whepClose(sessionId).catch(() => undefined); // if the media process died, its sessions have ended too
    return true;
  }

  /** Call when this WebRTC session ended. */
  forget(cameraId: CameraId, sessionId: string): void {
    this.#watches.get(cameraId)?.removeWhep(sessionId);
    this.#sessions.delete(`${this.#prefix}-${sessionId}`);
  }

  /** Call when the media process died, and every session with it. */
  forgetAll(): void {
    this.#sessions.clear();
  }

  #live(cameraId: CameraId): WatchedCamera {
    const { available, problem } = this.#process.availability();
    if (!available) throw new AppError('ENGINE_MISSING', problem ?? 'The media process is not running.');
    const watch = this.#watches.get(cameraId);
    if (watch) return watch;
    throw noLease();
  }

  /** Resolves when a picture comes, also a stand-in; rejects with the `CameraError` that says why none does. */
  async #firstPicture(cameraId: CameraId, watch: WatchedCamera, signal: AbortSignal): Promise<void> {
    try {
      // A stand-in for a camera that is away will do (revision null).
      await this.#process.arrived(cameraId, null, FIRST_PICTURE_MS, signal);
    } catch (error) {
      if (watch.lease !== null) throw error;
      if (watch.viewers() === 0) watch.release();
      throw noLease();
    }
  }

  async #firstSegment(cameraId: CameraId, watch: WatchedCamera, signal: AbortSignal): Promise<void> {
    await this.#firstPicture(cameraId, watch, signal);
    await limited({ clock: this.#clock, ms: FIRST_PICTURE_MS, signal }, (either) => watch.firstSegment(either));
    if (!watch.playlist.empty) return;
    throw new AppError('CAMERA_NOT_LIVE', 'No picture of this camera came in time.', {
      cure: 'Try again in a moment.',
    });
  }
}

function noLease(): AppError {
  return new AppError('CAMERA_NOT_LIVE', 'This camera has no valid live URL now.', {
    cure: 'GET /api/camera/<id> shows why, and when camlease tries again.',
  });
}

function playlist(text: string): { contentType: string; body: Buffer } {
  return { contentType: PLAYLIST_TYPE, body: Buffer.from(text) };
}
