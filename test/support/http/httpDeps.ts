import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { OpenAlert } from '../../../src/core/alerts/alert.js';
import { NOTHING_ABOUT, withAbout } from '../../../src/core/camera/cameraAbout.js';
import type { Camera, CameraId } from '../../../src/core/camera/camera.js';
import { cameraId } from '../../../src/core/camera/cameraId.js';
import type { HandoverDecision } from '../../../src/core/handover/handover.js';
import type { Forecast } from '../../../src/core/renewal/forecast.js';
import type { SeenStream } from '../../../src/core/health/health.js';
import type { LeftOutDocument } from '../../../src/core/camera/leftOut.js';
import type { LeaseEvent } from '../../../src/core/handover/leaseEvents.js';
import type { MaintenanceWindow } from '../../../src/core/alerts/maintenance.js';
import type { Pass, PassHandle } from '../../../src/core/passes/pass.js';
import { AppError } from '../../../src/core/errors.js';
import type { WriteRefusal } from '../../../src/core/health/writeRefusal.js';
import type { EmbeddedMedia, PlannedChange } from '../../../src/engine/mediaEngine.js';
import type { PlanRequest, RenewRequest } from '../../../src/core/passes/requests.js';
import type { SenderState } from '../../../src/core/alerts/senderState.js';
import type { AccountState, HttpDeps, KeysToTry } from '../../../src/http/route/deps.js';
import type { LogFields } from '../../../src/observe/logger.js';
import { createRedactor } from '../../../src/observe/redact.js';
import { NO_TALLY, type Availability } from '../../../src/core/outages/availability.js';
import type { NetworkWish } from '../../../src/core/passes/networkReport.js';
import type { FeedRow } from '../../../src/core/feeds/feedEntry.js';
import { planFeed } from '../../../src/core/feeds/planFeed.js';
import { isWithin, type Outage } from '../../../src/core/outages/outage.js';
import type { Picture } from '../../../src/store/pictureStore.js';
import { UploadedImages } from '../../../src/media/images/uploadedImages.js';
import { aCamera, aUrlCamera, T0 } from '../builders.js';
import { vendorsWith } from '../clouds/vendors.js';

/** Everything that the HTTP server needs of the other rooms, in memory; calls are kept for the test. */
export interface FakeHouse extends HttpDeps {
  readonly clock: TurnedClock;
  readonly stored: Map<CameraId, Camera>;
  readonly leftOutDocuments: LeftOutDocument[];
  readonly refusedWrites: Map<CameraId, WriteRefusal>;
  readonly seen: Map<CameraId, SeenStream>;
  readonly pictureOf: Map<CameraId, Picture>;
  readonly imageOf: Map<CameraId, Picture>;
  readonly passes: Map<string, Pass>;
  readonly accountList: AccountState[];
  readonly changed: CameraId[];
  readonly asked: CameraId[];
  readonly renewals: RenewRequest[];
  readonly plans: PlanRequest[];
  readonly searches: NetworkWish[];
  /** The rows of each import that was started. */
  readonly imported: (readonly FeedRow[])[];
  /** The answer to every plan. */
  readonly planned: PlannedChange[];
  readonly decisions: Map<CameraId, HandoverDecision>;
  forecast: Forecast;
  /** The stored steps, oldest first. */
  readonly keptEvents: LeaseEvent[];
  /** Stores a step and tells it to the listeners. `isOurs`: this replica did it; absent: true. */
  tell(event: LeaseEvent, isOurs?: boolean): void;
  /** How often stored steps were read. */
  eventReads: number;
  /** The stored outages, newest first. */
  readonly keptOutages: Outage[];
  /** The availability that every question about it gets. */
  worked: Availability;
  /** The data from which the routes of alerts, test messages and maintenance windows answer. */
  readonly alertsOpen: OpenAlert[];
  readonly alertsClosed: OpenAlert[];
  readonly alertSenders: { state: SenderState; failure: { message: string; cure: string | null } | null }[];
  readonly maintenance: MaintenanceWindow[];
  readonly tried: KeysToTry[];
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[];
  /** Ends the pass that initialize and renew started or joined. */
  endPass(pass: Partial<Pass>): void;
  /** How often a pass was begun (not joined). */
  begun: number;
  /** While set, the store throws it. */
  storeAway: Error | null;
  /** While set, the store takes no write. */
  storeRefusal: WriteRefusal | null;
  /** The cameras by URL that were to be created or changed. */
  readonly given: object[];
  /** While set, no source opens. */
  sourceRefused: AppError | null;
  /** While set, trying keys throws it. */
  keysRefused: Error | null;
  engineProblem: string | null;
  /** For how long the engine has been away, in its status while it has a problem. */
  engineAwayMs: number | undefined;
  /** The number of watched cameras that still wait to go over to the relay. */
  waitForRelay: number;
  /** What the media server refuses, and what is wrong although it works. */
  engineState: ReturnType<HttpDeps['jobs']['engineState']>;
}

