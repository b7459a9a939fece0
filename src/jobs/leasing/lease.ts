import { utcTime } from '../../core/zonedTime.js';
import { nextFailure } from '../../core/renewal/backoff.js';
import { DELETE_BY_API } from '../../core/byApi.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { accountOf, isCloudCamera } from '../../core/camera/cameraSource.js';
import { AppError, CameraError, messageOf } from '../../core/errors.js';
import type { Lease } from '../../core/camera/lease.js';
import type { SkipReason } from '../../core/passes/pass.js';
import { wantedQuality } from '../../core/handover/proof.js';
import { decideRenewal } from '../../core/renewal/renewal.js';
import type { StreamAddress } from '../../cloud/cloudApi.js';
import { isDocumentRefused } from '../../store/refusals.js';
import { isStoreAway } from '../../store/storeAway.js';
import type { AccountStates } from '../accounts/accountStates.js';
import type { StoreAwayRenewal, RenewalRight } from './storeAwayRenewal.js';
import type { JobsAccount, JobsDeps } from '../run/deps.js';
import type { DueLoad } from './dueLoad.js';
import type { LeaseLog } from '../run/leaseLog.js';
import type { Ownership } from '../run/ownership.js';

/** The longest pause of an account that a pass waits out. */
const SHORT_WAIT_MS = 90_000;

export type LeaseDeps = Pick<
  JobsDeps,
  'clock' | 'random' | 'log' | 'owner' | 'store' | 'accounts' | 'lifetimeSeconds'
> & {
  readonly states: AccountStates;
  readonly away: StoreAwayRenewal;
  readonly ownership: Ownership;
  readonly dueLoad: DueLoad;
  /**
   * Cameras that a pass of this process is asking for now: a claim keeps other processes away, but not another pass of
   * this one.
   */
  readonly busy: Set<CameraId>;
  /** Cameras that wait for their turn in a pass. */
  readonly queued: Set<CameraId>;
  readonly leaseLog: LeaseLog;
  /** The error that the cloud would answer, as its latest listing shows; absent or null: ask the cloud. */
  readonly predicted?: (camera: Camera) => CameraError | null;
};

/** The vendor limits calls for a moment: the account's call queue waits until that is over, then the camera may be tried again. */
export interface AccountBusy {
  readonly kind: 'account-busy';
}

/**
 * The outcome for one camera. `leased`: the new lease is in force at once, because the camera had no living lease. `candidate`: it waits
 * for the media loop. `account-refused`: the cloud refuses the account, which says nothing about the camera. `skipped`:
 * the cloud was not asked for the camera; `why` is the reason.
 */
export type LeaseOutcome =
  | { readonly kind: 'leased'; readonly revision: number }
  | { readonly kind: 'candidate'; readonly revision: number }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly cure: string }
  | { readonly kind: 'account-refused' }
  | { readonly kind: 'skipped'; readonly why: SkipReason };

const LEFT_TO_OTHERS: LeaseOutcome = { kind: 'skipped', why: 'another-pass' };
const DELETED: LeaseOutcome = { kind: 'skipped', why: 'deleted' };

/**
 * Claims one camera, asks the cloud for a URL and stores it (or writes it to the journal) before anything else happens.
 * `wants` is called with the camera as the claim returned it. Throws the signal's reason when aborted, and `AppError` when
 * the store is away; gives the claim back.
 */
