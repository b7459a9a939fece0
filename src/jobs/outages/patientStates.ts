import type { CameraId } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';
import type { JobsDeps } from '../run/deps.js';
import { within } from '../../core/async/deadline.js';

const PATIENCE_MS = 3_000;

export interface PatientStatesDeps extends Pick<JobsDeps, 'clock'> {
  readonly engine: Pick<JobsDeps['engine'], 'states'>;
}

/** The states of the streams that the engine pulls; null: no answer within 3 s, or `patience` was aborted before. */
export async function patientStates(
  { clock, engine }: PatientStatesDeps,
  patience: AbortController,
): Promise<ReadonlyMap<CameraId, SeenStream> | null> {
  let states: ReadonlyMap<CameraId, SeenStream> | null = null;
  const asked = engine
    .states(patience.signal, 'pulled')
    .then((answer) => void (states = answer))
    .catch(() => undefined);
  await within(clock, PATIENCE_MS, asked);
  patience.abort();
  return states;
}
