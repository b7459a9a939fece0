import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { PlannedChange } from '../../engine/mediaEngine.js';
import { readBody } from '../route/body.js';
import type { PlanRequest } from '../../core/passes/requests.js';
import type { HttpDeps } from '../route/deps.js';
import { leftSignal } from '../route/leftSignal.js';
import { endpoint, type Handler } from '../route/route.js';
import { changeOf } from './cameraChange.js';
import { planWords } from './planWords.js';
import { answers, refuses } from '../route/contract.js';
import { planReply } from '../shapes/replySchemas.js';
import { type changeCameraBody, planBody } from '../shapes/schemas.js';

type Deps = Pick<HttpDeps, 'cameras' | 'jobs' | 'accounts'>;

/** What every description of a change says that can be planned. */
export const PLANNABLE = 'With `?plan=true` the reply is a plan of what would change, and nothing is written.';

export const plan = endpoint(
  {
    summary: 'What an action would change, and which viewers would notice',
    description: 'Nothing is written, and no cloud is asked.',
    body: { format: 'json', required: true, schema: planBody },
    replies: {
      200: answers('The plan, without the cameras that would not change.', planReply),
      404: refuses('One of the cameras does not exist.'),
    },
  },
  planHandler,
);

/** What an action would do to paths and viewers. Writes nothing. */
function planHandler(deps: Deps): Handler {
  return async (request, response) => {
    const { action, cameraIds, force, change } = readBody(planBody, request);
    requireCameras(deps, cameraIds);
    const named = cameraIds === undefined ? {} : { cameraIds: [...new Set(cameraIds)] };
    const wishes: readonly PlanRequest[] =
      change === undefined
        ? [{ action, ...named, ...(force !== undefined && { force }) }]
        : updates(deps, named.cameraIds, change);
    response.json(await planned(deps, response, wishes));
  };
}

/** The reply to `?plan=true` and to `POST /api/plan`. No two of `wishes` concern the same camera. */
export async function planned(
  { cameras, jobs }: Pick<Deps, 'cameras' | 'jobs'>,
  response: Response,
  wishes: readonly PlanRequest[],
): Promise<z.input<typeof planReply>> {
  const signal = leftSignal(response);
  const changes: PlannedChange[] = [];
  let meant = 0;
  for (const wish of wishes) {
    changes.push(...(await jobs.plan(wish, signal)));
    meant += wish.cameraIds?.length ?? [...cameras.peekAll()].length;
  }
  return { success: true, changes: changes.map(changeJson), summary: summaryOf(changes, meant) };
}

/** Refuses `plan` where a change cannot be planned: the change must not be carried out instead. */
export function refusePlan({ query }: Request): void {
  if (query['plan'] === undefined) return;
  throw new AppError('REQUEST_INVALID', 'This request cannot be planned.', {
    cure: 'Leave "plan" out to carry the request out.',
  });
}

/** Throws CAMERA_NOT_FOUND for an id that no camera has. */
export function requireCameras({ cameras }: Pick<HttpDeps, 'cameras'>, ids: readonly CameraId[] | undefined): void {
  const unknown = ids?.find((id) => !cameras.peek(id));
  if (unknown === undefined) return;
  throw new AppError('CAMERA_NOT_FOUND', `There is no camera with the id ${unknown}.`, {
    cure: 'Take ids from GET /api/camera.',
  });
}

/** One request may mean different changes: enabling ends a status of `disabled`, and leaves any other status as it is. */
function updates(
  deps: Deps,
  ids: readonly CameraId[] | undefined,
  body: z.infer<typeof changeCameraBody>,
): readonly PlanRequest[] {
  if (body.source !== undefined || body.rtmpPath !== undefined) {
    throw new AppError('REQUEST_INVALID', 'An address is of one camera, so it cannot be planned for several.', {
      cure: 'Plan it by PUT /api/camera/:id?plan=true.',
    });
  }
  const cameras = ids?.flatMap((id) => deps.cameras.peek(id) ?? []) ?? [...deps.cameras.peekAll()];
  const isDisabled = ({ status }: Camera): boolean => status === 'disabled';
  const groups = [cameras.filter(isDisabled), cameras.filter((camera) => !isDisabled(camera))];
  return groups.flatMap((group): PlanRequest[] => {
    const [change] = group.map((camera) => changeOf(deps, camera, body));
    return change === undefined ? [] : [{ action: 'update', cameraIds: group.map(({ id }) => id), change }];
  });
}

function changeJson(change: PlannedChange): z.input<typeof planReply>['changes'][number] {
  const { cameraId, how, viewers, movesTo = null, paths } = change;
  const told = { cameraId, how, sentence: planWords(change), viewers, movesTo };
  return { ...told, paths: paths.map(({ name, action }) => ({ name, action })) };
}

function summaryOf(changes: readonly PlannedChange[], meant: number): z.input<typeof planReply>['summary'] {
  const of = (how: PlannedChange['how']): readonly PlannedChange[] => changes.filter((change) => change.how === how);
  const viewersOf = (some: readonly PlannedChange[]): number =>
    some.reduce((sum, { viewers }) => sum + (viewers ?? 0), 0);
  const [hot, handover, rebuild] = [of('hot'), of('handover'), of('rebuild')];
  return {
    none: Math.max(0, meant - hot.length - handover.length - rebuild.length),
    hot: hot.length,
    handover: handover.length,
    rebuild: rebuild.length,
    viewersFrozen: viewersOf(handover),
    viewersDropped: viewersOf(rebuild),
    toRelay: changes.filter(({ movesTo }) => movesTo === 'relay').length,
    toMediaServer: changes.filter(({ movesTo }) => movesTo === 'media-server').length,
    viewersUnknown: [...handover, ...rebuild].filter(({ viewers }) => viewers === null).length,
  };
}
