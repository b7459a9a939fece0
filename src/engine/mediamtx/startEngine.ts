import { askUntil } from '../../core/async/askUntil.js';
import type { Clock } from '../../core/clock.js';
import { BOUNDS } from './engineOptions.js';
import type { EngineParts } from './engineParts.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';

export interface StartDeps {
  readonly clock: Clock;
  /** null: there is none. */
  readonly relay: Pick<RelayedCameras, 'start'> | null;
  readonly onTrouble: (thrown: unknown) => void;
}

/** Starts the relay, MediaMTX and the watches; resolves when MediaMTX answers, at the latest after `BOUNDS.startMs`. */
export async function startEngine(parts: EngineParts, { clock, relay, onTrouble }: StartDeps): Promise<void> {
  const { file, slates, watch, supervisor, feederWatch } = parts;
  const relayStarts = relay?.start();
  // MediaMTX does not start with a configuration file that names a missing slate.
  await slates.ensure(file.namedSlates()).catch(onTrouble);
  // MediaMTX is not running yet, so a write disturbs nobody, and it knows our users from its first moment.
  if (supervisor) await file.writeEdits().catch(onTrouble);
  await supervisor?.start();
  await watch.start();
  feederWatch.start();
  if (supervisor) await askUntil({ clock, everyMs: 100, withinMs: BOUNDS.startMs }, () => watch.failure === null);
  await relayStarts;
}
