import { CaptureRefusals } from './pictures/captureRefusals.js';
import { CALLS_PER_HOUR } from '../cloud/calls/rateLimit.js';
import type { CameraId } from '../core/camera/camera.js';
import { isUrlCamera } from '../core/camera/cameraSource.js';
import { AppError, messageOf } from '../core/errors.js';
import type { Pass, PassCounts, PassHandle } from '../core/passes/pass.js';
import { wantedQuality } from '../core/handover/proof.js';
import { camerasToRetry, changedAccounts, type AccountNews } from './accounts/accountChanges.js';
import { Alerts, NO_ALERTS, type AlertOptions } from './alerts/alerts.js';
import { AccountNotes, notesBeside } from './accounts/accountNotes.js';
import type { AccountNote } from '../core/passes/accountNotes.js';
import { AccountStates, type AccountStatus } from './accounts/accountStates.js';
import type { Forecast } from '../core/renewal/forecast.js';
import type { HandoverDecision } from '../core/handover/handover.js';
import type { LeaseEvent } from '../core/handover/leaseEvents.js';
import type { PlannedChange } from '../engine/mediaEngine.js';
import type { JobsDeps, ScheduledRun } from './run/deps.js';
import { StoreAwayRenewal } from './leasing/storeAwayRenewal.js';
import { EngineRefusals, type EngineKnowledge } from './handover/engineRefusals.js';
import { futureDatedFailures } from './leasing/futureDatedFailures.js';
import { DueLoad } from './leasing/dueLoad.js';
import { gatherForecast } from './forecast.js';
import { HandoverWatch } from './handover/handoverWatch.js';
import { startHeartbeat, type StoreAnswer } from './run/heartbeat.js';
import { runInitialize } from './leasing/initialize.js';
import { LearnFromOthers } from './replicas/learnFromOthers.js';
import { LeaseLog, type EventListener } from './run/leaseLog.js';
import { MediaLoop, type MediaLoopStatus } from './handover/mediaLoop.js';
import type { SeenFlow } from '../core/renewal/opening.js';
import type { Opened } from '../core/streams/opening.js';
import { Openings, type OpeningsDeps } from './sources/openings.js';
import { OutageWatch } from './outages/outageWatch.js';
import { ownedAccounts } from './replicas/ownedCloud.js';
import { SOLE_OWNER } from './run/ownership.js';
import { Passes } from './run/passes.js';
import { planChanges } from './plan.js';
import { dueCameras, runRenew, type RenewOptions } from './leasing/renew.js';
import { initializedBy, renewedBy } from './replicas/requestAnswers.js';
import { Requests } from './replicas/requests.js';
import { retireUrls } from './leasing/retire.js';
import { RetireTries } from './leasing/retireTries.js';
import { SharedAccountStates } from './replicas/sharedAccountStates.js';
import { SharedEngineState } from './replicas/sharedEngineState.js';
import { SharedSteps } from './replicas/sharedSteps.js';
import { runSnapshot } from './pictures/snapshot.js';
import { feedCameras } from './feeds/feedCameras.js';
import { planImport, runImport } from './feeds/importRows.js';
import { runNetworkSearch, type NetworkSearch } from './feeds/searchNetwork.js';
import type { NetworkWish } from '../core/passes/networkReport.js';
import { OpeningTurns } from './sources/openingTurns.js';
import { UrlCameras } from './sources/urlCameras.js';
import type { FeedRow } from '../core/feeds/feedEntry.js';
import type { FeedPlan } from '../core/feeds/planFeed.js';
import { StreamUse } from './handover/streamUse.js';
import { within } from '../core/async/deadline.js';
import type { PlanRequest, RenewRequest } from '../core/passes/requests.js';

function seenFlow(seen: ReturnType<OutageWatch['lastSeen']>): SeenFlow {
  return { isFlowing: seen?.flow === 'flowing', flowedAt: seen?.bytesMovedAt ?? null };
}

