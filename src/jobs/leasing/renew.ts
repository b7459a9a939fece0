import type { Camera, CameraId } from '../../core/camera/camera.js';
import { accountOf } from '../../core/camera/cameraSource.js';
import type { Bypassed, RenewReport, SkippedCamera, SkipReason } from '../../core/passes/pass.js';
import { orAborted } from '../../core/async/orAborted.js';
import { AppError, type CameraError } from '../../core/errors.js';
import type { StreamRefusal } from '../../core/health/health.js';
import { byUrgency, decideRenewal, type WaitReason } from '../../core/renewal/renewal.js';
import type { LeaseDeps, LeaseOutcome } from './lease.js';
import { LeaseQueue, leaseMany } from './leaseMany.js';
import { refusalByListing } from './listedEncryption.js';
import type { HandoverWatch } from '../handover/handoverWatch.js';
import type { Ownership } from '../run/ownership.js';
import type { Progress } from '../run/passes.js';
import type { WatchedOutcome } from '../handover/passOutcomes.js';
import { askOwners, type AskOthers } from './renewElsewhere.js';
import { RenewTally } from './renewTally.js';
import type { RenewRequest } from '../../core/passes/requests.js';

export interface RenewOptions extends RenewRequest {
  /** Renews cameras that back off too, because something about them has changed. */
  readonly insist?: boolean;
  /** Waits for proof and promotion, as long as there is news within each minute. */
  readonly awaitOutcome: boolean;
  /**
   * Revisions at the time of another replica's request: a camera with a later revision is renewed already, perhaps by an
   * owner that died meanwhile.
   */
  readonly beyond?: ReadonlyMap<CameraId, number>;
}

export interface RenewDeps extends LeaseDeps {
  readonly handovers: HandoverWatch;
  readonly ownership: Ownership;
  readonly requests: AskOthers;
  /** Cameras whose stream encryption is on according to the latest listing. */
  readonly listedEncrypted: ReadonlySet<CameraId>;
  /** Cameras that the media server refuses, as known now. */
  readonly refusedStreams: () => ReadonlyMap<CameraId, StreamRefusal>;
  /** Opens a camera that has no lease but an address of its own; null: it opened. Throws `AppError`. Absent: there is no such camera. */
  readonly openSource?: (id: CameraId) => Promise<CameraError | null>;
}

/** Cameras of each account in one pass: an account whose cloud hangs must not delay the others' next pass for long. */
const CAMERAS_PER_PASS = 250;

/**
 * Cameras that an unforced renewal would ask the cloud for now: those about to lose their lease first, then those that
 * have been due longest.
 */
export function dueCameras(
  deps: Pick<RenewDeps, 'store' | 'clock' | 'states' | 'accounts' | 'queued' | 'busy' | 'ownership' | 'away'>,
): Camera[] {
  const now = deps.clock.now();
  const usable = (camera: Camera): boolean => {
    const account = accountOf(camera) ?? '';
    // Cameras of an account that is not configured any more are due too: the renewal stores that as their failure, once.
    return !deps.accounts.has(account) || (deps.ownership.account(account) && deps.states.usable(account));
  };
  // A camera without a living lease that waits in another pass is left to that pass; a camera with a living lease must not
  // wait behind such cameras.
  const isOfAnotherPass = ({ id, lease }: Camera): boolean =>
    deps.busy.has(id) || (deps.queued.has(id) && (lease === null || lease.expiresAt <= now));
  const due = [...deps.store.peekAll()].filter(
    (camera) =>
      decideRenewal(camera, now).action === 'renew' &&
      usable(camera) &&
      !isOfAnotherPass(camera) &&
      deps.away.mayRenew(camera),
  );
  return [...byAccount(byUrgency(due, now)).values()].flatMap((cameras) => cameras.slice(0, CAMERAS_PER_PASS));
}

