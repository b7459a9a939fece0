import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import axios from 'axios';
import { VENDORS } from './cloud/vendors/registry.js';
import type { Config } from './config/config.js';
import { cronPeriodMs } from './config/cronExpression.js';
import { isUrlCamera } from './core/camera/cameraSource.js';
import { sourceNetworks } from './core/camera/sourceNetworks.js';
import { Vendors } from './core/camera/vendors.js';
import { proxiesOf } from './core/outboundProxy.js';
import { createSenders } from './alerts/senders/createSenders.js';
import { senderSecrets } from './alerts/senders/settings.js';
import { createCompat } from './compat/compat.js';
import { SYSTEMS } from './compat/systems/systems.js';
import type { HttpDeps } from './http/route/deps.js';
import { createHttpServer } from './http/server.js';
import { WaitingPort } from './http/transport/waitingPort.js';
import { createJobs, type Jobs } from './jobs/createJobs.js';
import { mustOwn } from './jobs/replicas/ownedCloud.js';
import { cronSchedule } from './jobs/run/schedule.js';
import { UrlCameras } from './jobs/sources/urlCameras.js';
import { within } from './core/async/deadline.js';
import { onvifSearch } from './lists/onvif/onvifSearch.js';
import { UploadedImages } from './media/images/uploadedImages.js';
import { createMediaProcess } from './media/process/mediaProcess.js';
import type { AppParts } from './startup/appParts.js';
import { applyCameraSettings } from './startup/cameraSettings.js';
import { checkDisk, checkFileHandles, checkSecretFile, freeDiskBytes, type StartWarning } from './startup/checks.js';
import { createClouds } from './startup/clouds.js';
import { createFeeds, createMtxFeed } from './startup/feeds.js';
import { createEngine } from './startup/engine/createEngine.js';
import { createMachine } from './startup/machine.js';
import { openDataDir } from './startup/place/dataDir.js';
import { openStore } from './startup/openStore.js';
import { createReplicas } from './startup/replicas.js';
import { createSnapshots } from './startup/snapshots.js';
import { Releasers } from './startup/releasers.js';
import { CachedCameraStore } from './store/memory/cachedCameraStore.js';
import { createStore } from './store/opening/createStore.js';
import { JOURNAL_FILE, JournalFile } from './store/memory/journal.js';

/** A store that hangs delays a stop by no more than this; another replica takes over what was not given back. */
const GIVE_BACK_MS = 1_000;

export interface App {
  /** Resolves when everything runs; throws `AppError` with a cure when something cannot. `stop` is safe at any moment. */
  start(): Promise<void>;
  /** Finishes running work or gives it back, within 10 s. */
  stop(): Promise<void>;
  /** The port that camlease listens on; null before. It answers 503 while the store has not answered once. */
  readonly port: number | null;
  /** null before `start`. */
  readonly jobs: Jobs | null;
}

