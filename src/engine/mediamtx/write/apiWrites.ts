import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import { diffPaths, type PathChange } from '../paths/diffPaths.js';
import { allFields, type PathConfig, type PathConfigs } from '../paths/pathConfig.js';
import { apiSteps } from './apiSteps.js';
import { confirmPath, type ConfirmDeps } from './confirm.js';

export interface ApiWriteDeps extends ConfirmDeps {
  readonly client: MediaMtxClient;
  /** Called before each write; throws when this replica may no longer write. */
  readonly requireRight: () => void;
}

export interface ApiWrites {
  /** The paths that MediaMTX refused, by name, each with MediaMTX's reason. */
  readonly refused: ReadonlyMap<string, string>;
  /** False: a write's outcome is unknown, so the caller has to read MediaMTX's paths again. */
  readonly isKnown: boolean;
}

/**
 * Brings MediaMTX from `own` (its present paths) to the desired ones, one write after another, and updates `own` after each. Throws
 * when MediaMTX does not answer.
 */
export async function writeByApi(
  deps: ApiWriteDeps,
  own: Map<string, PathConfig>,
  desired: PathConfigs,
): Promise<ApiWrites> {
  const refused = new Map<string, string>();
  let isKnown = true;
  for (const change of apiSteps(own, diffPaths(own, desired))) {
    deps.requireRight();
    // A refused write changes nothing. A write that MediaMTX accepted and did not make leaves its paths unknown.
    const reason = await refusalOf(() => send(deps.client, change));
    const doubt = reason === null ? await refusalOf(() => confirmPath(deps, change)) : null;
    if (doubt !== null) isKnown = false;
    if (reason !== null || doubt !== null) refused.set(change.name, reason ?? doubt ?? '');
    else if (change.action === 'remove') own.delete(change.name);
    else own.set(change.name, change.config);
  }
  return { refused, isKnown };
}

/** MediaMTX's reason for refusing this write; null: it accepted. Other errors are thrown on. */
export async function refusalOf(write: () => Promise<void>): Promise<string | null> {
  try {
    await write();
    return null;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'ENGINE_REFUSED') return thrown.message;
    throw thrown;
  }
}

async function send(client: MediaMtxClient, change: PathChange): Promise<void> {
  if (change.action === 'remove') await client.removePath(change.name);
  else if (change.action === 'add') await client.replacePath(change.name, change.config);
  else if (change.action === 'forward') await client.patchPath(change.name, { forward: change.config.forward ?? [] });
  else await client.patchPath(change.name, allFields(change.config, client.defaults.fields));
}