/** Asks the clouds for new leases of the cameras that are due, or that the request names, and waits for the outcomes. */
export async function runRenew(
  deps: RenewDeps,
  options: RenewOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<RenewReport> {
  const tally = new RenewTally(progress);
  const now = deps.clock.now();
  const asked = new Map<CameraId, number>();
  const settle = (cameraId: CameraId, outcome: WatchedOutcome): void =>
    tally.settle(cameraId, watchable(outcome, deps.refusedStreams().get(cameraId)));
  const onOutcome = (cameraId: CameraId, outcome: LeaseOutcome): void => {
    if (outcome.kind === 'leased' || outcome.kind === 'candidate') {
      asked.set(cameraId, outcome.revision);
      if (outcome.kind === 'candidate' && options.force === true) deps.handovers.force(cameraId);
    } else if (outcome.kind === 'failed') settle(cameraId, outcome);
    else if (outcome.kind === 'skipped') tally.skip({ cameraId, reason: outcome.why });
    else if (options.awaitOutcome || options.cameraIds !== undefined) settle(cameraId, refusal(deps, cameraId));
    else tally.skip({ cameraId, reason: 'backing-off' });
  };

  const chosen = choose(deps, options);
  progress.grow(chosen.cameras.length + chosen.waiting.length + chosen.skipped.length);
  const isOpenable = ({ reason }: SkippedCamera): boolean => reason === 'not-leased' && deps.openSource !== undefined;
  // A person who names a camera with an address of its own wants to know how it is, which is found out by opening it.
  const toOpen = options.cameraIds === undefined ? [] : chosen.skipped.filter(isOpenable);
  for (const skipped of chosen.skipped) if (!toOpen.includes(skipped)) tally.skip(skipped);
  const opened = toOpen.map(async (camera) => {
    const fault = await openedSource(deps, camera.cameraId);
    if (fault === null) tally.skip(camera);
    else tally.settle(camera.cameraId, { kind: 'failed', ...fault });
  });
  for (const camera of chosen.waiting) {
    if (options.force === true) deps.handovers.force(camera.id);
    asked.set(camera.id, camera.candidate?.revision ?? 0);
  }
  // When the operator asks, ask the cloud: what the listing says does not replace the cloud's own answer.
  const isAsked = options.force === true || options.insist === true;
  const predicted = (camera: Camera): CameraError | null =>
    isAsked ? null : refusalByListing(deps.listedEncrypted, deps.accounts.get(accountOf(camera) ?? '')?.cloud, camera);
  const isElsewhere = (account: string): boolean => deps.accounts.has(account) && !deps.ownership.account(account);
  const stopMoving =
    options.force === true && !deps.ownership.engine()
      ? await deps.requests.move([...chosen.cameras, ...chosen.waiting].map(({ id }) => id))
      : null;
  await Promise.all(
    [...byAccount(chosen.cameras)].map(async ([account, cameras]) => {
      if (isElsewhere(account)) {
        tally.add(await askOwners(deps.requests, account, cameras, options, signal));
        return;
      }
      const queue = new LeaseQueue(deps.queued);
      queue.add(cameras.map(({ id }) => id));
      queue.close();
      const wants = (camera: Camera): boolean => wantsLease(camera, options, now);
      await leaseMany({ ...deps, predicted }, account, queue, wants, onOutcome, signal);
    }),
  );
  await orAborted(Promise.all(opened), signal);
  await (options.awaitOutcome ? deps.handovers.outcomes(asked, settle, signal) : settleAtOnce(deps, asked, settle));
  await stopMoving?.();
  const counts = options.awaitOutcome ? tally.countsWithReasons() : tally.counts();
  return { success: true, ...counts, bypassed: bypassedBy(options, chosen, now), pass: progress.passId };
}

/** What is wrong with a camera that has an address of its own; null: it opened. */
async function openedSource(
  { openSource }: RenewDeps,
  id: CameraId,
): Promise<{ readonly code: string; readonly message: string; readonly cure: string } | null> {
  try {
    const error = (await openSource?.(id)) ?? null;
    return error && { code: error.code, message: error.message, cure: error.cure };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { code: thrown.code, message: thrown.message, cure: thrown.cure ?? '' };
  }
}

/** While the media server refuses the camera, a new lease counts as failed, because no viewer gets it. */
function watchable(outcome: WatchedOutcome, refusal: StreamRefusal | undefined): WatchedOutcome {
  if (outcome.kind !== 'renewed' || refusal === undefined) return outcome;
  const { code, message, cure } = refusal;
  return {
    kind: 'failed',
    code,
    message: `The camera has a new lease, but the media server does not serve it: ${message}`,
    cure,
  };
}

/** Why the cloud refuses the account: the outcome of cameras for which the cloud was not asked. */
function refusal({ states, store }: RenewDeps, id: CameraId): WatchedOutcome {
  const refused = states.refusal(accountOf(store.peek(id)) ?? '');
  const { code, message, cure } = refused ?? UNKNOWN_REFUSAL;
  return { kind: 'failed', code, message: `The cloud refuses the account: ${message}`, cure };
}

const UNKNOWN_REFUSAL = {
  code: 'ACCOUNT_REFUSED',
  message: 'the cloud gave no reason.',
  cure: 'GET /api/account shows the state of each account.',
};

interface Chosen {
  /** Cameras for which the cloud is asked. */
  readonly cameras: readonly Camera[];
  /** Cameras that have a candidate already: the pass waits for its promotion only. */
  readonly waiting: readonly Camera[];
  readonly skipped: readonly SkippedCamera[];
}

function choose(deps: RenewDeps, options: RenewOptions): Chosen {
  const named = options.cameraIds;
  if (named === undefined && options.force !== true) {
    const elsewhere = options.awaitOutcome ? dueElsewhere(deps) : [];
    return { cameras: [...dueCameras(deps), ...elsewhere], waiting: [], skipped: [] };
  }
  const now = deps.clock.now();
  const ids = named ?? [...deps.store.peekAll()].map(({ id }) => id);
  const known = [...new Set(ids)].flatMap((id) => deps.store.peek(id) ?? []);
  const waiting = known.filter((camera) => hasWaitingCandidate(camera, now));
  const cameras = known.filter((camera) => !waiting.includes(camera) && wantsLease(camera, options, now));
  const taken = new Set([...waiting, ...cameras].map(({ id }) => id));
  const skipped = [...new Set(ids)]
    .filter((id) => !taken.has(id))
    .map((cameraId) => ({ cameraId, reason: whyNot(deps.store.peek(cameraId) ?? null, now) }));
  return { cameras, waiting, skipped };
}

function whyNot(camera: Camera | null, now: Date): SkipReason {
  if (camera === null) return 'deleted';
  const decision = decideRenewal(camera, now);
  return decision.action === 'wait' ? decision.reason : 'another-pass';
}

/** Due cameras of accounts that another replica owns: an operator's request includes them. */
function dueElsewhere({ store, accounts, ownership, clock }: RenewDeps): Camera[] {
  const now = clock.now();
  return [...store.peekAll()].filter((camera) => {
    const account = accountOf(camera) ?? '';
    return accounts.has(account) && !ownership.account(account) && decideRenewal(camera, now).action === 'renew';
  });
}

const BYPASSED: Partial<Readonly<Record<WaitReason, keyof Bypassed>>> = {
  fresh: 'notDue',
  'backing-off': 'backingOff',
  'permanent-failure': 'failedForGood',
  offline: 'offline',
};

function bypassedBy({ force }: RenewOptions, { cameras, waiting }: Chosen, now: Date): Bypassed {
  const held = force === true ? waiting.length : 0;
  const bypassed = { notDue: 0, backingOff: 0, failedForGood: 0, offline: 0, held };
  for (const camera of cameras) {
    const decision = decideRenewal(camera, now);
    const reason = decision.action === 'wait' ? BYPASSED[decision.reason] : undefined;
    if (reason !== undefined) bypassed[reason] += 1;
  }
  return bypassed;
}

/** True when the camera's candidate is good for a while yet, so that another call to the cloud would bring nothing better. */
function hasWaitingCandidate(camera: Camera, now: Date): boolean {
  const decision = decideRenewal(camera, now);
  return decision.action === 'wait' && decision.reason === 'candidate-waiting';
}

function wantsLease(camera: Camera, options: RenewOptions, now: Date): boolean {
  if (camera.lastRevision > (options.beyond?.get(camera.id) ?? Number.POSITIVE_INFINITY)) return false;
  const decision = decideRenewal(camera, now);
  if (decision.action === 'renew') return true;
  switch (decision.reason) {
    case 'disabled':
    case 'missing':
    case 'unidentified':
    case 'not-leased':
    case 'candidate-waiting':
      return false;
    case 'fresh':
      return options.force === true;
    case 'backing-off':
    case 'permanent-failure':
    case 'offline':
      return options.force === true || options.insist === true;
  }
}

function byAccount(cameras: readonly Camera[]): Map<string, Camera[]> {
  const groups = new Map<string, Camera[]>();
  for (const camera of cameras) {
    const account = accountOf(camera) ?? '';
    const group = groups.get(account);
    if (group) group.push(camera);
    else groups.set(account, [camera]);
  }
  return groups;
}

/** Counts the outcomes for a tick of the schedule, which does not wait for the media loop to prove and promote. */
async function settleAtOnce(
  deps: RenewDeps,
  asked: ReadonlyMap<CameraId, number>,
  settle: (id: CameraId, outcome: WatchedOutcome) => void,
): Promise<void> {
  for (const [id, revision] of asked) {
    const inForce = (deps.store.peek(id)?.lease?.revision ?? 0) >= revision;
    settle(id, inForce ? { kind: 'renewed' } : { kind: 'held', reason: 'prove', until: null, sentence: '' });
  }
}