const REFRESH_EVERY_MS = 60_000;
/** An initialize pass waits this long at most for the engine to accept its streams. */
const FLUSH_MS = 10_000;
/** The jobs' part of the 10 s that a stop may take; the rest is the engine's. */
const STOP_WITHIN_MS = 8_000;

export interface JobsStatus extends PassCounts {
  /** The latest passes of this process, newest first. */
  readonly recent: readonly Pass[];
  readonly loop: MediaLoopStatus;
  readonly accounts: readonly (AccountStatus & { readonly notes: readonly AccountNote[] })[];
  /** Ticks that were skipped because the job's previous run was still going, by job. */
  readonly skippedTicks: Readonly<Record<string, number>>;
}

/** What app.ts and the API use of the jobs. */
export interface Jobs {
  /** Marks passes that a crash broke off, renews what is due, and starts the media loop, the heartbeat and the schedules. */
  start(): Promise<void>;
  /** Aborts what runs and gives claims back, within 10 s. */
  stop(): Promise<void>;
  initialize(): PassHandle;
  renew(request: RenewRequest): PassHandle;
  snapshot(): PassHandle;
  /** Stores the cameras of these rows, as a pass. */
  importCameras(rows: readonly FeedRow[]): PassHandle;
  /** Searches the local network for cameras, as a pass. */
  searchNetwork(wish: NetworkWish): PassHandle;
  /** What `importCameras` would do. */
  planImport(rows: readonly FeedRow[]): FeedPlan;
  pass(id: string): Promise<Pass | null>;
  /** A viewer asks for this camera now: the media loop hands it to the engine at once. Cheap when the engine serves it already. */
  urgent(id: CameraId): void;
  /** The operator added or changed the camera: asks the cloud at once for a lease that failed before, or that the change needs. */
  cameraChanged(id: CameraId): void;
  /** A request opened the camera's address; a picture of what came is kept. */
  sourceOpened(id: CameraId, opened: Opened): void;
  /** For openings that requests ask for: together with those of the job they are sixteen at a time. */
  readonly openingTurns: OpeningTurns;
  /** What the request would change in the engine, and how many viewers that touches; writes nothing. */
  plan(request: PlanRequest, signal?: AbortSignal): Promise<readonly PlannedChange[]>;
  /** The latest decision about the camera's candidate, else about its lease while that is not proven; null: none. */
  handoverOf(id: CameraId): HandoverDecision | null;
  /** The steps of leases' lives. */
  readonly events: {
    eventsOf(id: CameraId, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]>;
    eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]>;
    onEvent(listener: EventListener): () => void;
  };
  /** Outages, and what part of the time cameras worked. */
  readonly outages: Pick<OutageWatch, 'open' | 'openOf' | 'outages' | 'availability' | 'lastSeen' | 'isSilent'>;
  /** Which cameras the media server refuses, and what is wrong with it; every replica that shares it answers the same. */
  engineState(): EngineKnowledge;
  /** The result of the latest heartbeat; null: none yet. */
  storeAnswered(): StoreAnswer | null;
  /** Alerts, test messages and maintenance windows. */
  readonly alerts: Pick<Alerts, 'list' | 'test' | 'hasSender' | 'windows'>;
  status(): JobsStatus;
  /**
   * When renewals fall due, how long those that wait will take, and which cameras lose their lease before; computed from
   * memory.
   */
  forecast(): Forecast;
}

export interface CreateJobsDeps extends JobsDeps {
  /** Absent: no alert is decided or sent. */
  readonly alerts?: AlertOptions;
  /** Absent: the network cannot be searched. */
  readonly network?: NetworkSearch;
  /** Makes a JPEG of a key frame; absent or null: this machine cannot decode. */
  readonly pictureOf?: OpeningsDeps['pictureOf'];
}

/**
 * Builds everything that runs by itself (discovery, renewals, handovers, pictures, alerts), and the passes that a person
 * starts.
 */
