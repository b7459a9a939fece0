import { byApi } from '../../../core/byApi.js';
import { type CameraId, type CameraMode, isAlwaysPulled } from '../../../core/camera/camera.js';
import { derivedKinds } from '../../../core/streams/derivedKinds.js';
import { DERIVED_KINDS, derivedPath, type DerivedKind } from '../../../core/streams/derivedPaths.js';
import { isPullable, type PullTarget } from '../../../core/streams/pullTarget.js';
import {
  isForRelay,
  isForRelayAlone,
  isSilent,
  type DesiredStream,
  type DesiredStreams,
} from '../../../core/streams/streams.js';
import type { RefusedStream } from '../../mediaEngine.js';
import type { Declared } from './declare.js';
import {
  bridgedRevision,
  bridgePath,
  feederPath,
  forwards,
  isSameBridge,
  isPublicPathName,
  leasePathName,
  publicPath,
  pullPath,
  type PathConfig,
  type PathConfigs,
} from './pathConfig.js';
import { targetSource } from './pathSource.js';
import { derivedLine } from './relayLine.js';

export interface DesiredPaths {
  readonly paths: ReadonlyMap<string, PathConfig>;
  /** Cameras that cannot be served, each with its message and cure. */
  readonly refused: readonly RefusedStream[];
}

/** Facts beside the leases that decide a camera's paths. */
export interface PathWorld {
  /** Our paths as they are now. */
  readonly own: PathConfigs;
  /** The RTSP URL to which a camera's feeder publishes; null: MediaMTX accepts no RTSP publisher. */
  readonly forwardTo: ((cameraId: CameraId) => string) | null;
  /** What the camera's public path must declare to take this lease's stream. */
  readonly declare: (cameraId: CameraId, lease: PullTarget | null) => Declared;
  /** The lease that stays on air until the feeder of the lease in force is warm; null: none. */
  readonly leaving: (cameraId: CameraId) => PullTarget | null;
  /** Whether an on-demand camera's public path begins, keeps or ends its bridge, that is, reads a feeder instead of the cloud. */
  readonly bridge: (cameraId: CameraId) => 'begin' | 'keep' | 'end';
  /** The RTSP URL that a bridge reads; null: MediaMTX serves no RTSP, or may not read itself; undefined: not known yet. */
  readonly bridgeFrom: ((cameraId: CameraId, revision: number) => string) | null | undefined;
  /**
   * The relay, for on-demand and seamless cameras and those of which a person gave the URL; absent or null: MediaMTX pulls each of them
   * itself, but for the latter, which have no path then.
   */
  readonly relay?: RelayWorld | null;
}

/** The facts that decide whether the relay carries a camera. */
type RelayFacts = Pick<PathWorld, 'own' | 'bridge' | 'relay'>;

export interface RelayWorld {
  /** The camera's line that reads the relay, which is the same for every lease, read while watched or always; null: not known yet. */
  readonly line: (cameraId: CameraId, current: PathConfig | undefined, when: 'watched' | 'always') => PathConfig | null;
  /** True: nobody watches the camera's present line, so changing it drops no viewer. */
  readonly mayMove: (cameraId: CameraId) => boolean;
  /** True: the relay can transcode, so that cameras have derived streams; absent: it cannot. */
  readonly derives?: boolean;
}

/**
 * The paths that these streams need at `now`:
 * - with a relay, an on-demand or seamless camera, and in each mode one whose URL a person gave: one public path that reads the relay,
 *   whether or not a lease is in force;
 * - without it, an on-demand camera: one public path that pulls the cloud while somebody watches. If it was watched while its lease
 *   changed, it reads a feeder instead (a bridge);
 * - a camera that is pulled all the time: a public path that is always available, and a feeder for each lease, one of which forwards.
 *
 * No path ever holds a URL that a person gave. An expired lease gets no path, since MediaMTX would try its dead URL every 5 s for ever.
 */
export function desiredPaths(streams: DesiredStreams, now: Date, world: PathWorld): DesiredPaths {
  const paths = new Map<CameraId, PathConfig>();
  const refused: RefusedStream[] = [];
  const derived = new Map<string, PathConfig>();
  for (const [cameraId, stream] of streams) {
    const isKept = isAlwaysPulled(stream.mode);
    const inForce = alive(stream.inForce, now);
    const relayed = relayLine(cameraId, stream, now, world);
    if (!inForce && !isKept && !relayed) continue;
    if (!isPublicPathName(cameraId)) refused.push({ cameraId, ...BAD_NAME });
    else if (isForRelayAlone(stream)) {
      if (relayed) paths.set(cameraId, relayed);
      else refused.push({ cameraId, ...NO_RELAY });
    } else if (inForce && targetSource(inForce) === null) refused.push({ cameraId, ...BAD_SOURCE });
    else if (relayed) paths.set(cameraId, relayed);
    else if (isKept) addCarried(paths, refused, cameraId, { ...stream, inForce }, now, world);
    else if (inForce) addOnDemand(paths, cameraId, inForce, now, world);
    if (relayed && world.relay?.derives === true && paths.get(cameraId) === relayed)
      addDerived(derived, cameraId, stream, relayed, world.own);
  }
  return { paths: new Map([...paths, ...derived]), refused };
}

