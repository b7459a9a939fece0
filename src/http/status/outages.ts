import type { z } from 'zod';
import { isOurs, type Outage } from '../../core/outages/outage.js';
import { noCamera } from '../cameras/camera.js';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, refuses } from '../route/contract.js';
import { type outageReply, outagesQuery, outagesReply } from '../shapes/statusSchemas.js';

export const listOutages = endpoint(
  {
    summary: 'Outages of cameras and accounts',
    description: 'Times in which a camera or an account did not work, of the last 90 days, newest first.',
    query: outagesQuery,
    replies: {
      200: answers('The outages that overlap the requested time.', outagesReply),
      404: refuses('There is no camera with this id.'),
    },
  },
  listOutagesHandler,
);

/** Outages, newest first. */
function listOutagesHandler(deps: Pick<HttpDeps, 'cameras' | 'outages' | 'redact'>): Handler {
  return async (request, response) => {
    const { limit, camera, account, from, to } = outagesQuery.parse({ ...request.query });
    if (camera !== undefined && !deps.cameras.peek(camera)) throw noCamera();
    const found = await deps.outages.outages({
      ...(camera !== undefined && { camera }),
      ...(account !== undefined && { account }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
    });
    const outages = found.slice(0, limit).map((outage) => outageJson(outage, deps.redact));
    response.json({ success: true, outages, total: found.length });
  };
}

function outageJson(outage: Outage, redact: (text: string) => string): z.input<typeof outageReply> {
  const { id, subject, account = null, reason, message, beganAt, endedAt } = outage;
  return {
    id,
    subject,
    account: subject.kind === 'account' ? subject.name : account,
    reason,
    message: redact(message),
    isOurs: isOurs(outage),
    beganAt: beganAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
