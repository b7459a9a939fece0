import { readFileSync } from 'node:fs';
import path from 'node:path';
import axios from 'axios';
import { desiredStreams } from '../../src/core/streams/streams.js';
import { createMediaMtxEngine } from '../../src/engine/mediamtx/mediaMtxEngine.js';
import type { Relay } from '../../src/engine/mediamtx/relayed/relayPort.js';
import type { Proof } from '../../src/engine/mediaEngine.js';
import {
  camerasToHandOver,
  handOverCandidates,
  type HandOverDeps,
} from '../../src/jobs/handover/handOverCandidates.js';
import { HandoverWatch } from '../../src/jobs/handover/handoverWatch.js';
import { LeaseLog } from '../../src/jobs/run/leaseLog.js';
import { Proofs } from '../../src/jobs/handover/proofs.js';
import { StreamUse } from '../../src/jobs/handover/streamUse.js';
import { createLog } from '../../src/observe/logger.js';
import { createRedactor } from '../../src/observe/redact.js';
import { CachedCameraStore } from '../../src/store/memory/cachedCameraStore.js';
import { createStore } from '../../src/store/opening/createStore.js';
import { JOURNAL_FILE, JournalFile } from '../../src/store/memory/journal.js';
import { systemClock } from '../../src/systemClock.js';
import type { TestMediaMtx } from '../../test/support/engine/mediamtx.js';
import { usersFor } from '../../test/support/engine/mediamtxEngine.js';
import { packageRoot } from '../../test/support/installation/programs.js';
import { storeCameras, storeCandidates, TRACKS } from './fleet.js';
import { vendorsWith } from '../../test/support/clouds/vendors.js';

const PROOF: Proof = { tracks: TRACKS, framesPerSecond: 15, moves: true, picture: null };

export interface Renewal {
  /** Time until all cameras were decided, and stored as promoted. */
  readonly storedMs: number;
  /** Time until all leases were in force in MediaMTX, confirmed. */
  readonly inForceMs: number;
  readonly by: string;
}

export interface PipelineOptions {
  /** The relay that pulls the cameras; absent: MediaMTX pulls them itself. */
  readonly relay?: Relay | null;
  /** Host and port of the cameras' addresses; absent: addresses at which nothing listens. */
  readonly origin?: string;
}

/** The parts of camlease that a renewal goes through: store (SQLite), proofs, decisions, engine. */
export interface Pipeline {
  /** The ids of all cameras, which are their path names in MediaMTX. */
  ids(): readonly string[];
  /** Gives every camera a candidate and its proof; resolves when both are stored. */
  prepare(): Promise<void>;
  /** Measures how long it takes until all these candidates are in force. */
  renewAll(): Promise<Renewal>;
  stop(): Promise<void>;
}

export async function startPipeline(
  mediaMtx: TestMediaMtx,
  cameras: number,
  { relay = null, origin }: PipelineOptions = {},
): Promise<Pipeline> {
  const clock = systemClock;
  const log = createLog({
    level: 'error',
    redactor: createRedactor(),
    write: (line) => void process.stderr.write(line),
    readable: true,
  });
  const database = createStore({
    mongodbUri: null,
    dataDir: mediaMtx.folder,
    vendors: vendorsWith('127.0.0.1'),
    clock,
    random: Math.random,
    log,
  });
  const store = new CachedCameraStore(database, {
    journal: new JournalFile(path.join(mediaMtx.folder, JOURNAL_FILE)),
    clock,
    log,
    owner: 'bench',
    isAlone: true,
  });
  await store.open();
  await storeCameras(store, cameras, origin);
  const engine = createMediaMtxEngine({
    vendors: vendorsWith(),
    users: await usersFor(mediaMtx),
    http: axios.create({ proxy: false }),
    apiUrl: mediaMtx.apiUrl,
    configPath: mediaMtx.configPath,
    template: readFileSync(path.join(packageRoot(), 'mediamtx.yml'), 'utf8'),
    dataDir: mediaMtx.folder,
    hlsBaseUrl: mediaMtx.hlsUrl,
    webrtcBaseUrl: mediaMtx.webrtcUrl,
    clock,
    log,
    prover: () => Promise.resolve(PROOF),
    makeSlate: null,
    relay,
    supervise: null,
  });
  await engine.start();
  await engine.apply(desiredStreams(store.peekAll(), clock.now()));

  const watch = new HandoverWatch(store, clock);
  const leaseLog = new LeaseLog({ clock, log, events: database });
  let [open, allProven] = [0, (): void => undefined];
  const proofs = new Proofs({
    clock,
    log,
    store,
    pictures: database,
    engine,
    streamUse: new StreamUse({ clock, store, engine, accounts: new Map() }),
    leaseLog,
    isServed: () => true,
    onDone: () => {
      open--;
      if (open === 0) allProven();
    },
  });
  const deps: HandOverDeps = {
    clock,
    random: Math.random,
    log,
    store,
    engine,
    lifetimeSeconds: 604_800,
    proofs,
    watch,
    leaseLog,
    onDue: () => undefined,
    onUrgent: () => undefined,
    movesOpenAt: () => systemClock.now(),
  };

  return {
    ids: () => store.peekAll().map(({ id }) => id),
    async prepare() {
      await storeCandidates(store, origin);
      open = cameras;
      const proven = new Promise<void>((resolve) => (allProven = resolve));
      await handOverCandidates(deps, camerasToHandOver(store.peekAll()));
      await proven;
      // Waits until the steps are written too, so that they are not written during the measurement.
      await leaseLog.eventsAfter('', 1);
    },
    async renewAll() {
      const beganMs = performance.now();
      await handOverCandidates(deps, camerasToHandOver(store.peekAll()));
      const storedMs = performance.now() - beganMs;
      const { by, changed } = await engine.apply(desiredStreams(store.peekAll(), clock.now()));
      const inForceMs = performance.now() - beganMs;
      // For cameras that a relay carries, no path changes.
      if (relay === null && changed.length !== cameras)
        throw new Error(`${changed.length} of ${cameras} cameras were renewed.`);
      await leaseLog.eventsAfter('', 1);
      // Waits until the documents are written too, so that the next round begins with nothing to do.
      await store.refresh();
      return { storedMs, inForceMs, by };
    },
    async stop() {
      await proofs.stop();
      await engine.stop();
      await leaseLog.stop();
      await store.close();
    },
  };
}
