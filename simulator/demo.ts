import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp } from '../src/app.js';
import type { Config } from '../src/config/config.js';
import { DEFAULT_ALERT_SETTINGS } from '../src/core/alerts/alertSettings.js';
import { messageOf } from '../src/core/errors.js';
import { createLog } from '../src/observe/logger.js';
import { createRedactor } from '../src/observe/redact.js';
import { Releasers } from '../src/startup/releasers.js';
import { readVersion } from '../src/startup/place/packageRoot.js';
import { stopRequests } from '../src/startup/place/stopRequests.js';
import { DEFAULT_RELAY_PORT } from '../src/relay/wire/settings.js';
import { systemClock } from '../src/systemClock.js';
import { startCleaner } from './demo/cleaner.js';
import { freeTcpPort } from './demo/freePorts.js';
import { demoModes } from './demo/modes.js';
import { configureMediaMtx, findUsableMediaMtx, KNOWN_PORTS, type DemoMediaMtx } from './demo/mediaMtx.js';
import { Narrator } from './demo/narrator.js';
import { demoFleet, startSimulator, type Simulator } from './index.js';

const HELP = `camlease with nine simulated cameras of both vendors, nothing to install and no account.

npm run demo -- [options]

  --engine E      auto (MediaMTX when one is on PATH), mediamtx or embedded
  --lifetime S    life of a lease in seconds, 30 or more (90)
  --port N        port of the page and the API (4000, or a free one)
  --log LEVEL     what camlease itself logs: debug, info, warn or error (warn)
  --help          this text`;

