import type { Camera, CameraId } from '../core/camera/camera.js';
import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../observe/logger.js';
import type { FileCamera, FileLabel } from '../config/configSchemas.js';
import type { CameraChange } from '../core/camera/cameraChange.js';
import type { CameraEvent } from '../core/camera/cameraEvent.js';

interface Deps {
  readonly store: {
    peekAll(): readonly Camera[];
    onChange(listener: (event: CameraEvent) => void): () => void;
    update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null>;
  };
  readonly clock: Clock;
  readonly log: Log;
  /** The settings of single cameras in `camlease.yml`; an absent setting changes nothing. */
  readonly settings: Readonly<Record<CameraId, FileCamera>>;
  /** The settings of all cameras with a label. */
  readonly labels: Readonly<Record<string, FileLabel>>;
  readonly onChanged: (id: CameraId) => void;
}

/**
 * Applies the file's settings to each camera once per start: to stored cameras at once, to others when they are found, and a
 * label's settings when the camera has the label. A camera's own settings win over its labels', an earlier label's over a later
 * one's. A change by the API holds until the next start. The returned function ends it.
 */
export function applyCameraSettings({ store, clock, log, settings, labels, onChanged }: Deps): () => void {
  const open = new Map(Object.entries(settings));
  const carriedOver = new Map<CameraId, Set<string>>();
  const apply = (camera: Camera): void => {
    const own = open.get(camera.id);
    open.delete(camera.id);
    const carried = carriedOver.get(camera.id) ?? new Set();
    const fresh = Object.keys(labels).filter((label) => (own?.labels ?? camera.labels).includes(label));
    const byLabel = fresh.filter((label) => !carried.has(label)).map((label) => labels[label] ?? {});
    carriedOver.set(camera.id, new Set(fresh));
    const labelled = byLabel.reduceRight<FileLabel>((all, one) => ({ ...all, ...one }), {});
    const wanted: FileCamera = { ...labelled, ...onlyOf(settings[camera.id]), ...own };
    const change = own || byLabel.length > 0 ? changeOf(wanted, camera) : {};
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

/** The camera's own settings among those that labels may have; no label overrides them. */
function onlyOf(own: FileCamera | undefined): FileLabel {
  return {
    ...(own?.mode !== undefined && { mode: own.mode }),
    ...(own?.quality !== undefined && { quality: own.quality }),
    ...(own?.whenGone !== undefined && { whenGone: own.whenGone }),
  };
}

/** The settings that differ from what is stored. */
function changeOf(wanted: FileCamera, camera: Camera): CameraChange {
  const { name, enabled, quality, mode, errorClipCheck, whenGone, labels } = wanted;
  return {
    ...(differs(name, camera.name) && { name }),
    ...(differs(enabled, camera.enabled) && { enabled }),
    ...(differs(quality, camera.quality) && { quality }),
    ...(differs(mode, camera.mode) && { mode }),
    ...(differs(errorClipCheck, camera.errorClipCheck) && { errorClipCheck }),
    ...(differs(whenGone, camera.whenGone) && { whenGone }),
    ...(differs(labels, camera.labels) && { labels }),
  };
}

function differs<T>(wanted: T | undefined, stored: T): wanted is T {
  return wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(stored);
}
