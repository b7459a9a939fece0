import type { Clock } from '../src/core/clock.js';
import type { CloudVendor } from '../src/core/camera/camera.js';
import { CallLog, type CallKind, type CallListener, type CallRecord } from './cloud/callLog.js';
import { cloudAnswers, type Dialect, type Site, type World } from './cloud/cloudServer.js';
import { startControl } from './control.js';
import { acmeDialect } from './acme/acmeCloud.js';
import { ezvizDialect } from './ezviz/ezvizCloud.js';
import type { Fleet, Region, SimulatedAccount } from './fleet.js';
import { hikConnectDialect } from './hikConnect/hikConnectCloud.js';
import { startHttpServer, type RunningServer } from './cloud/httpServer.js';
import { LiveUrls } from './cloud/liveUrls.js';
import { startOrigin } from './origin/server.js';
import type { Origin, OriginOptions } from './origin/types.js';
import { PictureStore, type DrawPicture } from './cloud/pictures.js';
import { RateGate } from './cloud/rateGate.js';
import { ShiftableClock } from './clock/shiftableClock.js';
import { StreamGate } from './cloud/streamGate.js';
import { TokenDesk } from './cloud/tokens.js';
import { TurnedClock } from './clock/turnedClock.js';

export { ACCOUNT_FAULTS, CAMERA_FAULTS, NEW_ADDRESS_PLAYS } from './cloud/faults.js';
export type { AccountFault, CameraFault, NewAddressPlays } from './cloud/faults.js';
export type { CallKind, CallListener, CallRecord } from './cloud/callLog.js';
export type { Fleet, Region, SimulatedAccount, SimulatedCamera, SimulatedDevice, StreamSettings } from './fleet.js';
export { demoFleet, makeFleet, type FleetOptions } from './makeFleet.js';
export { TurnedClock } from './clock/turnedClock.js';

export type OriginSettings = Pick<OriginOptions, 'mediaClock' | 'onProblem' | 'keyFrameSeconds' | 'maxBacklogBytes'>;

/** Fixed ports, for a simulator with the same addresses each time; absent: any free port. */
export interface SimulatorPorts {
  readonly control?: number;
  readonly hikConnectLogin?: number;
  readonly hikConnectArea?: number;
  readonly ezvizLogin?: number;
  readonly ezvizArea?: number;
  readonly rtmp?: number;
}

export interface SimulatorOptions {
  readonly fleet: Fleet;
  /** With a `TurnedClock`, calls that hang are reported to it (see `onHang`). */
  readonly clock: Clock;
  /** Settings of the RTMP origin; null: no origin is started, and live URLs cannot be played. */
  readonly origin?: OriginSettings | null;
  /** Starts the control API. Default false. */
  readonly control?: boolean;
  readonly ports?: SimulatorPorts;
  /** Draws captures; absent: colour bars. */
  readonly drawPicture?: DrawPicture;
  /** Called when a call is left without an answer; the returned function is called when its socket has closed. */
  readonly onHang?: () => () => void;
  /** Called with the body of each API reply, which contains live URLs and tokens, for tests that search for these elsewhere. */
  readonly onReply?: (body: string) => void;
}

/** An account in the form of camlease's configuration. */
export interface SimulatedLogin {
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  readonly baseUrls: readonly string[];
  readonly streamBudget: number;
}

/** Both vendor clouds, and their RTMP origin, on 127.0.0.1. */
export interface Simulator {
  readonly fleet: Fleet;
  readonly clock: ShiftableClock;
  readonly accounts: readonly SimulatedLogin[];
  /** Values for `CLOUD_EXTRA_HOSTS`. */
  readonly extraHosts: readonly string[];
  readonly origin: Origin | null;
  readonly gate: StreamGate;
  readonly controlUrl: string | null;
  /** Base URL of a vendor's login host in a region (hccgw has none in `cn`). */
  loginUrl(vendor: CloudVendor, region: Region): string;
  /** Base URL of calls after the login: the `areaDomain` of the login's reply. */
  areaUrl(vendor: CloudVendor, region: Region): string;
  /** Every call so far, in the order of the answers; contains no secrets. */
  calls(kind?: CallKind): readonly CallRecord[];
  /** Calls the listener at each answer and at each call that hangs; the returned function ends that. */
  onCall(listener: CallListener): () => void;
  /** When the account's calls arrived (monotonic ms). */
  arrivals(account: string): readonly number[];
  /** The most calls of one account (absent: of the busiest account) that arrived within any `windowMs`. */
  maxCallsWithin(windowMs: number, account?: string): number;
  counts(account?: string): Partial<Record<CallKind, number>>;
  stop(): Promise<void>;
}

/** Where live URLs point without an origin: no program listens there. */
const NOWHERE = 'rtmp://127.0.0.1:1';