/** The package's folder, two levels above dist/simulator/demo.js. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) {
    console.log(HELP);
    return;
  }
  const releasers = new Releasers((message) => console.error(message));
  const request = stopRequests(systemClock);
  const state = { stopping: false };
  const stop = (exitCode: number): void => {
    state.stopping = true;
    void releasers.release().then(() => process.exit(exitCode));
  };
  const onSignal = (): void => {
    const meaning = request();
    if (meaning === 'echo') return;
    if (meaning === 'again') process.exit(1);
    console.log('\nStopping.');
    stop(0);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    await run(options, releasers);
  } catch (thrown) {
    if (state.stopping) return; // Ctrl-C interrupted the start
    console.error(`The demo cannot start: ${messageOf(thrown)}`);
    stop(1);
  }
}

interface DemoOptions {
  readonly engine: Config['engine'];
  readonly lifetimeSeconds: number;
  readonly port: number;
  readonly logLevel: Config['logLevel'];
}

async function run(options: DemoOptions, releasers: Releasers): Promise<void> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-demo-'));
  releasers.add('demo folder', () => rmSync(dataDir, { recursive: true, force: true }));
  startCleaner(dataDir);

  console.log('Starting the simulated clouds of Hik-Connect for Teams and EZVIZ …');
  const fleet = demoFleet();
  const simulator = await startSimulator({
    fleet,
    clock: systemClock,
    control: true,
    origin: { onProblem: (sentence) => console.error(sentence) },
  });
  releasers.add('simulator', () => simulator.stop());

  const program =
    options.engine === 'embedded' ? null : await findUsableMediaMtx(process.env['PATH'] ?? '', console.log);
  if (program === null && options.engine === 'mediamtx')
    throw new Error('there is no mediamtx (v1.20.1 or newer) on PATH.');
  const mediaMtx =
    program === null ? null : await configureMediaMtx(program, path.join(ROOT, 'mediamtx.yml'), dataDir, KNOWN_PORTS);
  const port = await freeTcpPort(options.port);
  const relayPort = await freeTcpPort(DEFAULT_RELAY_PORT);
  const config: Config = {
    ...demoConfig(options, simulator, mediaMtx, dataDir, port),
    relay: { use: 'auto', url: null, port: relayPort, secret: null },
    cameras: demoModes(fleet),
  };

  const redactor = createRedactor();
  const app = createApp(config, {
    clock: systemClock,
    random: Math.random,
    log: createLog({
      level: config.logLevel,
      redactor,
      readable: true,
      write: (line) => void process.stdout.write(line),
    }),
    redactor,
    environment: process.env,
    pid: process.pid,
    openFileLimit: null,
    settingsFiles: [],
    packageRoot: ROOT,
    version: readVersion(ROOT),
  });
  releasers.add('camlease', () => app.stop());
  await app.start();

  const url = `http://localhost:${app.port ?? config.port}`;
  console.log(`
  camlease runs:  ${url}
  Engine:         ${mediaMtx === null ? 'embedded (npm packages alone)' : `MediaMTX, ${mediaMtx.program}`}
  Relay:          ${mediaMtx === null ? 'within the engine' : `a process on port ${relayPort}, from which MediaMTX reads the on-demand cameras`}
  Cameras:        three seamless, three always-on, three on-demand
  Leases:         ${options.lifetimeSeconds} s instead of 7 days, so that you can watch renewals
  Simulator:      ${simulator.controlUrl ?? ''} (faults and clock)
  Ctrl-C ends everything; so does the end of this process, however it comes.
`);
  const found = await fetch(`${url}/api/hikvision/initialize`, { method: 'POST' });
  if (!found.ok) throw new Error(`finding the cameras failed (${found.status}): ${await found.text()}`);
  narrate(url, releasers);
}

function narrate(url: string, releasers: Releasers): void {
  const narrator = new Narrator(url, (line) => console.log(line));
  let cancel = (): void => undefined;
  const look = (): void => {
    void narrator
      .look()
      .catch((thrown: unknown) => console.error(messageOf(thrown)))
      .finally(() => {
        cancel = systemClock.after(1_000, look);
      });
  };
  look();
  releasers.add('narrator', () => cancel());
}

function demoConfig(
  options: DemoOptions,
  simulator: Simulator,
  mediaMtx: DemoMediaMtx | null,
  dataDir: string,
  port: number,
): Config {
  return {
    port,
    host: '127.0.0.1',
    dataDir,
    mongodbUri: null,
    accounts: simulator.accounts,
    streamLifetimeSeconds: options.lifetimeSeconds,
    renewCron: '* * * * * *',
    snapshotCron: '*/30 * * * *',
    snapshotKeepDays: 0,
    snapshotsMaxBytes: 2 * 1024 ** 3,
    discoverCron: '*/15 * * * *',
    allowUnauthenticated: false,
    publicUrl: null,
    allowedOrigins: [],
    engine: mediaMtx === null ? 'embedded' : 'auto',
    mediamtxApiUrl: mediaMtx?.apiUrl ?? 'http://127.0.0.1:9997',
    mediamtxApiUrlGiven: false,
    mediamtxApiUser: null,
    mediamtxApiPass: null,
    mediamtxConfigPath: path.join(dataDir, 'mediamtx.yml'),
    mediamtxBin: mediaMtx?.program ?? null,
    hlsBaseUrl: mediaMtx?.hlsBaseUrl ?? 'http://localhost:8888',
    webrtcBaseUrl: mediaMtx?.webrtcBaseUrl ?? 'http://localhost:8889',
    cloudExtraHosts: simulator.extraHosts,
    sourceNetworks: '',
    mostTranscodes: 2,
    alerts: DEFAULT_ALERT_SETTINGS,
    alertSenders: [],
    cameras: {},
    labels: {},
    logLevel: options.logLevel,
  };
}

function readOptions(): DemoOptions | null {
  const { values } = parseArgs({
    options: {
      engine: { type: 'string', default: 'auto' },
      lifetime: { type: 'string', default: '90' },
      port: { type: 'string', default: '4000' },
      log: { type: 'string', default: 'warn' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const engine = (['auto', 'mediamtx', 'embedded'] as const).find((name) => name === values.engine);
  const logLevel = (['debug', 'info', 'warn', 'error'] as const).find((name) => name === values.log);
  const lifetimeSeconds = Number(values.lifetime);
  const port = Number(values.port);
  if (!engine) throw new Error('--engine is auto, mediamtx or embedded.');
  if (!logLevel) throw new Error('--log is debug, info, warn or error.');
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 30)
    throw new Error('--lifetime is a number of seconds, 30 or more.');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port is a number from 0 to 65535.');
  return { engine, lifetimeSeconds, port, logLevel };
}

main().catch((thrown: unknown) => {
  console.error(`${messageOf(thrown)}\nnpm run demo -- --help lists the options.`);
  process.exitCode = 2;
});
