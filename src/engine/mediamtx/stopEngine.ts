import type { Clock } from '../../core/clock.js';
import type { MediaMtxClient } from './api/client.js';
import { BOUNDS } from './engineOptions.js';
import type { EngineParts } from './engineParts.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';
import type { Upkeep } from './upkeep.js';

export interface StopDeps {
  readonly client: Pick<MediaMtxClient, 'close'>;
  readonly clock: Clock;
  /** null: there is none. */
  readonly relay: Pick<RelayedCameras, 'stop'> | null;
  readonly upkeep: Upkeep;
}

/** Stops everything, in the order that leaves viewers their picture when MediaMTX runs on without camlease. */
export async function stopEngine(parts: EngineParts, { client, clock, relay, upkeep }: StopDeps): Promise<void> {
  upkeep.end();
  // Do not wait for a hung MediaMTX: closing the client fails its open requests, and the store still has everything.
  const cancelPatience = clock.after(BOUNDS.stopMs, () => client.close());
  parts.warmUps.stop();
  parts.sharedPaths?.stop();
  await Promise.all([parts.bridges.stop(), parts.hlsLists.stop()]);
  await parts.feederWatch.stop();
  await parts.watch.stop();
  await parts.writer.stop();
  await upkeep.settled();
  cancelPatience();
  await parts.supervisor?.stop();
  await relay?.stop();
}
