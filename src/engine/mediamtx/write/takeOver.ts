import type { CameraId } from '../../../core/camera/camera.js';
import { comparedSerial } from '../../../core/camera/leftOut.js';
import { parseStreamUrl } from '../../../core/camera/streamUrl.js';
import type { ConfigFile } from '../file/configFile.js';
import type { EngineLog } from '../../engineLog.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import { cameraOfPath, leaseOfPath, type PathConfig, type PathConfigs } from '../paths/pathConfig.js';

export interface TakeOverDeps {
  readonly file: Pick<ConfigFile, 'forget' | 'refresh'>;
  readonly ownPaths: Pick<OwnPaths, 'add'>;
  readonly log: EngineLog;
  /** The cloud's address of a camera whose line does not show it; absent: every line does. */
  readonly addressOf?: ((cameraId: CameraId) => string | null) | undefined;
}

/** Moves what `pathsToTakeOver` names from the foreign paths to ours, with its operator's other settings. Returns those that stay foreign. */
export async function takeOver(
  { file, ownPaths, log, addressOf }: TakeOverDeps,
  foreign: PathConfigs,
  own: Map<string, PathConfig>,
  wanted: PathConfigs,
): Promise<PathConfigs> {
  const names = pathsToTakeOver(foreign, wanted, addressOf);
  if (names.length === 0) return foreign;
  await ownPaths.add(names);
  for (const [name, config] of foreign) if (names.includes(name)) own.set(name, config);
  // Which lines are ours is another matter now.
  file.forget();
  await file.refresh();
  const paths = names.join(', ');
  log.info('paths of MediaMTX show our cameras under their own names; they are renewed from now on', { paths });
  return new Map([...foreign].filter(([name]) => !names.includes(name)));
}

/**
 * Names of foreign paths that show the very device and channel of the camera whose name they have: an old configuration that was
 * written by hand or by another camlease, or by this one before its list of paths was lost. Such a path pulls a URL that ends, so
 * it becomes ours and is renewed. Feeders of such a camera that are not wanted any more are among them, and lines that read our relay.
 */
export function pathsToTakeOver(
  foreign: PathConfigs,
  wanted: PathConfigs,
  addressOf: (cameraId: CameraId) => string | null = () => null,
): readonly string[] {
  if (foreign.size === 0) return [];
  const devices = devicesOf(foreign);
  const cameras = new Set([...foreign.keys()].map(cameraOfPath));
  const ours = devicesOf(
    new Map(
      [...wanted].flatMap(([name, config]) => {
        if (!cameras.has(cameraOfPath(name))) return [];
        return [[name, isRelayLine(name, config) ? { ...config, source: addressOf(name) ?? '' } : config] as const];
      }),
    ),
  );
  return [...foreign.keys()].filter((name) => {
    const camera = cameraOfPath(name);
    const device = ours.get(camera);
    const line = wanted.get(name);
    if (line && isRelayLine(name, line) && foreign.get(name)?.source === line.source) return true;
    const isOfCamera = line !== undefined || (leaseOfPath(name) !== null && wanted.has(camera));
    return isOfCamera && device !== undefined && devices.get(name) === device;
  });
}

/** What each path shows, as far as it tells: a public path that others publish to shows what its feeder pulls. */
function devicesOf(paths: PathConfigs): ReadonlyMap<string, string> {
  const devices = new Map<string, string>();
  for (const [name, { source }] of paths) {
    const { deviceSerial = null, channel = null } = parseStreamUrl(source) ?? {};
    if (deviceSerial === null || channel === null) continue;
    const device = `${comparedSerial(deviceSerial)}/${channel}`;
    devices.set(name, device);
    const camera = cameraOfPath(name);
    if (camera !== name && isFed(paths, camera)) devices.set(camera, device);
  }
  return devices;
}

/** True for a public path that has no address of a device itself, or is not there yet. */
function isFed(paths: PathConfigs, camera: string): boolean {
  const source = paths.get(camera)?.source ?? 'publisher';
  return source === 'publisher' || source.includes(`/_lease/${camera}/`);
}
