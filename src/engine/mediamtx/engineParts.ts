import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { CameraId } from '../../core/camera/camera.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { GIVEN_USER_CURE } from './api/apiTrouble.js';
import { Bridges } from './changeover/bridges.js';
import { CarriedCameras } from './carried/carriedCameras.js';
import type { Changeovers } from './carried/changeovers.js';
import { MediaMtxClient } from './api/client.js';
import { ConfigFile } from './file/configFile.js';
import {
  KEPT_LINES_FILE,
  LOG_FILE,
  OWN_PATHS_FILE,
  PID_FILE,
  SLATES_FOLDER,
  type MediaMtxEngineOptions,
} from './engineOptions.js';
import { FeederWatch, type ServedFeeder } from './carried/feederWatch.js';
import { fittedLines } from './file/fittedLines.js';
import { HlsLists } from './carried/hlsLists.js';
import type { KeyFrameTimes } from './write/keyFrameMoment.js';
import { KeptLines } from './file/keptLines.js';
import { fateOf, isGone } from './server/mediaMtxFate.js';
import { mediaMtxEnvironment } from './server/mediaMtxProgram.js';
import { MoveMoment } from './write/moveMoment.js';
import { OtherInstallation } from './sharing/otherInstallation.js';
import { OwnPaths } from './sharing/ownPaths.js';
import type { PathConfig, PathConfigs } from './paths/pathConfig.js';
import { targetSource } from './paths/pathSource.js';
import type { SourceLeases } from './paths/sourceLeases.js';
import { mayWatchDerived } from './users/derivedRights.js';
import { ServedLinks } from './api/servedLinks.js';
import { SharedPaths } from './sharing/sharedPaths.js';
import type { RelayedCameras } from './relayed/relayedCameras.js';
import { Access } from './users/access.js';
import { LockedOut } from './users/lockedOut.js';
import { isForHere } from './users/openings.js';
import { isDigestIn, UserLines } from './users/userLines.js';
import { asBytes } from './yaml/scalar.js';
import { Slates } from './slates/slates.js';
import { Supervisor } from './server/supervisor.js';
import { FeederWarmUps } from './changeover/feederWarmUps.js';
import { MediaMtxMonitor } from './server/mediaMtxMonitor.js';
import { Writer } from './write/writer.js';

/** The engine's parts, which need files and so are made when it starts. */
export interface EngineParts {
  readonly file: ConfigFile;
  /** null: no other replica uses this MediaMTX. */
  readonly sharedPaths: SharedPaths | null;
  readonly slates: Slates;
  readonly writer: Writer;
  readonly monitor: MediaMtxMonitor;
  readonly supervisor: Supervisor | null;
  readonly servedLinks: ServedLinks;
  readonly carried: CarriedCameras;
  readonly feederWatch: FeederWatch;
  readonly warmUps: FeederWarmUps;
  readonly bridges: Bridges;
  readonly hlsLists: HlsLists;
  readonly otherInstallation: OtherInstallation;
}

/** What the parts ask the engine, and what they report to it. */
export interface EngineHooks {
  readonly wanted: (own: PathConfigs) => PathConfigs;
  /** Milliseconds until the first of the served leases ends; null: no lease is served. */
  readonly shortestLeaseMs: () => number | null;
  readonly served: () => readonly ServedFeeder[];
  readonly leases: SourceLeases;
  readonly changeovers: Changeovers;
  /** A part saw something that changes which paths are wanted. */
  readonly onNews: () => void;
  readonly onLost: (why: 'restarted' | 'edited') => void;
  readonly onAnswer: () => void;
  readonly onTrouble: (thrown: unknown) => void;
  /** The name of this MediaMTX from its marker; null: not read yet. */
  readonly marker: () => string | null;
  /** null: there is no relay. */
  readonly relayed: RelayedCameras | null;
  readonly inForce: (cameraId: CameraId) => PullTarget | null;
}

