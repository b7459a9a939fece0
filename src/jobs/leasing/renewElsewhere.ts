import type { Camera } from '../../core/camera/camera.js';
import type { Renewed, Requests } from '../replicas/requests.js';

/** Asks the owners of accounts that are not ours, through the store. */
export type AskOthers = Pick<Requests, 'renew' | 'leave' | 'move'>;

/** See `RenewOptions`, which is handed in. */
export interface AskedRenewal {
  readonly force?: boolean;
  readonly insist?: boolean;
  readonly awaitOutcome: boolean;
}

/** Cameras of one account that another replica owns: it renews them, and answers as it would answer its own caller. */
export async function askOwners(
  requests: AskOthers,
  account: string,
  cameras: readonly Camera[],
  options: AskedRenewal,
  signal: AbortSignal,
): Promise<Renewed> {
  const asked = {
    cameras: cameras.map(({ id, lastRevision }): [string, number] => [id, lastRevision]),
    force: options.force === true,
    insist: options.insist === true,
  };
  const skippedCameras = cameras.map(({ id }) => ({ cameraId: id, reason: 'not-answered' as const }));
  const nothing = { renewed: 0, held: 0, skipped: cameras.length, failed: [], skippedCameras };
  if (options.awaitOutcome) return (await requests.renew(account, asked, signal)) ?? nothing;
  await requests.leave(account, asked);
  return nothing;
}
