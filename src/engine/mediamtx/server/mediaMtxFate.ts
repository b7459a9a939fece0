import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import type { MediaMtxFate } from '../file/configFileOptions.js';
import type { Supervisor } from './supervisor.js';
import type { Watch } from './watch.js';

/** MediaMTX's present state, from which `DeathByText` decides whether its file killed it. */
export function fateOf(watch: Watch, supervisor: Supervisor | null, client: MediaMtxClient): MediaMtxFate {
  if (!watch.isAsked) return 'unknown';
  if (watch.failure === null) return 'serves';
  if (supervisor) return supervisor.problem !== null ? 'died' : 'unknown';
  const isRefused = watch.failure instanceof AppError && watch.failure.code === 'ENGINE_UNREACHABLE';
  return isRefused && client.timeoutsInARow === 0 ? 'away' : 'unknown';
}

/** True when MediaMTX does not run, so that a write of its file disturbs nobody. */
export function isGone(fate: MediaMtxFate): boolean {
  return fate === 'died' || fate === 'away';
}
