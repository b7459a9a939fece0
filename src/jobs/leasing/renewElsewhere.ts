import type { Camera } from '../../core/camera/camera.js';
import type { Renewed, Requests } from '../replicas/requests.js';

/** Requests, through the store, to the replicas that own the other accounts. */
export type AskOthers = Pick<Requests, 'renew' | 'leave' | 'move'>;

/** The part of `RenewOptions` that goes into the request. */
export interface AskedRenewal {
  readonly force?: boolean;
  readonly insist?: boolean;
  readonly awaitOutcome: boolean;
}

/**
 * Asks the replica that owns the account to renew these cameras. With `awaitOutcome` waits for its answer; else counts the
 * cameras as skipped.
 */
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