export function makeClient({
  http,
  apiUrl,
  clock,
  users,
  requestTimeoutMs: timeoutMs,
}: MediaMtxEngineOptions): MediaMtxClient {
  return new MediaMtxClient({
    http,
    baseUrl: apiUrl,
    clock,
    authorization: () => users.apiAuthorization,
    ...(users.isApiGiven && { lockedCure: GIVEN_USER_CURE }),
    isOwnUser: (name) => users.isOurs(name),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

/** Makes the engine's parts and connects them. Throws `CONFIG_INVALID` when MediaMTX's file can be neither read nor made. */
export async function makeParts(
  options: MediaMtxEngineOptions,
  client: MediaMtxClient,
  hooks: EngineHooks,
): Promise<EngineParts> {
  const {
    configPath,
    template,
    dataDir,
    clock,
    log,
    watchEveryMs,
    infoTimeoutMs,
    hungAfterMs,
    makeSlate,
    prover,
    sharing,
    users,
  } = options;
  const slates = new Slates({ folder: join(dataDir, SLATES_FOLDER), make: makeSlate, clock, log });
  const sharedPaths = sharing ? new SharedPaths({ sharing, marker: hooks.marker, clock }) : null;
  const ownPaths = await OwnPaths.open(join(dataDir, OWN_PATHS_FILE), sharedPaths);
  const shared = sharing && { sharing };
  const fit = (name: string, config: PathConfig): PathConfig => client.defaults.fit(name, config);
  const lines = new UserLines({
    users,
    template: asBytes(template),
    linesPath: users.linesPath,
    isDigestByEnvironment: isDigestIn(options.supervise?.env ?? {}),
  });
  const file = await ConfigFile.open({
    path: configPath,
    template,
    ownPaths,
    kept: await KeptLines.open(join(dataDir, KEPT_LINES_FILE), log),
    clock,
    log,
    fit,
    edits: [lines.edit, fittedLines((name) => ownPaths.has(name))],
    mediaMtx: () => fateOf(monitor, supervisor, client),
    isReadByUsAlone: options.supervise !== null,
    ...shared,
  });
  const access = new Access({
    ask: () => client.globalConfig(),
    lines,
    facts: { ...options, isHere: isForHere(options.apiUrl), linesPath: users.linesPath },
    log,
    onOtherLines: () => file.forget(),
  });
  const { wanted, onNews, served, leases, changeovers, onTrouble, relayed, inForce } = hooks;
  const beforeWrite = async (paths: PathConfigs): Promise<void> => {
    await access.check();
    await slates.ensure(slatesIn(paths));
  };
  const keyFramesOf = (feeder: string): KeyFrameTimes | null => carried.feeders.keyFramesOf(feeder);
  const moment = new MoveMoment({ clock, keyFramesOf });
  const right = sharing && { mayWrite: sharing.mayWrite };
  const { shortestLeaseMs } = hooks;
  const writeHooks = { wanted, beforeWrite, shortestLeaseMs };
  const addressOf = (cameraId: CameraId): string | null => {
    const lease = inForce(cameraId);
    return lease && targetSource(lease);
  };
  const writer = new Writer({
    client,
    file,
    ownPaths,
    clock,
    log,
    ...writeHooks,
    moment,
    ...right,
    addressOf,
    vendors: options.vendors,
  });
  const carried: CarriedCameras = new CarriedCameras({
    client,
    writer,
    ownPaths,
    slates,
    clock,
    log,
    changeovers,
    onNews,
    users: () => users.current,
    relay: () => relayed?.world ?? null,
  });
  const hlsLists = new HlsLists({ http: options.http, clock, authorization: () => users.readAuthorization });
  const warmUps = new FeederWarmUps({
    client,
    clock,
    log,
    carried,
    hlsLists,
    prover,
    leases,
    changeovers,
    ...(relayed && { isForRelay: (...camera) => relayed.takes(...camera) }),
  });
  const bridges = new Bridges({ client, clock, changeovers, onEnded: onNews });
  const feederWatch = new FeederWatch({
    client,
    clock,
    feeders: carried.feeders,
    served,
    onUnpublished: onNews,
  });
  const otherInstallation = new OtherInstallation({
    ...{ client, clock, log, name: installationName(options) },
    mayWrite: sharing?.mayWrite ?? (() => true),
    alone: (run) => writer.alone(run),
    fileStamp: () => file.stamp,
  });
  const { hlsBaseUrl, webrtcBaseUrl } = options;
  const servedLinks = new ServedLinks({ client, clock, log, hlsBaseUrl, webrtcBaseUrl, mayWatchDerived });
  const supervisor = makeSupervisor(options);
  const lockedOut = new LockedOut({ clock, file });
  const refreshFile = async (): Promise<boolean> => {
    if (client.isLockedOut) return lockedOut.tryAgain();
    const isEdited = await file.refresh();
    // MediaMTX is down, so a write disturbs nobody; and our outdated lines may be what keeps it from starting.
    if (isGone(fateOf(monitor, supervisor, client))) await file.writeEdits();
    return isEdited;
  };
  const monitor: MediaMtxMonitor = new MediaMtxMonitor({
    client,
    clock,
    ...(watchEveryMs !== undefined && { everyMs: watchEveryMs }),
    ...(infoTimeoutMs !== undefined && { infoTimeoutMs }),
    ...(hungAfterMs !== undefined && { hungAfterMs }),
    // MediaMTX still works while its file cannot be read: report it and carry on.
    refreshFile: async () =>
      refreshFile().catch((thrown: unknown) => {
        onTrouble(thrown);
        return false;
      }),
    onStarted: () => {
      otherInstallation.forget();
      servedLinks.forget();
      access.forget();
      hooks.onLost('restarted');
    },
    onFileEdited: () =>
      otherInstallation.putRight(() => {
        servedLinks.forget();
        hooks.onLost('edited');
      }),
    onAnswer: () => {
      supervisor?.answered();
      lockedOut.end();
      servedLinks.refresh().catch(onTrouble);
      hooks.onAnswer();
      access.check().catch(onTrouble);
      void otherInstallation.check();
    },
    onHung: () => void supervisor?.restart().catch(onTrouble),
  });
  return {
    file,
    sharedPaths,
    slates,
    writer,
    monitor,
    supervisor,
    carried,
    feederWatch,
    warmUps,
    bridges,
    hlsLists,
    servedLinks,
    otherInstallation,
  };
}

/** See `OtherInstallationDeps.name`. Replicas share their users in MediaMTX; a user's name is secret, so its hash is the name. */
function installationName({ sharing, users }: MediaMtxEngineOptions): () => string | null {
  const ownName = randomUUID();
  if (!sharing) return () => ownName;
  const nameOf = (secret: string): string => createHash('sha256').update(secret).digest('hex').slice(0, 32);
  return () => (users.isAgreed ? nameOf(users.current.api.name) : null);
}

function makeSupervisor({
  supervise,
  dataDir,
  configPath,
  apiUrl,
  clock,
  log,
}: MediaMtxEngineOptions): Supervisor | null {
  if (!supervise) return null;
  const { program, spawn, processes } = supervise;
  const env = mediaMtxEnvironment(supervise.env, apiUrl);
  const pidPath = join(dataDir, PID_FILE);
  const logPath = join(dataDir, LOG_FILE);
  return new Supervisor({ program, configPath, env, pidPath, logPath, spawn, processes, clock, log });
}

function slatesIn(paths: PathConfigs): readonly string[] {
  return [...paths.values()].flatMap(({ alwaysAvailableFile: file }) =>
    file === undefined || file === '' ? [] : [file],
  );
}
