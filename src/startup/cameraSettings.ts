import type { Camera, CameraId } from '../core/camera.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../observe/logger.js';
import type { FileCamera } from '../configSchemas.js';
import type { CameraEvent } from '../store/cameraMemory.js';
import type { CameraChange } from '../store/cameraStore.js';

interface Deps {
  readonly store: {
    peekAll(): readonly Camera[];
    onChange(listener: (event: CameraEvent) => void): () => void;
    update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null>;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** What `camlease.yml` says of single cameras; what is left out is left as it is. */
  readonly settings: Readonly<Record<CameraId, FileCamera>>;
  readonly onChanged: (id: CameraId) => void;
}

/**
 * Carries the file's settings over to each camera once per start: to those that are stored, and to others when they are
 * found. A change by API holds until the next start. The returned function ends it.
 */
export function applyCameraSettings({ store, clock, log, settings, onChanged }: Deps): () => void {
  const open = new Map(Object.entries(settings));
  const apply = (camera: Camera): void => {
    const wanted = open.get(camera.id);
    if (!wanted) return;
    open.delete(camera.id);
    const change = changeOf(wanted, camera);
    if (Object.keys(change).length === 0) return;
    store.update(camera.id, change, clock.now()).then(
      () => onChanged(camera.id),
      (thrown: unknown) => log.warn(`The settings of camera ${camera.id} could not be stored: ${messageOf(thrown)}`),
    );
  };
  for (const camera of store.peekAll()) apply(camera);
  return store.onChange((event) => {
    if ('camera' in event) apply(event.camera);
  });
}

/** The settings that differ from what is stored. */
function changeOf({ name, enabled, quality, mode, labels }: FileCamera, camera: Camera): CameraChange {
  return {
    ...(differs(name, camera.name) && { name }),
    ...(differs(enabled, camera.enabled) && { enabled }),
    ...(differs(quality, camera.quality) && { quality }),
    ...(differs(mode, camera.mode) && { mode }),
    ...(differs(labels, camera.labels) && { labels }),
  };
}

function differs<T>(wanted: T | undefined, stored: T): wanted is T {
  return wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(stored);
}