export function createApp(config: Config, parts: AppParts): App {
  const { clock, random, log, redactor, packageRoot } = parts;
  const cloudVendors = parts.vendors ?? VENDORS;
  const vendors = new Vendors(cloudVendors, config.cloudExtraHosts);
  const releasers = new Releasers((message) => log.warn(message));
  const stopping = new AbortController();
  const http = axios.create({ proxy: false });
  const proxies = proxiesOf(config.proxies ?? {});
  const { proxyFor } = proxies;
  const { port: wantedPort, host } = config;
  const redact = (text: string): string => redactor.redact(text);
  const waiting = new WaitingPort({ clock, version: parts.version, port: wantedPort, host, redact });
  releasers.add('waiting server', () => waiting.close());
  let port: number | null = null;
  let jobs: Jobs | null = null;

  const addressOf = (at: number | null): string => `http://${host.includes(':') ? `[${host}]` : host}:${at}`;

  const warn = (warning: StartWarning | null): void => {
    if (warning) log.warn(warning.message, { cure: warning.cure });
  };

  /** Throws once `stop` was called, so that `start` begins no further step. */
  const goOn = (): void => stopping.signal.throwIfAborted();

  const start = async (): Promise<void> => {
    log.info(`camlease ${parts.version} starts.`);
    for (const { appKey, secret } of config.accounts) [appKey, secret].forEach((text) => redactor.register(text));
    for (const secret of [...senderSecrets(config.alertSenders), ...proxies.secrets]) redactor.register(secret);
    if (proxies.sentence !== null) log.info(proxies.sentence);
    const dataDir = openDataDir(config.dataDir, parts.pid, randomUUID);
    releasers.add('data folder', () => dataDir.unlock());
    warn(await checkDisk(dataDir.path));
    for (const file of parts.settingsFiles) warn(await checkSecretFile(file));

    const media = createMediaProcess({ clock });
    releasers.add('media process', () => media.stop());
    const { available, problem } = await media.start();
    if (!available) {
      log.warn(problem ?? 'camlease cannot decode pictures on this machine.', {
        off: 'Pictures of cameras, proofs by picture (a stream whose bytes move counts as proven instead), the embedded engine.',
      });
    }
    goOn();

    const accountNames = config.accounts.map(({ name }) => name);
    const isShared = config.mongodbUri !== null;
    const replicas = createReplicas({ isShared, owner: dataDir.owner, accounts: accountNames, clock, log });
    const engine = await createEngine({
      config,
      ...(replicas.sharing && { sharing: replicas.sharing }),
      http,
      clock,
      log,
      media,
      vendors,
      environment: parts.environment,
      newSecret: () => randomBytes(24).toString('base64url'),
      keepSecret: (text) => redactor.register(text),
      templatePath: path.join(packageRoot, 'mediamtx.yml'),
    });
    releasers.add('engine', () => engine.stop());
    await engine.start();
    goOn();

    const database = createStore({ ...config, vendors, clock, random, log });
    const journal = new JournalFile(path.join(dataDir.path, JOURNAL_FILE));
    // Only the embedded database belongs to this process alone: memory then always equals its content.
    const isAlone = database.kind === 'sqlite';
    const store = new CachedCameraStore(database, { journal, clock, log, owner: dataDir.owner, isAlone });
    releasers.add('store', () => store.close());
    await openStore(store, clock, log, stopping.signal, async (problem) => {
      const isFirst = waiting.port === null;
      await waiting.tell(problem);
      if (isFirst) log.info(`Until then camlease answers 503 on ${addressOf(waiting.port)}`);
    });
    await waiting.close();
    log.info(`Store: ${database.describe()}.`, { cameras: store.count });
    warn(checkFileHandles(parts.openFileLimit, store.count));
    goOn();

    releasers.add('ownership', () => within(clock, GIVE_BACK_MS, replicas.close()));
    const ownership = await replicas.open(database, engine);
    const clouds = createClouds(config, {
      ...{ clock, random, http, log, proxyFor, vendors: cloudVendors },
      beforeCall: (account) => mustOwn(ownership, account),
    });
    releasers.add('cloud accounts', () => clouds.close());
    const snapshots = createSnapshots(config, { folder: dataDir.path, clock, log });
    if (snapshots) releasers.add('snapshots', () => snapshots.close());
    const running = createJobs({
      ...config,
      clock,
      random,
      log,
      owner: dataDir.owner,
      newId: () => randomBytes(12).toString('hex'),
      store,
      ...{
        passes: database,
        events: database,
        pictures: snapshots?.around(database) ?? database,
        records: database.records,
      },
      accounts: clouds.accounts,
      ownership,
      engine,
      shrink: available ? (jpeg) => media.shrink(jpeg) : null,
      pictureOf: available ? (...asked) => media.picture(...asked) : null,
      lifetimeSeconds: config.streamLifetimeSeconds,
      snapshotPeriodMs: cronPeriodMs(config.snapshotCron),
      schedule: cronSchedule(log, clock),
      network: {
        search: (wish, signal) =>
          onvifSearch({ wish, networks: parts.environment['SOURCE_NETWORKS'] ?? '' }, clock, signal),
        isInContainer: existsSync('/.dockerenv') || existsSync('/run/.containerenv'),
      },
      alerts: {
        settings: config.alerts,
        senders: createSenders(config.alertSenders, {
          ...{
            http,
            clock,
            random,
            log: log.child({ part: 'alerts' }),
            ...(parts.hostName !== undefined && { hostName: parts.hostName }),
          },
        }),
        freeDiskBytes: () => freeDiskBytes(dataDir.path),
        link: config.publicUrl === null ? null : new URL('/#alerts', config.publicUrl).href,
      },
    });
    jobs = running;
    releasers.add('jobs', () => running.stop());
    await running.start();
    const onChanged = (id: string): void => running.cameraChanged(id);
    releasers.add(
      'camera settings',
      applyCameraSettings({ store, clock, log, settings: config.cameras, labels: config.labels, onChanged }),
    );
    goOn();

    const { readSettings } = parts;
    const feedParts = {
      ...{ clock, random, log, store, ownership },
      networks: parts.environment['SOURCE_NETWORKS'] ?? '',
    };
    const feeds = readSettings && createFeeds({ ...feedParts, readSettings });
    if (feeds) releasers.add('lists of cameras', () => feeds.stop());
    const mtxFeed = config.mtxConfigFile ? createMtxFeed({ ...feedParts, file: config.mtxConfigFile }) : null;
    if (mtxFeed) releasers.add('cameras of MTX-STREAMING', () => mtxFeed.stop());
    const networks = sourceNetworks(config.sourceNetworks);
    const sources = new UrlCameras({
      ...{ clock, random, store, opening: engine.opening ?? null, networks },
      onOpened: (id, opened) => running.sourceOpened(id, opened),
      turns: running.openingTurns,
    });

    const dashboardDir = path.join(packageRoot, 'dist', 'dashboard');
    const httpDeps: HttpDeps = {
      cameras: store,
      sources,
      jobs: running,
      engine,
      accounts: { list: () => running.status().accounts, tryKeys: (keys) => clouds.tryKeys(keys) },
      events: running.events,
      alerts: running.alerts,
      outages: {
        outages: (query) => running.outages.outages(query),
        availability: (subject) => running.outages.availability(subject),
        lastSeen: (id) => running.outages.lastSeen(id),
        isSilent: (id) => running.outages.isSilent(id),
        openOf: (id) => running.outages.openOf(id),
        storeAnswered: () => running.storeAnswered(),
      },
      feeds: { states: () => [...(feeds?.states() ?? []), ...(mtxFeed?.states() ?? [])] },
      pictures: database,
      images: new UploadedImages(),
      ...(snapshots && { snapshots }),
      clock,
      random,
      log: log.child({ part: 'http' }),
      redact,
      vendors,
      publicUrl: config.publicUrl,
      allowedOrigins: config.allowedOrigins,
      mediaBaseUrls: [config.hlsBaseUrl, config.webrtcBaseUrl],
      dashboardDir: existsSync(dashboardDir) ? dashboardDir : null,
      version: parts.version,
    };
    const server = createHttpServer(httpDeps);
    releasers.add('HTTP server', () => server.close());
    ({ port } = await server.listen(waiting.port ?? wantedPort, host));
    log.info(`camlease ${parts.version} answers on http://${host.includes(':') ? `[${host}]` : host}:${port}`);
    if (config.compat) {
      const compat = createCompat(
        {
          ...httpDeps,
          log,
          media,
          dataDir: dataDir.path,
          openMachine: createMachine,
          iceServers: () => mtxFeed?.iceServers ?? [],
          ...(config.mostViewerStreams !== undefined && { mostViewerStreams: config.mostViewerStreams }),
          ...(config.sparkaHls && { sparkaHls: config.sparkaHls }),
        },
        config.compat,
        host,
        SYSTEMS,
      );
      releasers.add('listeners of older systems', () => compat.close());
      await compat.listen();
    }
    const needsAccount = store.count === 0 || [...store.peekAll()].some((camera) => !isUrlCamera(camera));
    if (config.accounts.length === 0 && needsAccount)
      log.warn('No account is configured.', { cure: 'Put the keys of a vendor into .env; see .env.example.' });
    void feeds?.start();
    void mtxFeed?.start();
    void clouds.checkAll(stopping.signal, (name) => ownership.account(name));
  };

  return {
    start,
    async stop() {
      stopping.abort(new Error('camlease is stopping'));
      await releasers.release();
    },
    get port() {
      return port ?? waiting.port;
    },
    get jobs() {
      return jobs;
    },
  };
}
