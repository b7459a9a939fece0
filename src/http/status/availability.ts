import { accountOf } from '../../core/camera/cameraSource.js';
import type { z } from 'zod';
import { AppError } from '../../core/errors.js';
import { observedOf, type Availability, type AvailabilityPeriod } from '../../core/outages/availability.js';
import { noCamera } from '../cameras/camera.js';
import type { HttpDeps, WatchedSubject } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, refuses } from '../route/contract.js';
import { availabilityQuery, availabilityReply } from '../shapes/statusSchemas.js';

export const getAvailability = endpoint(
  {
    summary: 'How much of the time cameras worked',
    description:
      'Of one camera, of the cameras of one account, or of all cameras: the time in which bytes came, as a percentage of the time in which the camera was pulled or should have been. Time in which nobody pulled the camera, and nobody had to, does not count.',
    query: availabilityQuery,
    replies: {
      200: answers('The availability in the last 24 hours, 7 days and 30 days.', availabilityReply),
      404: refuses('There is no camera with this id.'),
      409: refuses('There is no account with this name.'),
    },
  },
  getAvailabilityHandler,
);

/** How much of the time in which it should have worked a camera, an account or all cameras did. */
function getAvailabilityHandler(deps: Pick<HttpDeps, 'cameras' | 'accounts' | 'outages' | 'clock'>): Handler {
  return async (request, response) => {
    const { camera, account } = availabilityQuery.parse({ ...request.query });
    const subject = subjectOf(deps, camera, account);
    const { day, week, month } = await deps.outages.availability(subject);
    const cameras = countOf(deps, subject);
    const reply: z.input<typeof availabilityReply> = {
      success: true,
      subject,
      at: deps.clock.now().toISOString(),
      day: periodJson(day, 'day', cameras),
      week: periodJson(week, 'week', cameras),
      month: periodJson(month, 'month', cameras),
    };
    response.json(reply);
  };
}

function subjectOf(
  { cameras, accounts }: Pick<HttpDeps, 'cameras' | 'accounts'>,
  camera: string | undefined,
  account: string | undefined,
): WatchedSubject {
  if (camera !== undefined) {
    if (!cameras.peek(camera)) throw noCamera();
    return { kind: 'camera', id: camera };
  }
  if (account === undefined) return { kind: 'all' };
  if (accounts.list().some(({ name }) => name === account)) return { kind: 'account', name: account };
  throw new AppError('ACCOUNT_UNKNOWN', 'There is no account of this name.', {
    cure: 'Take names from GET /api/account.',
  });
}

/** How many cameras the subject has now: the time observed is a part of the time of all of them. */
function countOf({ cameras }: Pick<HttpDeps, 'cameras'>, subject: WatchedSubject): number {
  if (subject.kind === 'camera') return 1;
  const all = [...cameras.peekAll()].filter(({ enabled }) => enabled);
  return subject.kind === 'all' ? all.length : all.filter((camera) => accountOf(camera) === subject.name).length;
}

function periodJson(
  { percent, percentOurs, tally }: Availability,
  period: AvailabilityPeriod,
  cameras: number,
): z.input<typeof availabilityReply>['day'] {
  const observed = observedOf(tally, period, cameras);
  return {
    observedMs: Math.round(observed.ms),
    observedPart: Math.floor(observed.part * 1e6) / 1e6,
    percent: inShort(percent),
    percentOurs: inShort(percentOurs),
    upMs: Math.round(tally.up),
    downMs: Math.round(tally.down),
    offlineMs: Math.round(tally.away),
    unknownMs: Math.round(tally.unknown),
  };
}

/** Three digits after the point; rounded down, so that 99.9996 never shows as 100. */
function inShort(percent: number | null): number | null {
  return percent === null ? null : Math.floor(percent * 1_000) / 1_000;
}
