import { createHash } from 'node:crypto';
import type { CameraId } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import { snapshotImage, snapshotMoment, type KeptSnapshot } from '../../core/pictures/snapshotNames.js';
import { cameraOf } from '../cameras/camera.js';
import { answers, cameraErrors, cameraParams, refuses } from '../route/contract.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import {
  guideSnapshotsQuery,
  guideSnapshotsReply,
  latestSnapshotReply,
  snapshotDatesReply,
  type GuideSnapshotJson,
} from '../shapes/snapshotSchemas.js';
import { snapshotAddress } from './snapshotDays.js';

/** The routes of kept snapshots that clients of the Hikvision guide know, as they read them. */

/** The most snapshots of one reply. */
const MOST = 5_000;

type Deps = Pick<HttpDeps, 'cameras' | 'snapshots'>;

export const guideSnapshots = endpoint(
  {
    summary: 'Kept snapshots, as clients of the Hikvision guide read them',
    description: `A bare list, newest first, at most ${MOST}. Of one day (\`date\`), or of the time from \`from\` to \`to\`.`,
    params: cameraParams,
    query: guideSnapshotsQuery,
    replies: { 200: answers('The snapshots, newest first.', guideSnapshotsReply), ...cameraErrors },
  },
  guideSnapshotsHandler,
);

function guideSnapshotsHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const { date, from, to } = guideSnapshotsQuery.parse({ ...request.query });
    const isWanted = ({ day, takenAt }: KeptSnapshot): boolean =>
      (date === undefined || day === date) && isAfter(from, day, takenAt) && isBefore(to, day, takenAt);
    const days = ((await deps.snapshots?.days(id)) ?? []).filter(({ day }) => mayHold(day, { date, from, to }));
    const found: KeptSnapshot[] = [];
    for (const { day } of days) {
      if (found.length >= MOST) break;
      const ofDay = (await deps.snapshots?.ofDay(id, day)) ?? [];
      found.push(...ofDay.filter(isWanted).reverse());
    }
    response.json(found.slice(0, MOST).map(guideJson));
  };
}

interface Wanted {
  readonly date: string | undefined;
  readonly from: string | Date | undefined;
  readonly to: string | Date | undefined;
}

/** False: no snapshot of the day can be meant, so its folder need not be read. */
function mayHold(day: string, { date, from, to }: Wanted): boolean {
  if (date !== undefined && day !== date) return false;
  return dayOf(from, day) <= day && day <= dayOf(to, day);
}

function dayOf(bound: string | Date | undefined, otherwise: string): string {
  if (bound === undefined) return otherwise;
  return typeof bound === 'string' ? bound : snapshotMoment(bound).day;
}

/** A bound that is a day counts as the whole day. */
function isAfter(from: string | Date | undefined, day: string, takenAt: Date): boolean {
  if (from === undefined) return true;
  return typeof from === 'string' ? day >= from : takenAt >= from;
}

function isBefore(to: string | Date | undefined, day: string, takenAt: Date): boolean {
  if (to === undefined) return true;
  return typeof to === 'string' ? day <= to : takenAt <= to;
}

function guideJson(snapshot: KeptSnapshot): GuideSnapshotJson {
  const address = snapshotAddress(snapshot);
  return {
    _id: createHash('sha256').update(address).digest('hex').slice(0, 24),
    cameraId: snapshot.cameraId,
    imagePath: address,
    url: address,
    createdAt: snapshot.takenAt.toISOString(),
  };
}

export const snapshotDates = endpoint(
  {
    summary: 'The days of kept snapshots, as clients of the Hikvision guide read them',
    params: cameraParams,
    replies: { 200: answers('The days, newest first.', snapshotDatesReply), ...cameraErrors },
  },
  snapshotDatesHandler,
);

function snapshotDatesHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const days = (await deps.snapshots?.days(id)) ?? [];
    response.json({ success: true, cameraId: id, dates: days.map(({ day, count }) => ({ date: day, count })) });
  };
}

export const latestSnapshot = endpoint(
  {
    summary: 'The latest kept snapshot, as clients of the Hikvision guide read it',
    params: cameraParams,
    replies: {
      200: answers('The latest snapshot.', latestSnapshotReply),
      400: cameraErrors[400],
      404: refuses('There is no camera with this id, or no snapshot of it is kept.'),
    },
  },
  latestSnapshotHandler,
);

function latestSnapshotHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const latest = await latestOf(deps, id);
    if (latest === null) {
      throw new AppError('PICTURE_NOT_FOUND', 'No snapshot of this camera is kept.', {
        cure: 'Set SNAPSHOT_KEEP_DAYS, so that camlease keeps each picture that it takes; GET /api/camera/:id/snapshot is the last picture.',
      });
    }
    const image = { filename: snapshotImage(latest), url: snapshotAddress(latest), cameraId: id };
    response.json({ success: true, image });
  };
}

async function latestOf({ snapshots }: Deps, id: CameraId): Promise<KeptSnapshot | null> {
  const [newest] = (await snapshots?.days(id)) ?? [];
  return newest === undefined ? null : ((await snapshots?.ofDay(id, newest.day))?.at(-1) ?? null);
}
