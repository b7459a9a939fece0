import { AppError } from '../../../core/errors.js';
import type { MediaMtxClient } from '../api/client.js';
import { diffPaths, type PathChange } from '../paths/diffPaths.js';
import { allFields, type PathConfig, type PathConfigs } from '../paths/pathConfig.js';
import { apiSteps } from './apiSteps.js';
import { confirmPath, type ConfirmDeps } from './confirm.js';

export interface ApiWriteDeps extends ConfirmDeps {
  readonly client: MediaMtxClient;
  /** Asked before each write; throws when nothing may be written any more. */
  readonly requireRight: () => void;
}

export interface ApiWrites {
  /** MediaMTX's reason by name of the path that it would not take. */
  readonly refused: ReadonlyMap<string, string>;
  /** False: what MediaMTX has now has to be asked. */
  readonly isKnown: boolean;
}

/** Makes `own`, which is what MediaMTX has, the desired paths, one write after another; `own` follows. Throws when MediaMTX is away. */
export async function writeByApi(
  deps: ApiWriteDeps,
  own: Map<string, PathConfig>,
  desired: PathConfigs,
): Promise<ApiWrites> {
  const refused = new Map<string, string>();
  let isKnown = true;
  for (const change of apiSteps(own, diffPaths(own, desired))) {
    deps.requireRight();
    // A refused write changes nothing; one that was taken and not made leaves open what there is.
    const reason = await refusalOf(() => send(deps.client, change));
    const doubt = reason === null ? await refusalOf(() => confirmPath(deps, change)) : null;
    if (doubt !== null) isKnown = false;
    if (reason !== null || doubt !== null) refused.set(change.name, reason ?? doubt ?? '');
    else if (change.action === 'remove') own.delete(change.name);
    else own.set(change.name, change.config);
  }
  return { refused, isKnown };
}

/** MediaMTX's reason when it refuses; null: it does not. */
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
