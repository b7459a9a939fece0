import type { Camera, CameraId } from '../../core/camera/camera.js';

/** The feed of cameras that clients of this system started; a camera's key in it is the stream's id. */
export const SYSTEM = 'sparka';
/** On each camera that such a client started, to find it by. */
export const ORIGIN_LABEL = `compat:${SYSTEM}`;
/** Before the id of a further stream that shows the same camera. */
const ALSO = `${SYSTEM}:`;
/** The attribute of a camera that says when it was last started (ISO 8601). */
export const STARTED_AT = 'sparka-started-at';
const MOST_KNOWN = 10_000;

/** A stream as its clients know it: an id, and the camera that it shows. */
export interface StartedStream {
  readonly id: string;
  readonly camera: Camera;
}

export function alsoLabel(id: string): string {
  return `${ALSO}${id}`;
}

export function isOfSystem({ feed }: Camera): boolean {
  return feed?.name === SYSTEM;
}

/** Ids of further streams that show the camera. */
export function alsoIds({ labels }: Camera): string[] {
  return labels.filter((label) => label.startsWith(ALSO)).map((label) => label.slice(ALSO.length));
}

/** Ids of all started streams that show the camera; a camera that is switched off shows none. */
function startedIds(camera: Camera): string[] {
  if (!camera.enabled) return [];
  const { feed } = camera;
  return [...new Set([...(feed?.name === SYSTEM ? [feed.key] : []), ...alsoIds(camera)])];
}

export function startedAt({ about, createdAt }: Camera): Date {
  const at = new Date(about.attributes[STARTED_AT] ?? '');
  return Number.isNaN(at.getTime()) ? createdAt : at;
}

export interface CamerasToRead {
  peek(id: CameraId): Camera | null | undefined;
  peekAll(): Iterable<Camera>;
}

/** Finds streams in the store, which is the only place where they are kept: a restart and other replicas see the same. */
export class StartedStreams {
  readonly #cameras: CamerasToRead;
  /** Where a stream was found last, so that a player's requests need no search. */
  readonly #known = new Map<string, CameraId>();

  constructor(cameras: CamerasToRead) {
    this.#cameras = cameras;
  }

  /** Ids of the started streams that show this camera. */
  idsOf(camera: Camera): readonly string[] {
    return startedIds(camera);
  }

  all(): StartedStream[] {
    return [...this.#cameras.peekAll()].flatMap((camera) => startedIds(camera).map((id) => ({ id, camera })));
  }

  /** A stream that a client started; null: there is none. */
  find(id: string): StartedStream | null {
    const known = this.#cameras.peek(this.#known.get(id) ?? '');
    if (known && startedIds(known).includes(id)) return { id, camera: known };
    this.#known.delete(id);
    for (const camera of this.#cameras.peekAll()) {
      if (!startedIds(camera).includes(id)) continue;
      if (this.#known.size >= MOST_KNOWN) this.#known.clear();
      this.#known.set(id, camera.id);
      return { id, camera };
    }
    return null;
  }

  /** As `find`, and any camera of camlease that is switched on, by its own id. */
  shown(id: string): StartedStream | null {
    const found = this.find(id);
    if (found) return found;
    const camera = this.#cameras.peek(id);
    return camera?.enabled === true ? { id, camera } : null;
  }

  /** The camera that was made for this id, switched off or not; null: there is none. */
  madeFor(id: string): Camera | null {
    for (const camera of this.#cameras.peekAll()) if (isOfSystem(camera) && camera.feed?.key === id) return camera;
    return null;
  }
}