export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { fleet } = options;
  const clock = new ShiftableClock(options.clock);
  const onHang = options.onHang ?? hangHook(options.clock);
  const running: { stop(): Promise<void> }[] = [];
  const hosts = new Map<string, RunningServer>();
  const urlOf = (vendor: CloudVendor, { region, role }: Site): string => {
    const host = hosts.get(hostKey(vendor, { region, role: region === 'cn' ? 'area' : role }));
    if (!host) throw new Error(`The simulator has no ${vendor} host in region ${region}.`);
    return host.url;
  };
  let origin: Origin | null = null;
  const urls = new LiveUrls(clock, fleet.seed, {
    rtmpUrl: (app, stream) => origin?.rtmpUrl(app, stream) ?? `${NOWHERE}/${app}/${stream}`,
    webBase: () => urlOf('ezviz', { region: 'isgp', role: 'area' }),
  });
  const world: World = {
    clock,
    fleet,
    urls,
    tokens: new TokenDesk(clock, fleet.seed),
    calls: new CallLog(),
    rates: new RateGate(clock),
    pictures: new PictureStore(clock, fleet.seed, options.drawPicture),
    areaUrl: (vendor, region) => urlOf(vendor, { region, role: 'area' }),
    onReply: options.onReply ?? (() => undefined),
  };
  const gate = new StreamGate(fleet, urls);
  const stop = async (): Promise<void> => {
    await Promise.all(running.splice(0).map((part) => part.stop()));
  };
  const dialects: readonly Dialect[] = [hikConnectDialect, ezvizDialect, acmeDialect()];
  try {
    const named = sites(options.ports ?? {});
    const others = new Set(
      fleet.accounts.map(({ vendor }) => vendor).filter((vendor) => !named.some((site) => site.vendor === vendor)),
    );
    for (const { vendor, site, port } of [...named, ...[...others].flatMap(sitesOf)]) {
      const dialect = dialects.find((one) => one.vendor === vendor);
      if (!dialect) throw new Error(`The simulator does not speak the dialect of ${vendor}.`);
      const answer = cloudAnswers(world, site, dialect);
      const host = await startHttpServer({ clock, port, answer, onHang });
      hosts.set(hostKey(vendor, site), host);
      running.push(host);
    }
    if (options.origin !== null) {
      const { lookup, onOpen, onClose } = gate;
      const port = options.ports?.rtmp ?? 0;
      const started = await startOrigin({ ...options.origin, clock, lookup, onOpen, onClose, port });
      origin = started;
      running.push(started);
      fleet.onCameraFault(() => void started.cut((streamName) => gate.isGone(streamName)));
    }
    const { calls } = world;
    const simulator: Omit<Simulator, 'controlUrl'> = {
      fleet,
      clock,
      accounts: fleet.accounts.map((account) => loginOf(account, urlOf)),
      extraHosts: ['127.0.0.1'],
      origin,
      gate,
      loginUrl: (vendor, region) => urlOf(vendor, { region, role: 'login' }),
      areaUrl: world.areaUrl,
      calls: (kind) => calls.calls(kind),
      onCall: (listener) => calls.onCall(listener),
      arrivals: (account) => calls.arrivals(account),
      maxCallsWithin: (windowMs, account) => calls.maxCallsWithin(windowMs, account),
      counts: (account) => calls.counts(account),
      stop,
    };
    if (options.control !== true) return { ...simulator, controlUrl: null };
    const control = await startControl({ clock, fleet, gate, calls, origin, port: options.ports?.control ?? 0 });
    running.push(control);
    return { ...simulator, controlUrl: control.url };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

function hangHook(clock: Clock): () => () => void {
  return clock instanceof TurnedClock ? () => clock.discount() : () => () => undefined;
}

function hostKey(vendor: CloudVendor, { region, role }: Site): string {
  return `${vendor}/${region}/${role}`;
}

/** Every host of the two clouds that the command simulates. The named ports are for region `isgp`. */
function sites(ports: SimulatorPorts): readonly { vendor: CloudVendor; site: Site; port: number }[] {
  return [
    { vendor: 'hikconnect', site: { region: 'isgp', role: 'login' }, port: ports.hikConnectLogin ?? 0 },
    { vendor: 'hikconnect', site: { region: 'isgp', role: 'area' }, port: ports.hikConnectArea ?? 0 },
    { vendor: 'hikconnect', site: { region: 'ieu', role: 'login' }, port: 0 },
    { vendor: 'hikconnect', site: { region: 'ieu', role: 'area' }, port: 0 },
    { vendor: 'ezviz', site: { region: 'isgp', role: 'login' }, port: ports.ezvizLogin ?? 0 },
    { vendor: 'ezviz', site: { region: 'isgp', role: 'area' }, port: ports.ezvizArea ?? 0 },
    { vendor: 'ezviz', site: { region: 'ieu', role: 'login' }, port: 0 },
    { vendor: 'ezviz', site: { region: 'ieu', role: 'area' }, port: 0 },
    { vendor: 'ezviz', site: { region: 'cn', role: 'area' }, port: 0 },
  ];
}

/** The hosts of any other cloud; started for a fleet with an account there. */
function sitesOf(vendor: CloudVendor): readonly { vendor: CloudVendor; site: Site; port: number }[] {
  return (['isgp', 'ieu'] as const).flatMap((region) =>
    (['login', 'area'] as const).map((role) => ({ vendor, site: { region, role }, port: 0 })),
  );
}

function loginOf(account: SimulatedAccount, urlOf: (vendor: CloudVendor, site: Site) => string): SimulatedLogin {
  const { name, vendor, appKey, secret, region } = account;
  return { name, vendor, appKey, secret, baseUrls: [urlOf(vendor, { region, role: 'login' })], streamBudget: 3 };
}
