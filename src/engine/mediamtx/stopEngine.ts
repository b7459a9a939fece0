import type { Clock } from '../../core/clock.js';
import type { MediaMtxClient } from './client.js';
import { BOUNDS } from './engineOptions.js';
import type { EngineParts } from './engineParts.js';
import type { RelayedCameras } from './relayedCameras.js';
import type { SpliceCarrier } from './spliceCarrier.js';
import type { Upkeep } from './upkeep.js';

export interface StopDeps {
  readonly client: Pick<MediaMtxClient, 'close'>;
  readonly clock: Clock;
  readonly splice: SpliceCarrier;
  /** null: there is none. */
  readonly relay: Pick<RelayedCameras, 'stop'> | null;
  readonly upkeep: Upkeep;
  /** Another process writes this MediaMTX. */
  readonly isLookingOn: boolean;
}

/** Ends everything, in the order that leaves viewers of a MediaMTX that plays on with their picture. */
export async function stopEngine(
  parts: EngineParts,
  { client, clock, splice, relay, upkeep, isLookingOn }: StopDeps,
): Promise<void> {
  upkeep.end();
  // One that hangs is not waited for: what it was asked fails, and nothing of it is lost.
  const cancelPatience = clock.after(BOUNDS.stopMs, () => client.close());
  parts.warmUps.stop();
  parts.sharedPaths?.stop();
  await Promise.all([parts.bridges.stop(), parts.hlsLists.stop()]);
  await parts.feederWatch.stop();
  // The splice ends with us, and the MediaMTX of somebody else plays on: its feeders forward again.
  const isForOthers = parts.supervisor === null && !isLookingOn;
  if (isForOthers && splice.release() && parts.watch.failure === null)
    await parts.writer.reconcile(true).catch(() => undefined);
  await parts.watch.stop();
  await parts.writer.stop();
  await upkeep.settled();
  await splice.stop();
  cancelPatience();
  await parts.supervisor?.stop();
  await relay?.stop();
}
