import type { CameraId } from '../../core/camera/camera.js';
import { AppError, CameraError } from '../../core/errors.js';
import type { CompatDeps } from '../compatApp.js';
import type { OldStream } from './streams.js';

export const THUMBNAIL_TTL_SECONDS = 300;
export const THUMBNAIL_SIZE = { width: 320, height: 240 } as const;
export const THUMBNAIL_QUALITY = 85;
/** Of all cameras; those made longest ago go first. */
const MOST_KEPT = 1_000;
/** Each may open a camera and decode its first picture. */
const MOST_AT_ONCE = 4;
/** More than the tiles of a page that is loaded; a client gets an error at once beyond it. */
const MOST_WAITING = 200;

export interface Thumbnail {
  readonly jpeg: Buffer;
  readonly madeAt: Date;
}

interface Kept extends Thumbnail {
  readonly madeMs: number;
  /** Of the camera's address: a picture of an older one is not shown any more. */
  readonly revision: number;
}

/** Small pictures of cameras, each kept for five minutes. */
export class Thumbnails {
  readonly #deps: Pick<CompatDeps, 'clock' | 'engine' | 'media' | 'pictures'>;
  readonly #kept = new Map<CameraId, Kept>();
  readonly #making = new Map<CameraId, { readonly revision: number; readonly made: Promise<Kept> }>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(deps: Pick<CompatDeps, 'clock' | 'engine' | 'media' | 'pictures'>) {
    this.#deps = deps;
  }

  /** `isFresh`: a new picture is taken, whatever is kept. Throws `CameraError` or `AppError` where the camera gives none. */
  async of(stream: OldStream, isFresh: boolean): Promise<Thumbnail> {
    const { camera } = stream;
    const { revision } = camera.source;
    const kept = this.#keptOf(camera.id);
    if (!isFresh && kept?.revision === revision) return kept;
    const making = this.#making.get(camera.id);
    if (making?.revision === revision) return making.made;
    const made = this.#make(stream, isFresh);
    this.#making.set(camera.id, { revision, made });
    try {
      const thumbnail = await made;
      this.#keep(camera.id, thumbnail);
      return thumbnail;
    } finally {
      if (this.#making.get(camera.id)?.made === made) this.#making.delete(camera.id);
    }
  }

  /** The cameras of which a thumbnail is kept. */
  get kept(): readonly CameraId[] {
    return [...this.#kept.keys()].filter((id) => this.#keptOf(id) !== null);
  }

  clear(): void {
    this.#kept.clear();
  }

  #keptOf(id: CameraId): Kept | null {
    const kept = this.#kept.get(id);
    if (kept === undefined) return null;
    const ageMs = this.#deps.clock.monotonicMs() - kept.madeMs;
    return ageMs < THUMBNAIL_TTL_SECONDS * 1000 ? kept : null;
  }

  #keep(id: CameraId, thumbnail: Kept): void {
    this.#kept.delete(id);
    this.#kept.set(id, thumbnail);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_KEPT) return;
      this.#kept.delete(oldest);
    }
  }

  async #make(stream: OldStream, isFresh: boolean): Promise<Kept> {
    const { media, clock } = this.#deps;
    const stored = isFresh ? null : await this.#storedPicture(stream);
    const picture = stored ?? (await this.#inTurn(() => this.#takenPicture(stream)));
    const jpeg = await media.thumbnail(picture, THUMBNAIL_SIZE);
    const { revision } = stream.camera.source;
    return { jpeg, madeAt: clock.now(), madeMs: clock.monotonicMs(), revision };
  }

  /** A picture that camlease took a moment ago by itself, so that the camera need not be opened; null: none is that young. */
  async #storedPicture({ camera }: OldStream): Promise<Buffer | null> {
    const { pictures, clock } = this.#deps;
    const stored = await pictures.getPicture(camera.id);
    const { openedAt } = camera.source;
    if (stored === null || openedAt === null || stored.takenAt < openedAt) return null;
    const ageMs = clock.now().getTime() - stored.takenAt.getTime();
    return ageMs >= 0 && ageMs < THUMBNAIL_TTL_SECONDS * 1000 ? stored.jpeg : null;
  }

  async #takenPicture({ camera }: OldStream): Promise<Buffer> {
    const { engine, media } = this.#deps;
    const url = engine.readerUrl?.(camera.id) ?? null;
    if (url === null) throw notServed();
    const { picture } = await media.prove(url);
    return picture;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MOST_AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING)
        throw new AppError('RATE_LIMITED', 'Too many thumbnails are asked for at once.', { cure: 'Ask again later.' });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}

export function notServed(): CameraError {
  return new CameraError('CAMERA_NOT_LIVE', 'retry', 'The camera is not served at the moment.', {
    cure: 'Try again in a moment; /ready of camlease says what is wrong with the engine or its relay.',
  });
}
