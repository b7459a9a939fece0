import type { Camera, CameraId } from '../core/camera.js';
import type { FailedCamera, RenewReport } from '../core/pass.js';
import { decideRenewal, dueAt } from '../core/renewal.js';
import type { LeaseDeps, LeaseOutcome } from './lease.js';
import { LeaseQueue, leaseMany } from './leaseMany.js';
import type { HandoverWatch, WatchedOutcome } from './handoverWatch.js';
import type { Progress } from './passes.js';

export interface RenewRequest {
  /** Absent: all cameras. */
  readonly cameraIds?: readonly CameraId[];
  /** Skips due time, back-off and hold. */
  readonly force?: boolean;
}

export interface RenewOptions extends RenewRequest {
  /** Skips back-off only: something about the cameras has changed. */
  readonly insist?: boolean;
  /** Wait for proof and promotion, within bounds. */
  readonly awaitOutcome: boolean;
}

export interface RenewDeps extends LeaseDeps {
  readonly handovers: HandoverWatch;
}

/** One pass takes so many of each account: an account that hangs must not keep the others' next pass waiting for long. */
const CAMERAS_PER_PASS = 250;

/** Cameras that an unforced renewal would ask the cloud for now, the one due longest first. */
export function dueCameras(
  deps: Pick<LeaseDeps, 'store' | 'clock' | 'states' | 'accounts' | 'queued' | 'busy'>,
): Camera[] {
  const now = deps.clock.now();
  const usable = (camera: Camera): boolean => {
    const account = camera.source.account ?? '';
    // Those of an account that is gone are taken too: they are told so once.
    return !deps.accounts.has(account) || deps.states.usable(account);
  };
  // A first lease that waits in another pass is that pass's; one that replaces a living lease must not wait behind those.
  const others = ({ id, lease }: Camera): boolean =>
    deps.busy.has(id) || (deps.queued.has(id) && (lease === null || lease.expiresAt <= now));
  const due = [...deps.store.peekAll()]
    .filter((camera) => decideRenewal(camera, now).action === 'renew' && usable(camera) && !others(camera))
    .sort((a, b) => (dueAt(a)?.getTime() ?? 0) - (dueAt(b)?.getTime() ?? 0));
  return [...byAccount(due).values()].flatMap((cameras) => cameras.slice(0, CAMERAS_PER_PASS));
}

/** Asks the cloud for new leases of what is due, or was named, and waits for what becomes of them. */
export async function runRenew(
  deps: RenewDeps,
  options: RenewOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<RenewReport> {
  const tally = { renewed: 0, held: 0, skipped: 0, failed: [] as FailedCamera[] };
  const now = deps.clock.now();
  const asked = new Map<CameraId, number>();
  const settle = (cameraId: CameraId, outcome: WatchedOutcome): void => {
    if (outcome.kind === 'renewed') tally.renewed += 1;
    else if (outcome.kind === 'held') tally.held += 1;
    else tally.failed.push({ cameraId, code: outcome.code, message: outcome.message, cure: outcome.cure });
    if (outcome.kind === 'failed') progress.failed();
    else progress.done();
  };
  const onOutcome = (cameraId: CameraId, outcome: LeaseOutcome): void => {
    if (outcome.kind === 'leased' || outcome.kind === 'candidate') {
      asked.set(cameraId, outcome.revision);
      if (outcome.kind === 'candidate' && options.force === true) deps.handovers.force(cameraId);
    } else if (outcome.kind === 'failed') settle(cameraId, outcome);
    else if (outcome.kind === 'account-refused' && options.cameraIds !== undefined)
      settle(cameraId, refusal(deps, cameraId));
    else skip(1);
  };
  const skip = (cameras: number): void => {
    tally.skipped += cameras;
    for (let one = 0; one < cameras; one++) progress.skipped();
  };

  const chosen = choose(deps, options);
  progress.grow(chosen.cameras.length + chosen.waiting.length + chosen.skipped);
  skip(chosen.skipped);
  for (const camera of chosen.waiting) {
    if (options.force === true) deps.handovers.force(camera.id);
    asked.set(camera.id, camera.candidate?.revision ?? 0);
  }
  await Promise.all(
    [...byAccount(chosen.cameras)].map(async ([account, cameras]) => {
      const queue = new LeaseQueue(deps.queued);
      queue.add(cameras.map(({ id }) => id));
      queue.close();
      const wants = (camera: Camera): boolean => wantsLease(camera, options, now);
      await leaseMany(deps, account, queue, wants, onOutcome, signal);
    }),
  );
  await (options.awaitOutcome ? deps.handovers.outcomes(asked, settle, signal) : settleAtOnce(deps, asked, settle));
  return { success: true, ...tally, pass: progress.passId };
}

/** Who names cameras is told why they were not asked for. */
function refusal({ states, store }: RenewDeps, id: CameraId): WatchedOutcome {
  const refused = states.refusal(store.peek(id)?.source.account ?? '');
  const { code, message, cure } = refused ?? UNKNOWN_REFUSAL;
  return { kind: 'failed', code, message: `The cloud refuses the account: ${message}`, cure };
}

const UNKNOWN_REFUSAL = {
  code: 'ACCOUNT_REFUSED',
  message: 'it gave no reason.',
  cure: 'GET /api/account says how the accounts are.',
};

interface Chosen {
  /** The cloud is asked for these. */
  readonly cameras: readonly Camera[];
  /** These have a new lease already; only their handover is waited for. */
  readonly waiting: readonly Camera[];
  readonly skipped: number;
}

function choose(deps: RenewDeps, options: RenewOptions): Chosen {
  const named = options.cameraIds;
  if (named === undefined && options.force !== true) return { cameras: dueCameras(deps), waiting: [], skipped: 0 };
  const now = deps.clock.now();
  const ids = named ?? [...deps.store.peekAll()].map(({ id }) => id);
  const known = [...new Set(ids)].flatMap((id) => deps.store.peek(id) ?? []);
  const waiting = named === undefined ? [] : known.filter((camera) => hasWaitingCandidate(camera, now));
  const cameras = known.filter((camera) => !waiting.includes(camera) && wantsLease(camera, options, now));
  return { cameras, waiting, skipped: new Set(ids).size - waiting.length - cameras.length };
}

/** A candidate that is good for a while yet: another call to the cloud would bring nothing better. */
function hasWaitingCandidate(camera: Camera, now: Date): boolean {
  const decision = decideRenewal(camera, now);
  return decision.action === 'wait' && decision.reason === 'candidate-waiting';
}

function wantsLease(camera: Camera, options: RenewOptions, now: Date): boolean {
  const decision = decideRenewal(camera, now);
  if (decision.action === 'renew') return true;
  switch (decision.reason) {
    case 'disabled':
    case 'missing':
    case 'unidentified':
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
    const account = camera.source.account ?? '';
    const group = groups.get(account);
    if (group) group.push(camera);
    else groups.set(account, [camera]);
  }
  return groups;
}

/** A tick of the schedule does not wait: the media loop carries the rest on. */
async function settleAtOnce(
  deps: RenewDeps,
  asked: ReadonlyMap<CameraId, number>,
  settle: (id: CameraId, outcome: WatchedOutcome) => void,
): Promise<void> {
  for (const [id, revision] of asked) {
    const inForce = (deps.store.peek(id)?.lease?.revision ?? 0) >= revision;
    settle(id, { kind: inForce ? 'renewed' : 'held' });
  }
}