/** Each of them costs MediaMTX some memory, watched or not. */
const MOST_DERIVED = 1_000;

/** Adds the lines of derived streams that the camera's proven tracks need; while they are not known, those that it has stay for their viewers. */
function addDerived(
  derived: Map<string, PathConfig>,
  cameraId: CameraId,
  stream: DesiredStream,
  line: PathConfig,
  own: PathConfigs,
): void {
  const areKnown = (stream.inForce?.tracks ?? null) !== null || isSilent(stream);
  const has = (kind: DerivedKind): boolean => own.has(derivedPath(kind, cameraId));
  for (const kind of areKnown ? derivedKinds(stream) : DERIVED_KINDS.filter(has))
    if (derived.size < MOST_DERIVED) derived.set(derivedPath(kind, cameraId), derivedLine(line, cameraId, kind));
}

/** True when the camera's public path gets its pictures from feeders, now or after the next write. */
export function isFed(cameraId: CameraId, stream: DesiredStream, now: Date, facts: RelayFacts): boolean {
  if (!isAlwaysPulled(stream.mode) || isForRelayAlone(stream)) return false;
  return relayLine(cameraId, stream, now, facts) === null;
}

/**
 * The camera's line that reads the relay; null: MediaMTX pulls the camera itself. It also goes on doing so, while the lease lives, for
 * a camera that somebody watches that way.
 */
function relayLine(
  cameraId: CameraId,
  stream: DesiredStream,
  now: Date,
  { relay, own, bridge }: RelayFacts,
): PathConfig | null {
  const { mode } = stream;
  if (!relay || !isForRelay(stream)) return null;
  const inForce = alive(stream.inForce, now);
  const current = own.get(cameraId);
  const mayStay = inForce !== null && current !== undefined && !isForRelayAlone(stream);
  const isShown = mayStay && shows(cameraId, mode, current, inForce, own);
  if (isShown && bridge(cameraId) !== 'end' && !relay.mayMove(cameraId)) return null;
  return relay.line(cameraId, current, isAlwaysPulled(mode) ? 'always' : 'watched');
}

/** True when the public path gets this lease's pictures without the relay. */
function shows(
  cameraId: CameraId,
  mode: CameraMode,
  current: PathConfig,
  lease: PullTarget,
  own: PathConfigs,
): boolean {
  if (!isAlwaysPulled(mode)) return pulls(cameraId, current, lease) !== null;
  const feeder = own.get(leasePathName(cameraId, lease.revision));
  return current.alwaysAvailable === true && feeder !== undefined && forwards(feeder);
}

function addOnDemand(
  paths: Map<string, PathConfig>,
  cameraId: CameraId,
  inForce: PullTarget,
  now: Date,
  world: PathWorld,
): void {
  const current = world.own.get(cameraId);
  const leaving = leavingOf(cameraId, inForce, now, world);
  const from = leaving && current && pulls(cameraId, current, leaving);
  if (leaving && current && from) {
    paths.set(cameraId, current);
    if (from === 'feeder') addFeeder(paths, cameraId, leaving, null);
    addFeeder(paths, cameraId, inForce, null);
    return;
  }
  const bridge = bridgeFor(cameraId, inForce, current, world);
  paths.set(cameraId, bridge ?? pullPath(targetSource(inForce) ?? '', 'watched'));
  if (bridge) addFeeder(paths, cameraId, inForce, null);
}

/** The public path as a bridge; null: it pulls the cloud directly. */
function bridgeFor(
  cameraId: CameraId,
  { revision }: PullTarget,
  current: PathConfig | undefined,
  { bridge, bridgeFrom }: PathWorld,
): PathConfig | null {
  const wish = bridge(cameraId);
  const isBridged = current !== undefined && bridgedRevision(cameraId, current) === revision;
  if (wish === 'end' || (wish === 'keep' && !isBridged)) return null;
  // Where MediaMTX can read itself is not known yet: keep an existing bridge, so that its viewers are not dropped.
  if (bridgeFrom === undefined) return isBridged ? current : null;
  const wanted = bridgeFrom && bridgePath(bridgeFrom(cameraId, revision));
  return wanted && current && isSameBridge(current, wanted) ? current : wanted;
}

/** The lease that stays on air while its successor gets warm; null: none does. An expired lease never stays. */
function leavingOf(cameraId: CameraId, inForce: PullTarget | null, now: Date, world: PathWorld): PullTarget | null {
  const leaving = alive(world.leaving(cameraId), now);
  return leaving && inForce && leaving.revision !== inForce.revision ? leaving : null;
}

