import type { z } from 'zod';
import type { Camera } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import type { HttpDeps } from '../route/deps.js';
import type { reportedStateReply } from '../shapes/statusSchemas.js';

export type ReportedState = z.input<typeof reportedStateReply>;

/** What the cloud, the media server and the store each report about a camera, and when they last did. */
export function reportedStateOf(
  deps: Pick<HttpDeps, 'accounts' | 'outages'>,
  now: Date,
): (camera: Camera) => ReportedState {
  const accounts = new Map(deps.accounts.list().map((account) => [account.name, account]));
  const answered = deps.outages.storeAnswered();
  return (camera) => {
    const { id, status, lease } = camera;
    const account = accounts.get(accountOf(camera) ?? '');
    const seen = deps.outages.lastSeen(id);
    return {
      cloud: {
        status,
        answeredAt: account?.lastSuccessAt?.toISOString() ?? null,
        refusal: account?.refused?.code ?? null,
      },
      engine: seen && {
        flow: seen.flow,
        viewers: seen.viewers,
        bytesMovedAt: seen.bytesMovedAt?.toISOString() ?? null,
        at: seen.at.toISOString(),
      },
      store: {
        lease: lease === null ? 'none' : lease.expiresAt > now ? 'valid' : 'expired',
        revision: lease?.revision ?? null,
        expiresAt: lease?.expiresAt.toISOString() ?? null,
        isThere: answered?.isThere ?? null,
        at: answered?.at?.toISOString() ?? null,
      },
    };
  };
}
