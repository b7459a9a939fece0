import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import type { MediaMtxFate } from '../file/configFileOptions.js';
import type { Supervisor } from './supervisor.js';
import type { MediaMtxMonitor } from './mediaMtxMonitor.js';

/** MediaMTX's present state, from which `DeathByText` decides whether its file killed it. */
export function fateOf(monitor: MediaMtxMonitor, supervisor: Supervisor | null, client: MediaMtxClient): MediaMtxFate {
  if (!monitor.isAsked) return 'unknown';
  if (monitor.failure === null) return 'serves';
  if (supervisor) return supervisor.problem !== null ? 'died' : 'unknown';
  const isRefused = monitor.failure instanceof AppError && monitor.failure.code === 'ENGINE_UNREACHABLE';
  return isRefused && client.timeoutsInARow === 0 ? 'away' : 'unknown';
}

/** True when MediaMTX does not run, so that a write of its file disturbs nobody. */
export function isGone(fate: MediaMtxFate): boolean {
  return fate === 'died' || fate === 'away';
}