export async function leaseCamera(
  deps: LeaseDeps,
  id: CameraId,
  wants: (camera: Camera) => boolean,
  signal: AbortSignal,
): Promise<LeaseOutcome | AccountBusy> {
  if (deps.busy.has(id) || !isOurs(deps, id)) return LEFT_TO_OTHERS;
  deps.busy.add(id);
  try {
    const right = await deps.away.rightTo(id);
    if (!right) return deps.store.peek(id) ? LEFT_TO_OTHERS : DELETED;
    if (signal.aborted || !wants(right.camera)) {
      if (right.claim) await deps.store.release([right.claim]);
      signal.throwIfAborted();
      const decision = decideRenewal(right.camera, deps.clock.now());
      return decision.action === 'wait' ? { kind: 'skipped', why: decision.reason } : LEFT_TO_OTHERS;
    }
    return await useRight(deps, right, signal);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'CLAIM_LOST') return LEFT_TO_OTHERS;
    if (isDocumentRefused(thrown)) return refusedByStore(thrown);
    throw thrown;
  } finally {
    deps.busy.delete(id);
  }
}

/** Nothing was changed; the store has logged the refusal. */
function refusedByStore({ code, message, cure = '' }: AppError): Extract<LeaseOutcome, { kind: 'failed' }> {
  return { kind: 'failed', code, message, cure };
}

/**
 * True also for an account that is not configured: no replica owns it, and the first replica that tries its cameras stores
 * their failure.
 */
function isOurs({ store, accounts, ownership }: LeaseDeps, id: CameraId): boolean {
  const account = accountOf(store.peek(id)) ?? '';
  return !accounts.has(account) || ownership.account(account);
}

async function useRight(
  deps: LeaseDeps,
  right: RenewalRight,
  signal: AbortSignal,
): Promise<LeaseOutcome | AccountBusy> {
  const account = deps.accounts.get(accountOf(right.camera) ?? '');
  if (!account) return fail(deps, right, accountUnknown(right.camera));
  const predicted = deps.predicted?.(right.camera) ?? null;
  if (predicted !== null) return fail(deps, right, predicted);
  try {
    // If the account changes hands during the call, the claim's fence rejects our write: the new owner claims the camera
    // before it asks.
    const lease = await askCloud(deps, account, right.camera, signal);
    deps.states.succeeded(account.cloud.account);
    return await save(deps, right, lease);
  } catch (thrown) {
    // The URL is lost. Store a failure, so that back-off applies and the next tick does not ask for another URL.
    if (isDocumentRefused(thrown)) {
      const { code, message, cure } = refusedByStore(thrown);
      return await fail(deps, right, new CameraError(code, 'retry', message, { cure }));
    }
    if (thrown instanceof CameraError && !thrown.accountWide) {
      // The cloud accepted the account, and refused this camera.
      if (thrown.failureClass === 'permanent' || thrown.failureClass === 'camera-state')
        deps.states.succeeded(account.cloud.account);
      else deps.states.failedOnTheWay(account.cloud.account, thrown);
      return fail(deps, right, thrown);
    }
    if (right.claim) await deps.store.release([right.claim]).catch(() => undefined);
    if (!(thrown instanceof CameraError)) throw thrown;
    const name = account.cloud.account;
    if (!deps.states.isRefused(name)) {
      deps.log.warn(`Account ${name}: ${thrown.message}`, { account: name, code: thrown.code });
    }
    deps.states.refuse(name, thrown);
    const passes = thrown.failureClass === 'retry' && (thrown.retryAfterMs ?? 0) <= SHORT_WAIT_MS;
    return { kind: passes ? 'account-busy' : 'account-refused' };
  }
}

async function askCloud(deps: LeaseDeps, account: JobsAccount, camera: Camera, signal: AbortSignal): Promise<Lease> {
  const quality = wantedQuality(camera);
  const wanted = { quality, lifetimeSeconds: deps.lifetimeSeconds };
  const opened = await account.cloud.openStream(addressOf(camera), wanted, signal);
  const obtainedAt = deps.clock.now();
  if (opened.expiresAt <= obtainedAt) {
    throw new CameraError('LEASE_DEAD', 'retry', 'The cloud handed out a live URL that has already expired.', {
      cure: "Compare this machine's clock with the real time.",
    });
  }
  const renewAt = deps.dueLoad.chooseRenewAt(camera, { obtainedAt, expiresAt: opened.expiresAt });
  const revision = camera.lastRevision + 1;
  return { ...opened, revision, quality, obtainedAt, renewAt, proof: 'pending', provenAt: null, tracks: null };
}

