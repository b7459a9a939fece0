import type { z } from 'zod';
import { isOurs, type Outage } from '../../core/outages/outage.js';
import { noCamera } from '../cameras/camera.js';
import type { HttpDeps } from '../route/deps.js';
import type { Handler } from '../route/route.js';
import { outagesQuery, type outageReply } from '../shapes/statusSchemas.js';

/** Outages, newest first. */
export function listOutages(deps: Pick<HttpDeps, 'cameras' | 'outages' | 'redact'>): Handler {
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
