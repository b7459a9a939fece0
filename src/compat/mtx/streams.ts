import type { Camera, CameraId } from '../../core/camera/camera.js';

/** The feed of cameras that an old `config.json`, or its master list, names. */
export const MTX_FEED = 'mtx';

/** A camera, by the id that clients of the old system call it. */
export interface OldStream {
  readonly uuid: string;
  readonly camera: Camera;
}

/** The cameras that clients may know. */
export interface KnownCameras {
  peek(id: CameraId): Camera | null | undefined;
  peekAll(): Iterable<Camera>;
}

/**
 * What the old system listed: the cameras of its `config.json`, by their keys there. Where no such file gave any, all cameras, by
 * their own ids. Sorted by id.
 */
export function listedStreams(cameras: KnownCameras): OldStream[] {
  const present = [...cameras.peekAll()].filter(({ status }) => status !== 'missing');
  const own = present.filter(({ feed }) => feed?.name === MTX_FEED);
  return (own.length > 0 ? own : present).map(oldStream).sort(({ uuid: a }, { uuid: b }) => (a < b ? -1 : 1));
}

/** The camera of an id: its key in the old `config.json`, its own id, or the name that no other camera has. null: there is none. */
export function findStream(cameras: KnownCameras, asked: string): OldStream | null {
  const id = asked.normalize('NFC').trim();
  const named: Camera[] = [];
  for (const camera of cameras.peekAll()) {
    if (camera.status === 'missing') continue;
    if (camera.feed?.name === MTX_FEED && camera.feed.key === id) return oldStream(camera);
    if (camera.name === id) named.push(camera);
  }
  const camera = cameras.peek(id);
  if (camera && camera.status !== 'missing') return oldStream(camera);
  const [only, twin] = named;
  return only === undefined || twin !== undefined ? null : oldStream(only);
}

function oldStream(camera: Camera): OldStream {
  return { uuid: camera.feed?.name === MTX_FEED ? camera.feed.key : camera.id, camera };
}
