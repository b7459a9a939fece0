import type { CameraId } from '../../core/camera/camera.js';
import type { Pass } from '../../core/passes/pass.js';
import type { Initialized, Renewed } from './requests.js';

/** The answer to another replica's request to renew; if the pass failed, all of its cameras failed. */
export function renewedBy({ report, error }: Pass, cameraIds: readonly CameraId[]): Renewed {
  if (report !== null && 'renewed' in report) {
    const { renewed, held, skipped, failed, heldCameras = [], skippedCameras = [] } = report;
    return {
      renewed,
      held,
      skipped,
      failed: [...failed],
      heldCameras: [...heldCameras],
      skippedCameras: [...skippedCameras],
    };
  }
  const { code, message, cure } = whyOf(error);
  return {
    renewed: 0,
    held: 0,
    skipped: 0,
    failed: cameraIds.map((cameraId) => ({ cameraId, code, message, cure })),
  };
}

/** The answer to another replica's request to initialize; if the pass failed, the account failed. */
export function initializedBy({ report, error }: Pass, account: string): Initialized {
  if (report !== null && 'leased' in report) {
    const { discovered, created, updated, missing, leased, failed, failedAccounts, notes = [] } = report;
    return { discovered, created, updated, missing, leased, failed, failedAccounts, notes };
  }
  const counts = { discovered: 0, created: 0, updated: 0, missing: 0, leased: 0 };
  return { ...counts, failed: [], failedAccounts: [{ account, ...whyOf(error) }], notes: [] };
}

function whyOf(error: Pass['error']): { code: string; message: string; cure: string } {
  const { code, message, cure } = error ?? { code: 'INTERNAL', message: 'The pass left no report.' };
  return { code, message, cure: cure ?? 'Ask again.' };
}
