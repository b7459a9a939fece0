import type { CameraId } from '../../../core/camera/camera.js';
import { comparedSerial } from '../../../core/camera/leftOut.js';
import type { Vendors } from '../../../core/camera/vendors.js';
import type { ConfigFile } from '../file/configFile.js';
import type { EngineLog } from '../../engineLog.js';
import { isRelayLine } from '../paths/relayLine.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import { cameraOfPath, leaseOfPath, type PathConfigs } from '../paths/pathConfig.js';

export interface TakeOverDeps {
  readonly file: Pick<ConfigFile, 'forget' | 'refresh'>;
  readonly ownPaths: Pick<OwnPaths, 'add'>;
  readonly log: EngineLog;
  readonly vendors: Vendors;
  /** The cloud URL of a camera whose line reads the relay and so does not contain it; absent: there is no relay. */
  readonly addressOf?: ((cameraId: CameraId) => string | null) | undefined;
}

/** Makes the paths of `pathsToTakeOver` ours, and keeps the operator's other settings in them. null: there are none. */
export async function takeOver(
  { file, ownPaths, log, vendors, addressOf }: TakeOverDeps,
  foreign: PathConfigs,
  wanted: PathConfigs,
): Promise<{ readonly taken: PathConfigs; readonly foreign: PathConfigs } | null> {
  const names = pathsToTakeOver(foreign, wanted, vendors, addressOf);
  if (names.length === 0) return null;
  await ownPaths.add(names);
  // Read the file again, since it is now split differently into our lines and the operator's.
  file.forget();
  await file.refresh();
  const paths = names.join(', ');
  log.info('paths of MediaMTX already showed cameras of this installation; camlease renews these paths from now on', {
    paths,
  });
  const isTaken = (name: string): boolean => names.includes(name);
  return {
    taken: new Map([...foreign].filter(([name]) => isTaken(name))),
    foreign: new Map([...foreign].filter(([name]) => !isTaken(name))),
  };
}

/**
 * Names of foreign paths that show the device and channel of the camera whose name they have. Such paths are from an old configuration:
 * written by hand, by another camlease, or by this one before it lost its list of paths. Their URL will expire, so they become ours and
 * are renewed. Also returned: feeders of such a camera that are no longer wanted, and lines that read our relay.
 */
export function pathsToTakeOver(
  foreign: PathConfigs,
  wanted: PathConfigs,
  vendors: Vendors,
  addressOf: (cameraId: CameraId) => string | null = () => null,
): readonly string[] {
  if (foreign.size === 0) return [];
  const devices = devicesOf(foreign, vendors);
  const cameras = new Set([...foreign.keys()].map(cameraOfPath));
  const ours = devicesOf(
    new Map(
      [...wanted].flatMap(([name, config]) => {
        if (!cameras.has(cameraOfPath(name))) return [];
        return [[name, isRelayLine(name, config) ? { ...config, source: addressOf(name) ?? '' } : config] as const];
      }),
    ),
    vendors,
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

/** The device and channel of each path whose source tells them. A public path without an own address shows what its feeder pulls. */
function devicesOf(paths: PathConfigs, vendors: Vendors): ReadonlyMap<string, string> {
  const devices = new Map<string, string>();
  for (const [name, { source }] of paths) {
    const { deviceSerial = null, channel = null } = vendors.parseStreamUrl(source) ?? {};
    if (deviceSerial === null || channel === null) continue;
    const device = `${comparedSerial(deviceSerial)}/${channel}`;
    devices.set(name, device);
    const camera = cameraOfPath(name);
    if (camera !== name && isFed(paths, camera)) devices.set(camera, device);
  }
  return devices;
}

/** True for a public path that feeders publish to, that reads a feeder, or that does not exist yet. */
function isFed(paths: PathConfigs, camera: string): boolean {
  const source = paths.get(camera)?.source ?? 'publisher';
  return source === 'publisher' || source.includes(`/_lease/${camera}/`);
}
