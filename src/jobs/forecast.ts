import type { Camera, CameraId } from '../core/camera/camera.js';
import { accountOf } from '../core/camera/cameraSource.js';
import { forecastOf, type Forecast } from '../core/renewal/forecast.js';
import type { AccountStates } from './accounts/accountStates.js';
import type { StreamUse } from './handover/streamUse.js';
import type { JobsDeps } from './run/deps.js';

export interface ForecastDeps extends Required<
  Pick<JobsDeps, 'clock' | 'store' | 'accounts' | 'lifetimeSeconds' | 'callsPerHour'>
> {
  readonly states: AccountStates;
  readonly streamUse: StreamUse;
  readonly queued: ReadonlySet<CameraId>;
}

/** The forecast of all configured accounts, computed from memory. */
export function gatherForecast(deps: ForecastDeps): Forecast {
  const { clock, store, accounts, states, streamUse, queued } = deps;
  const byAccount = new Map<string, Camera[]>([...accounts.keys()].map((account) => [account, []]));
  for (const camera of store.peekAll()) byAccount.get(accountOf(camera) ?? '')?.push(camera);
  // Reads the stream counts for the next call: this one does not wait for the engine.
  if (streamUse.matters) void streamUse.read();
  return forecastOf(
    clock.now(),
    deps.lifetimeSeconds * 1000,
    [...byAccount].map(([account, cameras]) => ({
      account,
      cameras,
      queued,
      callsPerHour: deps.callsPerHour,
      openAt: states.opensAt(account),
      quotaUsed: streamUse.usedPart(account),
    })),
  );
}