/**
 * Stores the lease. Each URL has cost a call of the account, so a lease that the store does not take goes to the journal at
 * once, before a crash could lose it.
 */
async function save(deps: LeaseDeps, { camera, claim }: RenewalRight, lease: Lease): Promise<LeaseOutcome> {
  const { store, clock, away } = deps;
  const now = clock.now();
  const old = camera.lease;
  const as = old === null || old.expiresAt <= now ? 'lease' : 'candidate';
  let saved: Camera | null = null;
  try {
    if (claim !== null)
      saved = await (as === 'lease' ? store.saveLease : store.saveCandidate).call(store, claim, lease, now);
  } catch (thrown) {
    if (!isStoreAway(thrown)) throw thrown;
  }
  saved ??= away.hold(camera.id, as, lease);
  if (saved === null) return DELETED;
  return recordSaved(deps, camera, as, { ...lease, revision: saved.lastRevision }, now);
}

function recordSaved(
  deps: LeaseDeps,
  camera: Camera,
  as: 'lease' | 'candidate',
  lease: Lease,
  now: Date,
): LeaseOutcome {
  const { revision } = lease;
  recordObtained(deps, camera, lease, revision, now);
  if (as === 'candidate') return { kind: 'candidate', revision };
  const message = `Lease ${revision} is in force at once, because the camera had no valid lease.`;
  const reason = camera.lease === null ? 'no-lease' : 'expired';
  deps.leaseLog.record({ cameraId: camera.id, step: 'promoted', revision, reason, message });
  return { kind: 'leased', revision };
}

function recordObtained(deps: LeaseDeps, camera: Camera, lease: Lease, revision: number, now: Date): void {
  const decision = decideRenewal(camera, now);
  // A renewal that a person asked for may come before the lease is due.
  const reason = decision.action === 'renew' ? decision.reason : 'asked';
  const message = `The cloud gave lease ${revision}, good until ${utcTime(lease.expiresAt)}.`;
  deps.leaseLog.record({ cameraId: camera.id, step: 'obtained', revision, reason, message });
}

async function fail(deps: LeaseDeps, right: RenewalRight, error: CameraError): Promise<LeaseOutcome> {
  const { camera, claim } = right;
  const now = deps.clock.now();
  const lifeMs = deps.lifetimeSeconds * 1000;
  const failure = nextFailure(camera.failure, error, camera, deps.random, now, lifeMs);
  try {
    if (claim === null) deps.away.fail(camera.id, failure);
    else await deps.store.saveFailure(claim, failure, now);
  } catch (thrown) {
    if (!isStoreAway(thrown)) throw thrown;
    deps.away.fail(camera.id, failure);
  }
  const step = { cameraId: camera.id, step: 'failed', revision: null, reason: error.code } as const;
  deps.leaseLog.record({ ...step, message: error.message, at: now });
  deps.log.warn(`No lease for camera ${camera.id}: ${messageOf(error)}`, { camera: camera.id, code: error.code });
  return { kind: 'failed', code: error.code, message: error.message, cure: error.cure };
}

function accountUnknown(camera: Camera): CameraError {
  const name = accountOf(camera);
  return new CameraError('ACCOUNT_UNKNOWN', 'permanent', `The camera's account "${name ?? ''}" is not configured.`, {
    cure: `Configure the account again, or delete the camera (${DELETE_BY_API}).`,
  });
}

/** The camera's address in its cloud. */
export function addressOf(camera: Camera): StreamAddress {
  if (!isCloudCamera(camera)) throw new AppError('INTERNAL', 'A camera with an address of its own is in no cloud.');
  const { deviceSerial, resourceId, channel } = camera.source;
  return { deviceSerial, resourceId, channel: channel ?? 1 };
}