/** How an on-demand camera's public path gets this lease's pictures; null: it does not. */
function pulls(cameraId: CameraId, current: PathConfig, lease: PullTarget): 'cloud' | 'feeder' | null {
  if (bridgedRevision(cameraId, current) === lease.revision) return 'feeder';
  return current.source === targetSource(lease) ? 'cloud' : null;
}

function addCarried(
  paths: Map<string, PathConfig>,
  refused: RefusedStream[],
  cameraId: CameraId,
  { inForce, candidate }: DesiredStream,
  now: Date,
  world: PathWorld,
): void {
  if (world.forwardTo === null) {
    refused.push({ cameraId, ...NO_RTSP });
    return;
  }
  const looked = alive(candidate, now);
  const leaving = leavingOf(cameraId, inForce, now, world);
  if (inForce && leaving && keepLeaving(paths, cameraId, leaving, world.own)) {
    addFeeder(paths, cameraId, inForce, null);
    if (looked && looked.revision !== inForce.revision) addFeeder(paths, cameraId, looked, null);
    return;
  }
  const declared = world.declare(cameraId, inForce);
  if (declared === 'impossible') {
    refused.push({ cameraId, ...NO_DECLARATION });
    return;
  }
  const current = world.own.get(cameraId);
  // The tracks are not known yet: keep the present path, so that no viewer is dropped without need.
  if (declared !== 'unknown') paths.set(cameraId, publicPath(declared));
  else if (current && isStillRight(cameraId, current, inForce)) paths.set(cameraId, current);
  if (inForce) addFeeder(paths, cameraId, inForce, declared === 'unknown' ? null : world.forwardTo(cameraId));
  if (looked && looked.revision !== inForce?.revision) addFeeder(paths, cameraId, looked, null);
}

/** True for a path that is always available, and for one that still pulls this lease (its camera was on-demand until now). */
function isStillRight(cameraId: CameraId, current: PathConfig, inForce: PullTarget | null): boolean {
  return current.alwaysAvailable === true || (inForce !== null && pulls(cameraId, current, inForce) !== null);
}

/** Keeps the leaving lease's feeder, which forwards, and the public path as they are. False: no such feeder forwards. */
function keepLeaving(
  paths: Map<string, PathConfig>,
  cameraId: CameraId,
  { revision }: PullTarget,
  own: PathConfigs,
): boolean {
  const name = leasePathName(cameraId, revision);
  const feeder = own.get(name);
  const shown = own.get(cameraId);
  if (!feeder || !shown || !forwards(feeder)) return false;
  paths.set(cameraId, shown);
  paths.set(name, feeder);
  return true;
}

function addFeeder(
  paths: Map<string, PathConfig>,
  cameraId: CameraId,
  lease: PullTarget,
  forwardTo: string | null,
): void {
  const source = targetSource(lease);
  if (source !== null) paths.set(leasePathName(cameraId, lease.revision), feederPath(source, forwardTo));
}

function alive(lease: PullTarget | null, now: Date): PullTarget | null {
  return lease && isPullable(lease, now) ? lease : null;
}

const BAD_NAME = {
  code: 'ENGINE_REFUSED_NAME',
  message: "This camera's id cannot be a path name in MediaMTX.",
  cure: 'Give it an id of letters, digits, minus, dot and underscore that does not begin with an underscore.',
} as const;

const BAD_SOURCE = {
  code: 'ENGINE_REFUSED_ADDRESS',
  message: "MediaMTX and the relay cannot pull this camera's URL: it must be an RTMP or RTMPS URL.",
  cure: 'Correct the URL (rtmp://host/app/stream); the next renewal replaces the URL of a lease.',
} as const;

const NO_RELAY = {
  code: 'ENGINE_NO_RELAY',
  message: 'Only the relay pulls a camera with an address of its own, and camlease has no relay that it can use now.',
  cure: 'See the problem of the engine in /ready. Without a relay (RELAY=off, or MediaMTX on another machine) run one beside MediaMTX, as docs/concepts/relay.md says.',
} as const;

const NO_RTSP = {
  code: 'ENGINE_RTSP_OFF',
  message: 'MediaMTX accepts no RTSP, which camlease needs to publish cameras that it pulls all the time.',
  cure: 'Set rtsp: yes, an rtspAddress and rtspEncryption: no or optional in mediamtx.yml, or this camera to on-demand.',
} as const;

const NO_DECLARATION = {
  code: 'ENGINE_REFUSED_TRACKS',
  message: "MediaMTX cannot keep a path open with this camera's picture or sound (its codec, or AAC below 22050 Hz).",
  cure: `Let camlease make slates (install node-av, and let MediaMTX see the folder slates of DATA_DIR), set H.264 and AAC in the camera, or set it to on-demand (${byApi({ mode: 'on-demand' })}).`,
} as const;
