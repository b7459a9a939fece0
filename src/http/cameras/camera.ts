import type { Request } from 'express';
import type { Camera } from '../../core/camera/camera.js';
import { aboutTexts } from '../../core/camera/cameraAbout.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import { AppError } from '../../core/errors.js';
import type { NewCamera } from '../../store/cameraStore.js';
import { cameraHealth } from '../../core/health/health.js';
import { renewalStory } from '../../core/health/renewalStory.js';
import { accountFor, changeOf } from './cameraChange.js';
import { aboutChange } from './aboutJson.js';
import { cameraJson, type CameraJson } from './cameraJson.js';
import type { HttpDeps } from '../route/deps.js';
import { requestOrigin } from '../transport/guards.js';
import { changedLease, handMadeLease } from './handMadeLease.js';
import { documentLeftOut, leftOutJson } from './leftOut.js';
import { imageIn, keepImage } from '../route/cameraImage.js';
import { idOf } from '../route/ids.js';
import { needKnownVendor } from '../route/knownVendor.js';
import { changeFromGuide, newFromGuide } from './guideBody.js';
import { PLANNABLE, planned, refusePlan } from './plan.js';
import { endpoint, type Handler } from '../route/route.js';
import { reportedStateOf } from './reportedState.js';
import type { Seen } from './seenStreams.js';
import { withoutSentBack } from './sentBack.js';
import { changeUrlSource, createUrlCamera, namesSource, plannedSource } from './urlSource.js';
import { answers, cameraErrors, cameraParams, refuses } from '../route/contract.js';
import { z } from 'zod';
import { changeCameraBody, createCameraBody, createUrlCameraBody, listQuery, planQuery } from '../shapes/schemas.js';
import { camerasReply, oneCameraReply, planReply, removedReply } from '../shapes/replySchemas.js';

export interface CameraDeps extends HttpDeps {
  readonly seen: () => Promise<Seen>;
}

export const listCameras = endpoint(
  {
    summary: 'List cameras',
    query: listQuery,
    replies: {
      200: answers('A page of cameras; `total` counts all cameras that match `search` and `health`.', camerasReply),
    },
  },
  listCamerasHandler,
);

/** A page of cameras. `total` and `health` count the cameras that match the search, `healthOfAll` counts all cameras. */
function listCamerasHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    const { limit, offset, search, health } = listQuery.parse({ ...request.query });
    const seen = await deps.seen();
    const now = deps.clock.now();
    const refusedWrites = deps.cameras.refusedWrites();
    const wanted = health === undefined ? null : new Set(health.split(','));
    const counts: Record<string, number> = {};
    const ofAll: Record<string, number> = {};
    const found: Camera[] = [];
    for (const camera of deps.cameras.peekAll()) {
      const renewal = renewalStory(camera, deps.jobs.handoverOf(camera.id), now);
      const { state } = cameraHealth(camera, seen(camera), now, renewal, null, refusedWrites.get(camera.id));
      ofAll[state] = (ofAll[state] ?? 0) + 1;
      if (search !== undefined && !matches(camera, search.toLowerCase())) continue;
      counts[state] = (counts[state] ?? 0) + 1;
      if (wanted === null || wanted.has(state)) found.push(camera);
    }
    const shown = shownBy(deps, request, seen, now);
    const cameras = found.slice(offset, offset + limit).map(shown);
    response.json({
      success: true,
      cameras,
      total: found.length,
      health: counts,
      healthOfAll: ofAll,
      leftOut: leftOutJson(deps),
    });
  };
}

export const getCamera = endpoint(
  {
    summary: 'Show a camera',
    params: cameraParams,
    replies: { 200: answers('The camera.', oneCameraReply), ...cameraErrors },
  },
  getCameraHandler,
);

function getCameraHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    response.json(await oneCamera(deps, request, cameraOf(deps, request)));
  };
}

export const createCamera = endpoint(
  {
    summary: 'Add a camera by hand',
    description:
      'Either a device of a cloud, by its serial, or an address of its own, in `source`. An address is opened once, 10 s at most, before it is stored. In a form the file `image` is a picture of the camera: JPEG, PNG or WebP, at most 2 MB.',
    body: { format: 'json', form: true, required: true, schema: z.union([createCameraBody, createUrlCameraBody]) },
    replies: {
      201: answers(
        'The camera is stored. Of a cloud camera camlease asks for a lease unless `rtmpPath` has one; a camera with a `source` has been opened once.',
        oneCameraReply,
      ),
      409: refuses('The camera exists already, or its account is not configured.'),
      422: refuses(
        'The source did not open, so nothing was stored; `reason` says why. With `keep` it is stored all the same.',
      ),
    },
  },
  createCameraHandler,
);