export function createJobs(given: CreateJobsDeps): Jobs {
  const { clock, log, store, ownership = SOLE_OWNER, callsPerHour = CALLS_PER_HOUR } = given;
  const deps = { ...given, ownership, callsPerHour, accounts: ownedAccounts(given.accounts, ownership) };
  const states = new AccountStates(deps.accounts, clock, deps.random);
  const notes = new AccountNotes(deps);
  const tries = new RetireTries(clock);
  const captureRefusals = new CaptureRefusals(clock);
  const watch = new HandoverWatch(store, clock);
  const sharedStates = new SharedAccountStates({ ...deps, states, notes });
  const sharedSteps = new SharedSteps({ ...deps, publish: (events) => leaseLog.publishFromElsewhere(events) });
  const leaseLog = new LeaseLog(deps, (events) => sharedSteps.share(events));
  leaseLog.onEvent((event, isOurs) => !isOurs && watch.learn(event));
  const passes = new Passes(deps);
  const stopping = new AbortController();
  const schedules = new Map<string, ScheduledRun>();
  const requests = new Requests(deps, {
    renew: async (asked) => {
      const beyond = new Map(asked.cameras);
      const wish = { cameraIds: [...beyond.keys()], force: asked.force, insist: asked.insist, beyond };
      return renewedBy(await startRenew({ ...wish, awaitOutcome: true }).ended, [...beyond.keys()]);
    },
    initialize: async (account) => initializedBy(await startInitialize('initialize', account).ended, account),
    move: (ids) => ids.forEach((id) => !watch.isForced(id) && watch.force(id)),
  });
  const leaseDeps = {
    ...deps,
    requests,
    states,
    notes,
    streamUse: new StreamUse(deps),
    dueLoad: new DueLoad(deps),
    away: new StoreAwayRenewal(deps),
    busy: new Set<CameraId>(),
    queued: new Set<CameraId>(),
    handovers: watch,
    leaseLog,
    formerNames: new Map<CameraId, string>(),
    listedEncrypted: new Set<CameraId>(),
  };
  const refusals = new EngineRefusals(deps);
  // What an import gives is opened afterwards, so that nothing is dialled here.
  const urls = new UrlCameras({ ...deps, opening: null, networks: { isAllowed: () => false } });
  const loop = new MediaLoop({ ...leaseDeps, watch, refusals, onDue: () => renewDue() });
  const engineState = new SharedEngineState({ ...deps, loop, refusals });
  const reports = { accounts: () => states.all(), engineState: () => engineState.known() };
  const onSilent = (id: CameraId): void => void startRenew({ cameraIds: [id], force: true, awaitOutcome: false });
  const outages = new OutageWatch({ ...deps, ...reports, onSilent });
  const { pictureOf = null } = given;
  const opening = deps.engine.opening ?? null;
  const openingTurns = new OpeningTurns();
  const seen: OpeningsDeps['seen'] = (id) => seenFlow(outages.lastSeen(id));
  const openings = new Openings({ ...deps, opening, pictureOf, seen, turns: openingTurns });
  const openSource = opening && ((id: CameraId) => openings.openNow(id));
  let answered: StoreAnswer | null = null;
  const storeAnswered = (answer: StoreAnswer): void => {
    answered = answer;
    // A store that refuses writes counts as away, like one that does not answer: renewals that cannot wait then go on from
    // memory.
    const takesWrites = answer.isThere && answer.refusal === null;
    const isBack = takesWrites && leaseDeps.away.isAway;
    leaseDeps.away.storeAnswered(takesWrites);
    // `refresh` first writes the journal's leases to the store; then the renewals that could wait are due.
    if (isBack) void store.refresh().then(renewDue, () => undefined);
  };
  const alerts = new Alerts(
    {
      ...deps,
      ...reports,
      openOutages: () => outages.open(),
      forecast: () => gatherForecast(leaseDeps),
    },
    deps.alerts ?? NO_ALERTS,
  );
  let stopHeartbeat = (): void => undefined;

  const startRenew = (options: RenewOptions): PassHandle => {
    const named = options.cameraIds === undefined ? 'all' : [...options.cameraIds].sort().join(',');
    const kind = `renew ${String(options.force)} ${String(options.insist)} ${String(options.awaitOutcome)} ${named}`;
    return passes.start('renew', `${kind}${options.beyond ? ' asked' : ''}`, (progress, signal) =>
      runRenew(
        { ...leaseDeps, refusedStreams: () => engineState.known().refused, ...(openSource && { openSource }) },
        options,
        progress,
        signal,
      ),
    );
  };

  /** News of an account: retries the cameras whose stored failure it may have cured. */
  const retryAfterNews = (account: string, news: AccountNews): void => {
    const cameraIds = camerasToRetry(store.peekAll(), account, news, clock.now());
    if (cameraIds.length === 0 || stopping.signal.aborted) return;
    startRenew({ cameraIds, insist: true, awaitOutcome: false });
  };
  states.onBack(retryAfterNews);

  /** Starts a renew pass if a camera is due; null: no camera is due, or camlease is stopping. */
  const renewDue = (): PassHandle | null =>
    stopping.signal.aborted || dueCameras(leaseDeps).length === 0 ? null : startRenew({ awaitOutcome: false });

  const startInitialize = (job: 'initialize' | 'discover', account?: string): PassHandle =>
    passes.start(job, account === undefined ? job : `${job} ${account}`, async (progress, signal) => {
      // Two listings at once would ask for the same cameras: wait for a running discover pass, then lease the cameras that it left.
      if (job === 'initialize') await passes.running('discover')?.ended;
      const report = await runInitialize(
        leaseDeps,
        { insist: job === 'initialize', ...(account !== undefined && { account }) },
        progress,
        signal,
      );
      await within(clock, FLUSH_MS, loop.flush());
      return report;
    });

  const startSnapshot = (): PassHandle =>
    passes.start('snapshot', 'snapshot', (progress, signal) =>
      runSnapshot(
        {
          ...{ ...deps, states, refusals: captureRefusals, periodMs: deps.snapshotPeriodMs },
          ...(openSource && pictureOf && { openSource }),
        },
        progress,
        signal,
      ),
    );

  let refreshedAtMs = clock.monotonicMs();
  /** Reads documents that were inserted or edited by hand, at most once a minute. */
  const refresh = async (): Promise<void> => {
    if (clock.monotonicMs() - refreshedAtMs < REFRESH_EVERY_MS) return;
    refreshedAtMs = clock.monotonicMs();
    // The heartbeat reports a store that is away.
    await store.refresh().catch(() => undefined);
    await leaseLog.dropOld().catch(() => undefined);
  };

  const learning = new LearnFromOthers(deps, stopping.signal, {
    poll: () => Promise.all([sharedStates.poll(), sharedSteps.poll(), engineState.poll()]),
    onOwning: () => void renewDue(),
  });

  const renewTick = async (): Promise<void> => {
    await refresh();
    if (leaseDeps.streamUse.matters) void leaseDeps.streamUse.read();
    const failedInFuture = futureDatedFailures(store.peekAll(), clock.now());
    if (failedInFuture.length > 0 && !stopping.signal.aborted) {
      await startRenew({ cameraIds: failedInFuture, insist: true, awaitOutcome: false }).ended;
    }
    for (let handle = renewDue(); handle !== null; handle = renewDue()) {
      const { done, failed } = await handle.ended;
      // No camera was renewed or failed (other replicas hold the claims, or the cloud refuses the account): the next tick
      // tries again.
      if (done + failed === 0) break;
    }
    const servedRevision = (id: CameraId): number | null | undefined => loop.servedRevision(id);
    await retireUrls({ ...deps, states, tries, servedRevision }, stopping.signal).catch((thrown: unknown) => {
      if (!stopping.signal.aborted)
        log.warn(`Replaced live URLs could not be given back to the vendor: ${messageOf(thrown)}`);
    });
  };

  const discoverTick = async (): Promise<void> => {
    const isAnyOurs = [...deps.accounts.keys()].some((name) => ownership.account(name));
    if (isAnyOurs && passes.running('initialize') === null) await startInitialize('discover').ended;
  };

  const snapshotTick = async (): Promise<void> => {
    await startSnapshot().ended;
  };

  return {
    async start() {
      await passes.open();
      loop.start();
      if (ownership.isShared) {
        requests.start();
        await learning.start();
      }
      stopHeartbeat = startHeartbeat(deps, storeAnswered);
      if (deps.watchesOutages !== false) outages.start();
      openings.start();
      if (deps.alerts) alerts.start();
      schedules.set('renew', deps.schedule('renew', deps.renewCron, renewTick));
      schedules.set('discover', deps.schedule('discover', deps.discoverCron, discoverTick));
      schedules.set('snapshot', deps.schedule('snapshot', deps.snapshotCron, snapshotTick));
      // Leases that fell due while the machine was off or asleep are renewed now, not at the next tick.
      renewDue();
      for (const account of deps.accounts.keys()) retryAfterNews(account, 'configured');
      for (const account of await changedAccounts(deps)) retryAfterNews(account, 'changed');
    },
    async stop() {
      stopping.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
      for (const schedule of schedules.values()) schedule.stop();
      learning.stop();
      const parts = [openings, passes, loop, requests, alerts, outages, leaseLog];
      const stopAll = async (): Promise<void> => {
        for (const part of parts) await part.stop();
      };
      // Do not wait for a store or a cloud that hangs: other replicas take over the claims that were not given back.
      await within(clock, STOP_WITHIN_MS, stopAll());
      stopHeartbeat();
    },
    initialize: () => startInitialize('initialize'),
    renew: (request) => startRenew({ ...request, awaitOutcome: true }),
    snapshot: startSnapshot,
    importCameras: (rows) =>
      // Each import is a pass of its own: two tables are never the same one.
      passes.start('import', `import ${deps.newId()}`, (progress, signal) =>
        runImport(
          { store, cameras: feedCameras({ urls, store, clock }), now: () => clock.now() },
          rows,
          progress,
          signal,
        ),
      ),
    planImport: (rows) => planImport(store, rows),
    searchNetwork: (wish) =>
      passes.start('network', `network ${JSON.stringify(wish)}`, (progress, signal) => {
        if (!given.network) throw new AppError('INTERNAL', 'This process cannot search the network.');
        return runNetworkSearch(given.network, wish, progress, signal);
      }),
    pass: (id) => passes.get(id),
    urgent(id) {
      loop.urgent(id);
      openings.urgent(id);
    },
    cameraChanged(id) {
      const camera = store.peek(id);
      if (!camera || stopping.signal.aborted) return;
      const otherStream = camera.lease !== null && camera.lease.quality !== wantedQuality(camera);
      if (isUrlCamera(camera)) {
        // What opened stays open: a change of a name costs the camera no login.
        if (camera.failure !== null || camera.source.openedAt === null) openings.openNow(id).catch(() => undefined);
      } else if (camera.failure !== null) startRenew({ cameraIds: [id], insist: true, awaitOutcome: false });
      else if (otherStream) startRenew({ cameraIds: [id], force: true, awaitOutcome: false });
      else renewDue();
    },
    sourceOpened: (id, opened) => void openings.keepPicture(id, opened),
    openingTurns,
    plan: (request, signal) => planChanges(deps, request, signal),
    handoverOf: (id) => watch.latestOf(id),
    events: leaseLog,
    outages,
    alerts,
    storeAnswered: () => answered,
    engineState: reports.engineState,
    forecast: () => gatherForecast(leaseDeps),
    status: () => ({
      ...passes.status(),
      loop: loop.status(),
      accounts: states.all().map((account) => ({ ...account, notes: notesBeside(account, notes.of(account.name)) })),
      skippedTicks: Object.fromEntries([...schedules].map(([name, { skipped }]) => [name, skipped])),
    }),
  };
}