export function fakeHouse(more: Partial<Omit<HttpDeps, 'clock'>> & { readonly media?: EmbeddedMedia } = {}): FakeHouse {
  const clock = new TurnedClock();
  const redactor = createRedactor();
  let running: { handle: PassHandle; end: (pass: Pass) => void } | null = null;
  const listeners = new Set<(event: LeaseEvent, isOurs: boolean) => void>();
  let seed = 1;

  const begin = (): PassHandle => {
    if (running) return running.handle;
    house.begun += 1;
    const id = `p-${house.begun}`;
    house.passes.set(id, aPass({ id }));
    let end: (pass: Pass) => void = () => undefined;
    const ended = new Promise<Pass>((resolve) => (end = resolve));
    running = { handle: { id, ended }, end };
    return running.handle;
  };

  const house: FakeHouse = {
    clock,
    stored: new Map(),
    leftOutDocuments: [],
    refusedWrites: new Map(),
    seen: new Map(),
    pictureOf: new Map(),
    imageOf: new Map(),
    passes: new Map(),
    accountList: [
      { name: 'hikvision', vendor: 'hikconnect', refused: null, queued: { renew: 0, discover: 0, capture: 0 } },
    ],
    changed: [],
    asked: [],
    renewals: [],
    plans: [],
    imported: [],
    searches: [],
    planned: [],
    decisions: new Map(),
    forecast: { madeAt: T0, hours: [], days: [], accounts: [] },
    keptEvents: [],
    tell: (event, isOurs = true) => {
      house.keptEvents.push(event);
      for (const listener of listeners) listener(event, isOurs);
    },
    eventReads: 0,
    keptOutages: [],
    worked: { percent: null, percentOurs: null, tally: NO_TALLY },
    alertsOpen: [],
    alertsClosed: [],
    alertSenders: [],
    maintenance: [],
    tried: [],
    logged: [],
    begun: 0,
    storeAway: null,
    storeRefusal: null,
    given: [],
    sourceRefused: null,
    keysRefused: null,
    engineProblem: null,
    engineAwayMs: undefined,
    waitForRelay: 0,
    engineState: { refused: new Map(), problem: null },
    endPass: (pass) => {
      const ended = aPass({ id: running?.handle.id ?? 'p-0', state: 'succeeded', endedAt: clock.now(), ...pass });
      house.passes.set(ended.id, ended);
      running?.end(ended);
      running = null;
    },
    cameras: {
      peek: (id) => house.stored.get(id),
      peekAll: () => house.stored.values(),
      leftOut: () => house.leftOutDocuments,
      refusedWrites: () => house.refusedWrites,
      create: async (camera, now) => {
        if (house.storeAway) throw house.storeAway;
        const { source: added, about, ...rest } = camera;
        if (added.kind !== 'cloud') throw new Error('This house makes cloud cameras alone.');
        const { vendor, deviceSerial, channel } = added;
        const id = cameraId(vendor, deviceSerial, channel ?? 1);
        if (house.stored.has(id)) throw new AppError('CAMERA_EXISTS', 'This camera exists already.');
        const created = aCamera({
          ...{ ...rest, source: added, id, origin: 'hand-made', createdAt: now, updatedAt: now },
          about: withAbout(NOTHING_ABOUT, about ?? {}),
        });
        house.stored.set(id, created);
        return created;
      },
      update: async (id, { account, resourceId, about, ...change }, now) => {
        if (house.storeAway) throw house.storeAway;
        const old = house.stored.get(id);
        if (!old) return null;
        const source = {
          ...old.source,
          ...(account !== undefined && { account }),
          ...(resourceId !== undefined && { resourceId }),
        };
        const noted = { about: withAbout(old.about, about ?? {}) };
        const updated: Camera = { ...old, ...change, ...noted, source, updatedAt: now };
        house.stored.set(id, updated);
        return updated;
      },
      remove: async (id) => house.stored.delete(id),
      ping: async () => {
        if (house.storeAway) throw house.storeAway;
      },
    },
    sources: {
      create: async (camera, { keep }) => {
        house.given.push({ ...camera, keep });
        if (house.sourceRefused) throw house.sourceRefused;
        const { name, enabled = true, mode = 'on-demand', sound = 'on', whenGone = 'slate', labels = [] } = camera;
        const chosen = { name, enabled, mode, sound, whenGone, labels };
        const created = aUrlCamera({ ...chosen, id: `u-${house.given.length}`, createdAt: clock.now() });
        house.stored.set(created.id, created);
        return created;
      },
      change: async (id, source, { keep }) => {
        house.given.push({ id, source, keep });
        if (house.sourceRefused) throw house.sourceRefused;
        const camera = house.stored.get(id);
        if (!camera) throw new AppError('CAMERA_NOT_FOUND', 'There is no such camera.');
        return camera;
      },
      twinOf: () => null,
      wanted: (_id, { url }) => (url === undefined ? null : { url }),
    },
    jobs: {
      initialize: begin,
      renew: (request) => {
        house.renewals.push(request);
        return begin();
      },
      importCameras: (rows) => {
        house.imported.push(rows);
        return begin();
      },
      searchNetwork: (wish) => {
        house.searches.push(wish);
        return begin();
      },
      planImport: (rows) =>
        planFeed('import', rows, { cameras: house.stored.values(), deleted: [], isComplete: false }),
      pass: (id) => house.passes.get(id),
      urgent: (id) => void house.asked.push(id),
      cameraChanged: (id) => void house.changed.push(id),
      plan: async (request) => {
        house.plans.push(request);
        return house.planned;
      },
      handoverOf: (id) => house.decisions.get(id) ?? null,
      engineState: () => house.engineState,
      forecast: () => house.forecast,
      status: () => ({
        running: running ? [{ job: 'initialize', pass: running.handle.id }] : [],
        ended: [{ job: 'renew', state: 'succeeded', count: 3 }],
      }),
    },
    outages: {
      outages: async ({ camera, account, from, to }) => {
        if (house.storeAway) throw house.storeAway;
        return house.keptOutages.filter((outage) => {
          const { subject } = outage;
          const isNamed =
            subject.kind === 'camera'
              ? (camera ?? subject.id) === subject.id && (account ?? outage.account) === outage.account
              : camera === undefined && (account ?? subject.name) === subject.name;
          return isNamed && isWithin(outage, from ?? null, to ?? null);
        });
      },
      availability: async () => ({ day: house.worked, week: house.worked, month: house.worked }),
      lastSeen: (id) => {
        const seen = house.seen.get(id);
        return seen
          ? { flow: seen.flow, viewers: null, reason: seen.reason ?? null, at: clock.now(), bytesMovedAt: null }
          : null;
      },
      storeAnswered: () => ({ at: clock.now(), isThere: house.storeAway === null, refusal: house.storeRefusal }),
    },
    engine: {
      links: (id, origin) => ({ hlsUrl: `${origin}/hls/${id}/index.m3u8`, webrtcUrl: `${origin}/webrtc/${id}` }),
      status: () => ({
        kind: more.media ? 'embedded' : 'mediamtx',
        version: null,
        ready: house.engineProblem === null,
        problem: house.engineProblem,
        ...(house.waitForRelay > 0 && { waitForRelay: house.waitForRelay }),
        ...(house.engineProblem !== null && house.engineAwayMs !== undefined && { awayMs: house.engineAwayMs }),
      }),
      states: async () => house.seen,
      media: more.media ?? null,
    },
    accounts: {
      list: () => house.accountList,
      tryKeys: async (keys) => {
        house.tried.push(keys);
        if (house.keysRefused) throw house.keysRefused;
        return { areaDomain: 'https://ieu.hikcentralconnect.com', cloudTime: clock.now() };
      },
    },
    events: {
      eventsOf: async (id, { limit, before }) => {
        const newestFirst = house.keptEvents.filter(({ cameraId: of }) => of === id).reverse();
        const from = before === undefined ? 0 : newestFirst.findIndex((event) => event.id === before) + 1;
        return newestFirst.slice(from, from + limit);
      },
      eventsAfter: async (id, limit) => {
        house.eventReads += 1;
        if (house.storeAway) throw house.storeAway;
        const at = house.keptEvents.findIndex((event) => event.id === id);
        return at === -1 ? [] : house.keptEvents.slice(at + 1, at + 1 + limit);
      },
      onEvent: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    alerts: {
      list: async () => ({
        open: house.alertsOpen,
        closed: house.alertsClosed,
        senders: house.alertSenders.map(({ state }) => state),
      }),
      hasSender: (name) => house.alertSenders.some(({ state }) => state.name === name),
      test: async (sender) =>
        house.alertSenders
          .filter(({ state }) => sender === null || state.name === sender)
          .map(({ state, failure }) => ({ sender: state.name, to: state.to, failure })),
      windows: {
        list: async () => house.maintenance,
        add: async (window) => {
          if (house.storeAway) throw house.storeAway;
          const added = { id: `w-${house.maintenance.length + 1}`, ...window };
          house.maintenance.push(added);
          return added;
        },
        remove: async (id) => {
          const index = house.maintenance.findIndex((window) => window.id === id);
          if (index !== -1) house.maintenance.splice(index, 1);
          return index !== -1;
        },
      },
    },
    pictures: {
      getPicture: async (id) => house.pictureOf.get(id) ?? null,
      getImage: async (id) => house.imageOf.get(id) ?? null,
      saveImage: async (id, image) => {
        if (house.storeAway) throw house.storeAway;
        house.imageOf.set(id, image);
      },
      removeImage: async (id) => void house.imageOf.delete(id),
    },
    images: new UploadedImages(),
    // A fixed sequence of numbers that differ.
    random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647,
    log: {
      debug: () => undefined,
      info: (message, fields) => void house.logged.push({ message, fields }),
      warn: (message, fields) => void house.logged.push({ message, fields }),
      error: (message, fields) => void house.logged.push({ message, fields }),
      child: () => house.log,
    },
    redact: (text) => redactor.redact(text),
    vendors: vendorsWith('simulator.test'),
    publicUrl: null,
    mediaBaseUrls: ['http://localhost:8888', 'http://localhost:8889'],
    dashboardDir: null,
    version: '0.1.0',
    writesPerMinute: 10_000,
    ...more,
  };
  return house;
}

function aPass(more: Partial<Pass> = {}): Pass {
  return {
    id: 'p-1',
    job: 'initialize',
    state: 'running',
    startedAt: new Date('2026-01-05T08:00:00Z'),
    endedAt: null,
    total: 0,
    done: 0,
    failed: 0,
    skipped: 0,
    report: null,
    error: null,
    ...more,
  };
}
