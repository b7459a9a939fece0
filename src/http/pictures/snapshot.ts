import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { cameraOf } from '../cameras/camera.js';
import { answersBytes, cameraErrors, cameraParams } from '../route/contract.js';

export const getSnapshot = endpoint(
  {
    summary: 'The last picture of a camera',
    params: cameraParams,
    replies: {
      200: answersBytes(
        'image/jpeg',
        'The picture. The header Age has its age in seconds, X-Picture-Taken-At the moment at which it was taken.',
      ),
      304: { description: 'The picture is not newer than If-Modified-Since.' },
      ...cameraErrors,
    },
  },
  getSnapshotHandler,
);

/** The last picture of a camera, and how old it is. */
function getSnapshotHandler(deps: Pick<HttpDeps, 'cameras' | 'pictures' | 'clock'>): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const picture = await deps.pictures.getPicture(id);
    if (!picture) {
      throw new AppError('PICTURE_NOT_FOUND', 'There is no picture of this camera yet.', {
        cure: 'camlease takes pictures when it proves a lease and at the times of SNAPSHOT_CRON; ask again later.',
      });
    }
    const ageMs = Math.max(0, deps.clock.now().getTime() - picture.takenAt.getTime());
    response.set({
      Age: String(Math.floor(ageMs / 1000)),
      'Last-Modified': picture.takenAt.toUTCString(),
      'X-Picture-Taken-At': picture.takenAt.toISOString(),
      'Cache-Control': 'private, no-cache',
      // Pages of other sites may embed the picture.
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response.type('image/jpeg').send(picture.jpeg);
  };
}
