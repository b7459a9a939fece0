import type { Addresses } from '../players/openPlayers.js';
import type { BenchCamera, Installation } from '../rig/installation.js';
import type { ListedSession } from '../rig/sessions.js';
import { go2rtcPath, startGo2rtc, type Go2rtc } from './go2rtc.js';

export const SOURCES = ['on-demand', 'direct', 'mediamtx', 'go2rtc'] as const;
export type SourceKind = (typeof SOURCES)[number];

export const SOURCE_NAMES: Readonly<Record<SourceKind, string>> = {
  'on-demand': 'camlease, on-demand (relay)',
  direct: 'camlease, direct',
  mediamtx: 'MediaMTX alone',
  go2rtc: 'go2rtc alone',
};

/** A path of the operator, which camlease does not know. */
export const OWN_PATH = 'alone';

/** A source that players watch while its camera is cut. */
export interface CutSource {
  readonly kind: SourceKind;
  readonly camera: BenchCamera;
  readonly addresses: Addresses;
  /** The sessions that read it, by the media server's list; null: the server has no list that tells players apart. */
  sessions(): Promise<readonly ListedSession[]> | null;
  stop(): Promise<void>;
}

/** Opens a source; each has its own camera, in the order of `SOURCES`. null: not available on this machine; `say` gets a line. */
export async function openSource(
  installation: Installation,
  kind: SourceKind,
  say: (line: string) => void,
): Promise<CutSource | null> {
  const camera = installation.cameras[SOURCES.indexOf(kind)];
  if (!camera) throw new Error(`There is no camera for ${kind}.`);
  const ours = (pathName: string, addresses: Addresses): CutSource => ({
    ...{ kind, camera, addresses },
    sessions: () => installation.sessions(pathName),
    stop: () => Promise.resolve(),
  });
  switch (kind) {
    case 'direct':
      await installation.setMode(camera, 'direct');
      return ours(camera.id, installation.addresses(camera));
    case 'on-demand':
      return ours(camera.id, installation.addresses(camera));
    case 'mediamtx':
      await installation.setOwnSource(OWN_PATH, await installation.freshSource(camera));
      return ours(OWN_PATH, installation.ownAddresses(OWN_PATH));
    case 'go2rtc': {
      if (go2rtcPath === null) {
        say('go2rtc is skipped: there is none on PATH.');
        return null;
      }
      const server: Go2rtc = await startGo2rtc(await installation.freshSource(camera));
      return { kind, camera, addresses: server.addresses, sessions: () => null, stop: () => server.stop() };
    }
  }
}
