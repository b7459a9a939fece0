import { z } from 'zod';
import { AppError } from '../../core/errors.js';
import type { Camera } from '../../core/camera/camera.js';
import { playsOf } from './playsOf.js';
import type { Serving } from '../../core/streams/plays.js';
import { accountOf, neverKind } from '../../core/camera/cameraSource.js';
import { liveVerdict, withRefusal, withUnwritten } from '../../core/health/health.js';
import { cameraOf } from './camera.js';
import type { HttpDeps } from '../route/deps.js';
import { engineAway } from './engineAway.js';
import { requestOrigin } from '../transport/guards.js';
import { refusedNow, troubleNow } from './refusedNow.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, cameraErrors, cameraParams, refuses } from '../route/contract.js';
import { errorReply, liveReply, notLiveReply } from '../shapes/replySchemas.js';

type Deps = Pick<HttpDeps, 'accounts' | 'cameras' | 'engine' | 'jobs' | 'outages' | 'clock' | 'publicUrl' | 'redact'>;

export const live = endpoint(
  {
    summary: 'Where to play a camera',
    params: cameraParams,
    replies: {
      200: answers('The addresses at which players get the camera.', liveReply),
      409: answers(
        'The camera has no picture now; the error has the reason and a cure.',
        z.union([notLiveReply, errorReply]),
      ),
      503: refuses('The media server has not answered for ten seconds, so no camera plays.'),
      ...cameraErrors,
    },
  },
  liveHandler,
);

/**
 * Where to play a camera. The hot path: everything comes from memory, nothing is logged, and the reply bypasses Express (no
 * ETag, no content negotiation). The verdict is recomputed for each request, because leases expire. The camera's own fault is
 * reported before the media server's, since it remains when the media server is back.
 */
function liveHandler(deps: Deps): Handler {
  const requireEngine = engineAway(deps);
  return (request, response) => {
    const camera = cameraOf(deps, request);
    deps.jobs.urgent(camera.id);
    const verdict = liveVerdict(camera, deps.clock.now(), refusedNow(deps, camera.id));
    if (!verdict.live) {
      const refusal = deps.accounts.list().find(({ name }) => name === accountOf(camera))?.refused ?? null;
      const { reason, message, cure } = withUnwritten(
        withRefusal(verdict, refusal),
        deps.cameras.refusedWrites().get(camera.id) ?? null,
      );
      response.status(409).json({
        success: false,
        message: deps.redact(message),
        error: {
          code: 'CAMERA_NOT_LIVE',
          reason,
          message: deps.redact(message),
          cure: deps.redact(cure),
        },
      });
      return;
    }
    requireEngine();
    const { hlsUrl, webrtcUrl, notServed, serving } = deps.engine.links(
      camera.id,
      requestOrigin(request, deps.publicUrl),
    );
    const trouble = troubleNow(deps, camera) ?? undefined;
    const links = JSON.stringify({ success: true, hlsUrl, webrtcUrl, notServed, trouble });
    const body = `${links.slice(0, -1)},"plays":${playsText(camera, serving)},"cameraInfo":${cameraInfoText(camera)}}`;
    response.writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(body);
  };
}

/** By the camera as it was stored last, each with what it was made for. */
const playsTexts = new WeakMap<Camera, { readonly serving: Serving | undefined; readonly text: string }>();

/** JSON of how the camera plays; made once for each change of the camera and of what the engine serves. */
function playsText(camera: Camera, serving: Serving | undefined): string {
  const made = playsTexts.get(camera);
  if (made && isSameServing(made.serving, serving)) return made.text;
  const text = JSON.stringify(playsOf(camera, serving));
  playsTexts.set(camera, { serving, text });
  return text;
}

function isSameServing(a: Serving | undefined, b: Serving | undefined): boolean {
  return a?.hls === b?.hls && a?.secondSound === b?.secondSound && String(a?.off) === String(b?.off);
}

/** By the camera as it was stored last, which is another object after each change. */
const cameraInfoTexts = new WeakMap<Camera, string>();

/** JSON of what a reply says of the camera itself; made once for each change of the camera, since `/live` is asked far more often. */
function cameraInfoText(camera: Camera): string {
  let text = cameraInfoTexts.get(camera);
  if (text === undefined) cameraInfoTexts.set(camera, (text = JSON.stringify(cameraInfo(camera))));
  return text;
}

/** Written as whole literals: this runs for each `/live`, where copying fields from object to object can be measured. */
function cameraInfo({ id, name, source, status, lease, about }: Camera): object {
  switch (source.kind) {
    case 'cloud':
      if (lease === null) throw new AppError('INTERNAL', 'A live camera of a cloud has a lease.');
      return {
        id,
        name,
        vendor: source.vendor,
        hikvisionDeviceSerial: source.deviceSerial,
        channel: source.channel,
        status,
        quality: lease.quality,
        expiresAt: lease.expiresAt,
        proof: lease.proof,
        location: about.location,
        city: about.city,
        image: about.image,
        members: about.members,
      };
    case 'url':
      return {
        id,
        name,
        vendor: null,
        hikvisionDeviceSerial: '',
        channel: null,
        status,
        quality: null,
        expiresAt: null,
        proof: null,
        location: about.location,
        city: about.city,
        image: about.image,
        members: about.members,
      };
    default:
      return neverKind(source);
  }
}
