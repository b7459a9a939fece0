import type { Camera } from '../../core/camera/camera.js';
import { maskedUrl } from '../../core/camera/maskedUrl.js';
import { AppError } from '../../core/errors.js';
import { readBody } from '../route/body.js';
import { answers, cameraErrors, cameraParams } from '../route/contract.js';
import { endpoint, type Handler } from '../route/route.js';
import { guideStatusReply, oneCameraReply } from '../shapes/replySchemas.js';
import { emptyBody, enableBody } from '../shapes/schemas.js';
import { cameraOf, noCamera, oneCamera, type CameraDeps } from './camera.js';

/** Routes that only clients of the Hikvision guide know. */

export const hikvisionStatus = endpoint(
  {
    summary: 'Enabled cameras, as clients of the Hikvision guide read them',
    description: '`status` is one of their two words. `rtmpPath` is masked.',
    replies: { 200: answers('The enabled cameras of clouds.', guideStatusReply) },
  },
  hikvisionStatusHandler,
);

function hikvisionStatusHandler({ cameras }: CameraDeps): Handler {
  return (_request, response) => {
    const enabled = [...cameras.peekAll()].flatMap(statusJson);
    response.json({ success: true, count: enabled.length, cameras: enabled });
  };
}

function statusJson({ id, name, source, enabled, status, lease, updatedAt }: Camera): object[] {
  if (source.kind !== 'cloud' || !enabled || status === 'disabled') return [];
  const { deviceSerial: hikvisionDeviceSerial, resourceId: hikvisionResourceId } = source;
  return [
    {
      _id: id,
      name,
      rtmpPath: lease === null ? '' : maskedUrl(lease.url),
      hikvisionDeviceSerial,
      hikvisionResourceId,
      status: status === 'active' ? 'active' : 'inactive',
      updatedAt: updatedAt.toISOString(),
    },
  ];
}

export const enableCamera = endpoint(
  {
    summary: 'Enable a camera and give it its resource id',
    description: 'For clients of the Hikvision guide; the same as `hikvisionEnabled: true` in a change.',
    params: cameraParams,
    body: { format: 'json', required: true, schema: enableBody },
    replies: { 200: answers('The enabled camera.', oneCameraReply), ...cameraErrors },
  },
  enableHandler,
);

function enableHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    const { deviceSerial, resourceId } = readBody(enableBody, request);
    const { id, source, status } = cameraOf(deps, request);
    if (source.kind !== 'cloud' || source.deviceSerial !== deviceSerial) {
      throw new AppError('REQUEST_INVALID', 'This camera belongs to another device, or to none.', {
        cure: 'Add the device as a camera of its own with POST /api/camera.',
      });
    }
    const isOff = status === 'disabled';
    const change = { enabled: true, resourceId, ...(isOff && { status: 'active' as const }) };
    const changed = await deps.cameras.update(id, change, deps.clock.now());
    if (changed === null) throw noCamera();
    deps.jobs.cameraChanged(id);
    response.json(await oneCamera(deps, request, changed, 'Camera enabled'));
  };
}

export const disableCamera = endpoint(
  {
    summary: 'Disable a camera',
    description: 'For clients of the Hikvision guide; the same as `hikvisionEnabled: false` in a change.',
    params: cameraParams,
    body: { format: 'json', required: false, schema: emptyBody },
    replies: { 200: answers('The disabled camera.', oneCameraReply), ...cameraErrors },
  },
  disableHandler,
);

function disableHandler(deps: CameraDeps): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const changed = await deps.cameras.update(id, { enabled: false }, deps.clock.now());
    if (changed === null) throw noCamera();
    deps.jobs.cameraChanged(id);
    response.json(await oneCamera(deps, request, changed, 'Camera disabled'));
  };
}
