import type { Camera, CameraId } from '../../../src/core/camera/camera.js';
import type { CachedCameraStore } from '../../../src/store/memory/cachedCameraStore.js';

/** Resolves once `isWanted` accepts the camera as the store's memory has it. */
export async function seenCamera(
  store: Pick<CachedCameraStore, 'peek' | 'onChange'>,
  id: CameraId,
  isWanted: (camera: Camera) => boolean,
): Promise<void> {
  await new Promise<void>((resolve) => {
    const check = (): void => {
      const camera = store.peek(id);
      if (!camera || !isWanted(camera)) return;
      stop();
      resolve();
    };
    const stop = store.onChange(check);
    check();
  });
}
