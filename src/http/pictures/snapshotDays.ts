import type { KeptSnapshot } from '../../core/pictures/snapshotNames.js';
import { isSnapshotDay, snapshotImage, snapshotOfImage } from '../../core/pictures/snapshotNames.js';
import { AppError } from '../../core/errors.js';
import { cameraOf } from '../cameras/camera.js';
import { answers, answersBytes, cameraErrors, cameraParams } from '../route/contract.js';
import type { HttpDeps } from '../route/deps.js';
import { idOf, mediaFileOf } from '../route/ids.js';
import { endpoint, type Handler } from '../route/route.js';
import { snapshotsQuery, snapshotsReply, type SnapshotJson } from '../shapes/snapshotSchemas.js';
import { fileParams } from '../shapes/schemas.js';

/** A snapshot never changes; it goes when its days are over. */
const KEPT_SECONDS = 86_400;

type Deps = Pick<HttpDeps, 'cameras' | 'snapshots'>;

export const listSnapshots = endpoint(
  {
    summary: 'The snapshots of a camera that are kept, by day',
    description:
      'Without `day`: the newest day that has some. Days are those of the time zone of the machine that camlease runs on. None are kept while SNAPSHOT_KEEP_DAYS is 0.',
    params: cameraParams,
    query: snapshotsQuery,
    replies: { 200: answers('The snapshots of one day, oldest first, and all days.', snapshotsReply), ...cameraErrors },
  },
  listSnapshotsHandler,
);

function listSnapshotsHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const { day: wanted } = snapshotsQuery.parse({ ...request.query });
    const days = (await deps.snapshots?.days(id)) ?? [];
    const day = wanted ?? days[0]?.day ?? null;
    const found = day === null ? [] : ((await deps.snapshots?.ofDay(id, day)) ?? []);
    response.json({ success: true, day, snapshots: found.map(snapshotJson), days });
  };
}

function snapshotJson(snapshot: KeptSnapshot): SnapshotJson {
  return { takenAt: snapshot.takenAt.toISOString(), url: snapshotAddress(snapshot), bytes: snapshot.bytes };
}

export function snapshotAddress(snapshot: KeptSnapshot): string {
  return `/images/${snapshot.cameraId}/${snapshotImage(snapshot)}`;
}

export const snapshotFile = endpoint(
  {
    summary: 'A snapshot that is kept',
    params: fileParams,
    replies: { 200: answersBytes('image/jpeg', 'The picture.') },
  },
  snapshotFileHandler,
);

function snapshotFileHandler(deps: Deps): Handler {
  return async (request, response) => {
    const cameraId = idOf(request);
    const named = snapshotOfImage(mediaFileOf(request));
    const isThere = named !== null && isSnapshotDay(named.day) && deps.cameras.peek(cameraId);
    const jpeg = isThere ? ((await deps.snapshots?.read({ cameraId, ...named })) ?? null) : null;
    if (jpeg === null) {
      throw new AppError('PICTURE_NOT_FOUND', 'There is no snapshot at this address, or it is not kept any more.', {
        cure: 'GET /api/camera/:id/snapshots lists the snapshots that are kept.',
      });
    }
    response
      .set({ 'Cache-Control': `private, max-age=${KEPT_SECONDS}`, 'Cross-Origin-Resource-Policy': 'cross-origin' })
      .type('image/jpeg')
      .send(jpeg);
  };
}
