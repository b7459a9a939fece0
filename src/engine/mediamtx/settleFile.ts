import { askUntil } from '../../core/async/askUntil.js';
import type { Clock } from '../../core/clock.js';
import { orAborted } from '../../core/orAborted.js';
import type { EngineParts } from './engineParts.js';

const LOOK_EVERY_MS = 250;

/** Resolves when MediaMTX's file holds the paths in force, or never will: it is not writable, or MediaMTX reads another file. */
export async function settleFile(
  { writer, file }: Pick<EngineParts, 'writer' | 'file'>,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  // It is asked again while another program is writing the file.
  await askUntil({ clock, everyMs: LOOK_EVERY_MS, signal }, async () => {
    await orAborted(writer.restore(), signal);
    const own = writer.inForce;
    return own === null || file.says(own) || !file.isWritable || !writer.fileIsRead;
  });
}