/** Adds a camera by hand; with `rtmpPath` the camera has its first lease at once. */
function createCameraHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    refusePlan(request);
    const body = newFromGuide(deps, request.body);
    const image = await imageIn(deps, request, response);
    const added = namesSource(body)
      ? await createUrlCamera(deps, createUrlCameraBody.parse(body), response)
      : await createCloudCamera(deps, createCameraBody.parse(body ?? {}));
    deps.jobs.cameraChanged(added.id);
    const created = image === null ? added : await withImage(deps, added, image);
    response
      .status(201)
      .location(`/api/camera/${created.id}`)
      .json(await oneCamera(deps, request, created, 'Camera created'));
  };
}

/** The camera that was just added, with its picture. What goes wrong now says that the camera itself is stored. */
async function withImage(deps: CameraDeps, added: Camera, image: Buffer): Promise<Camera> {
  try {
    return (await keepImage(deps, added.id, image)) ?? added;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const message = `The camera was added, but its picture was not stored: ${thrown.message}`;
    throw new AppError(thrown.code, message, { cure: `Send the picture with PUT /api/camera/${added.id}/image.` });
  }
}

function createCloudCamera(deps: CameraDeps, body: z.infer<typeof createCameraBody>): Promise<Camera> {
  const now = deps.clock.now();
  const { vendor, channel, hikvisionDeviceSerial: deviceSerial } = body;
  needKnownVendor(deps.vendors, vendor);
  const account = accountFor(deps, vendor, body.account);
  const lease = body.rtmpPath === undefined ? undefined : handMadeLease(deps, body.rtmpPath, now);
  const camera: NewCamera = {
    name: body.name,
    source: { kind: 'cloud', vendor, account, deviceSerial, channel, resourceId: body.hikvisionResourceId ?? '' },
    ...(body.mode !== undefined && { mode: body.mode }),
    ...(body.errorClipCheck !== undefined && { errorClipCheck: body.errorClipCheck }),
    ...(body.whenGone !== undefined && { whenGone: body.whenGone }),
    ...(body.quality !== undefined && { quality: body.quality }),
    ...(body.labels !== undefined && { labels: body.labels }),
    ...(body.hikvisionEnabled !== undefined && { enabled: body.hikvisionEnabled }),
    ...(body.sound !== undefined && { sound: body.sound }),
    ...(lease !== undefined && { lease }),
    ...aboutChange(body),
  };
  return deps.cameras.create(camera, now);
}

export const changeCamera = endpoint(
  {
    summary: 'Change a camera',
    description: `Fields that are left out, and values that come back masked as replies show them, stay as they are. A new address or login is opened once before it is stored. In a form the file "image" becomes the picture of the camera. ${PLANNABLE}`,
    params: cameraParams,
    query: planQuery,
    body: { format: 'json', form: true, required: true, schema: changeCameraBody },
    replies: {
      200: answers('The changed camera; with `?plan=true`, the plan.', z.union([oneCameraReply, planReply])),
      ...cameraErrors,
      409: refuses('Another camera has the new address and login.'),
      422: refuses('The new source did not open, so nothing was changed; `reason` says why.'),
    },
  },
  changeCameraHandler,
);

