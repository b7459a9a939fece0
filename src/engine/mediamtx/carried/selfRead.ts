import { askUntil } from '../../../core/async/askUntil.js';
import type { Clock } from '../../../core/clock.js';
import { AppError } from '../../../core/errors.js';
import type { EngineLog } from '../../engineLog.js';
import type { MediaMtxClient } from '../api/client.js';
import { seenTracks } from '../api/seenTracks.js';
import { pullPath } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import type { Writer } from '../write/writer.js';

const PROBE_PATH = '_camlease/self-read-probe';
/** Within one machine this takes 0.1 s (measured). */
const BOUND_MS = 2_000;
const LOOK_EVERY_MS = 50;

export interface SelfReadDeps {
  readonly client: MediaMtxClient;
  readonly writer: Pick<Writer, 'alone'>;
  readonly ownPaths: OwnPaths;
  readonly clock: Clock;
  readonly log: EngineLog;
}

/**
 * Finds out whether MediaMTX may read from itself (the operator's users may forbid it), with a path that pulls `source`, which must have
 * pictures. Called before any viewer is moved to such a path, where the viewer would else wait in vain.
 */
export async function readsItself(
  { client, writer, ownPaths, clock, log }: SelfReadDeps,
  source: string,
): Promise<boolean> {
  return writer.alone(async () => {
    // Listed as ours first: if camlease dies before it removes the probe, the next write removes it.
    await ownPaths.add([PROBE_PATH]);
    try {
      await client.replacePath(PROBE_PATH, { ...pullPath(source, 'always'), rtspTransport: 'tcp' });
      const asking = { clock, everyMs: LOOK_EVERY_MS, withinMs: BOUND_MS };
      const showsTracks = async (): Promise<boolean> => {
        const path = await client.path(PROBE_PATH);
        return path !== null && seenTracks(path) !== null;
      };
      if (await askUntil(asking, showsTracks)) return true;
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'ENGINE_REFUSED') throw thrown;
    } finally {
      await client.removePath(PROBE_PATH).catch(() => undefined);
    }
    log.info(
      'MediaMTX may not read from itself, so viewers of an on-demand camera wait longer for a picture when its lease changes',
      {
        cure: "Allow camlease's own user to read in MediaMTX: see authInternalUsers in its file, and docs/concepts/engine-mediamtx.md.",
      },
    );
    return false;
  });
}
