import { AppError } from '../../../core/errors.js';
import type { EngineLog } from '../../engineLog.js';
import type { MediaMtxClient } from '../api/client.js';
import { publicPath } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import type { Writer } from '../write/writer.js';
import type { Slates } from './slates.js';

const PROBE_PATH = '_camlease/slate-probe';

export interface SlateSightDeps {
  readonly client: MediaMtxClient;
  readonly writer: Pick<Writer, 'alone'>;
  readonly ownPaths: OwnPaths;
  readonly slates: Slates;
  readonly log: EngineLog;
}

/**
 * Finds out whether MediaMTX can open our slates, by writing a path with one through the API: MediaMTX opens the file at once, and a
 * refused write changes nothing. In MediaMTX's configuration, a slate that it cannot open would make every further write fail.
 */
export async function seesSlates({ client, writer, ownPaths, slates, log }: SlateSightDeps): Promise<boolean> {
  const file = await slates.sample();
  if (file === null) return false;
  return writer.alone(async () => {
    // Listed as ours first: if camlease dies before it removes the probe, the next write removes it.
    await ownPaths.add([PROBE_PATH]);
    try {
      await client.replacePath(PROBE_PATH, publicPath({ file }));
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'ENGINE_REFUSED') throw thrown;
      log.info(
        'MediaMTX cannot open the slates of camlease, so cameras that are pulled all the time show its own slate while nothing comes',
        {
          folder: slates.folder,
        },
      );
      return false;
    }
    await client.removePath(PROBE_PATH);
    return true;
  });
}