/** Changes the fields that the body names; with `?plan=true` only answers what that would change. */
function changeCameraHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    const camera = cameraOf(deps, request);
    const { plan } = planQuery.parse({ ...request.query });
    const shown = await oneCamera(deps, request, camera, 'Camera updated');
    const wanted = withoutSentBack(request.body, shown.camera);
    const image = plan ? null : await imageIn(deps, request, response);
    if (!plan && keysIn(wanted) === 0 && (image !== null || keysIn(request.body) > 0)) {
      response.json(image === null ? shown : await changedImage(deps, request, image));
      return;
    }
    const body = changeCameraBody.parse(changeFromGuide(camera, wanted) ?? {});
    const lease = changedLease(deps, camera, body.rtmpPath, deps.clock.now());
    const change = { ...changeOf(deps, camera, body), ...(lease !== null && { lease }) };
    if (plan) {
      const wished = { ...change, ...plannedSource(deps, camera, body) };
      response.json(await planned(deps, response, [{ action: 'update', cameraIds: [camera.id], change: wished }]));
      return;
    }
    // First what may be refused: then nothing of the request is stored.
    const moved = await changeUrlSource(deps, camera, body, response);
    const changed =
      moved !== null && Object.keys(change).length === 0
        ? moved
        : await deps.cameras.update(camera.id, change, deps.clock.now());
    if (changed === null) throw noCamera();
    deps.jobs.cameraChanged(camera.id);
    response.json(
      image !== null || body.image === null
        ? await changedImage(deps, request, image)
        : await oneCamera(deps, request, changed, 'Camera updated'),
    );
  };
}

/** Gives the camera that the address names this image; null: none. */
export async function changedImage(
  deps: CameraDeps,
  request: Request,
  image: Buffer | null,
): ReturnType<typeof oneCamera> {
  const changed = await keepImage(deps, idOf(request), image);
  if (changed === null) throw noCamera();
  return oneCamera(deps, request, changed, 'Camera updated');
}

export const removeCamera = endpoint(
  {
    summary: 'Delete a camera',
    description: `Discovery does not bring the camera back; add it by hand to have it again. ${PLANNABLE}`,
    params: cameraParams,
    query: planQuery,
    replies: {
      200: answers('The camera was deleted; with `?plan=true`, the plan.', z.union([planReply, removedReply])),
      ...cameraErrors,
    },
  },
  removeCameraHandler,
);

/** Leaves a tombstone: discovery does not bring the camera back until it is added by hand. */
function removeCameraHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    if (planQuery.parse({ ...request.query }).plan) {
      response.json(await planned(deps, response, [{ action: 'delete', cameraIds: [id] }]));
      return;
    }
    if (!(await deps.cameras.remove(id, deps.clock.now()))) throw noCamera();
    deps.jobs.cameraChanged(id);
    response.json({ success: true, message: 'Camera deleted' });
  };
}

/** The camera that the address names. Throws REQUEST_INVALID and CAMERA_NOT_FOUND. */
export function cameraOf({ cameras }: Pick<HttpDeps, 'cameras'>, request: Request): Camera {
  const id = idOf(request);
  const camera = cameras.peek(id);
  if (camera) return camera;
  const document = cameras.leftOut().find((one) => one.id === id);
  if (!document) throw noCamera();
  throw documentLeftOut(document);
}

/** `message`: what was done, for clients that show it. */
export async function oneCamera(
  deps: CameraDeps,
  request: Request,
  camera: Camera,
  message?: string,
): Promise<{ success: true; message?: string; camera: CameraJson }> {
  return {
    success: true,
    ...(message !== undefined && { message }),
    camera: shownBy(deps, request, await deps.seen(), deps.clock.now())(camera),
  };
}

function shownBy(deps: CameraDeps, request: Request, seen: Seen, now: Date): (camera: Camera) => CameraJson {
  const origin = requestOrigin(request, deps.publicUrl);
  const refusals = new Map(deps.accounts.list().map(({ name, refused }) => [name, refused]));
  const refusedWrites = deps.cameras.refusedWrites();
  const said = reportedStateOf(deps, now);
  return (camera) => {
    const decision = deps.jobs.handoverOf(camera.id);
    const links = deps.engine.links(camera.id, origin);
    const refusal = refusals.get(accountOf(camera) ?? '') ?? null;
    return cameraJson(camera, {
      seen: seen(camera),
      decision,
      refusal,
      unwritten: refusedWrites.get(camera.id) ?? null,
      said: said(camera),
      links,
      now,
      redact: deps.redact,
    });
  };
}

function keysIn(value: unknown): number {
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function matches({ id, name, labels, source, about }: Camera, search: string): boolean {
  const serial = source.kind === 'cloud' ? [source.deviceSerial] : [];
  return [name, ...serial, id, ...labels, ...aboutTexts(about)].some((text) => text.toLowerCase().includes(search));
}

export function noCamera(): AppError {
  return new AppError('CAMERA_NOT_FOUND', 'There is no camera with this id.', {
    cure: 'Take ids from GET /api/camera.',
  });
}
