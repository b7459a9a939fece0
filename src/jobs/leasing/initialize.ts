import { setMaxListeners } from 'node:events';
import type { Camera, CameraId, Failure } from '../../core/camera/camera.js';
import { isCloudCamera, isUnidentified } from '../../core/camera/cameraSource.js';
import { AppError, type CameraError } from '../../core/errors.js';
import { liveVerdict } from '../../core/health/health.js';
import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import type { FailedAccount, FailedCamera, InitializeReport } from '../../core/passes/pass.js';
import { decideRenewal } from '../../core/renewal/renewal.js';
import type { JobsAccount } from '../run/deps.js';
import { discoverAccount, type Discovered, type DiscoveredPage, type DiscoverDeps } from './discover.js';
import type { LeaseDeps, LeaseOutcome } from './lease.js';
import { LeaseQueue, leaseMany } from './leaseMany.js';
import { isRefusedAsEncrypted } from './listedEncryption.js';
import type { Progress } from '../run/passes.js';
import type { Initialized, Requests } from '../replicas/requests.js';

export interface InitializeOptions {
  /** The operator asked: cameras that back off or failed for good are tried once more. */
  readonly insist: boolean;
  /** Only this account; absent: all. */
  readonly account?: string;
}

export interface InitializeDeps extends LeaseDeps, DiscoverDeps {
  /** Requests to the replicas that own the other accounts. */
  readonly requests: Pick<Requests, 'initialize'>;
}

/** The most left-out documents in a report: a collection that other programs use too may hold thousands of their documents. */
const MOST_LEFT_OUT = 100;

interface Tally {
  leased: number;
  readonly failed: FailedCamera[];
}

/**
 * Discovers all accounts at once and leases every online camera that has no living lease; leasing starts with the first
 * page of a listing. Throws NO_ACCOUNT, and ALL_ACCOUNTS_REFUSED when no account could be listed.
 */
export async function runInitialize(
  deps: InitializeDeps,
  options: InitializeOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<InitializeReport> {
  if (deps.accounts.size === 0) {
    throw new AppError('NO_ACCOUNT', 'No cloud account is configured.', {
      cure: 'Put the keys of a vendor into .env, where .env.example shows them, and start camlease again.',
    });
  }
  await deps.store.refresh();
  const tally: Tally = { leased: 0, failed: [] };
  const named = [...deps.accounts.keys()].filter((name) => (options.account ?? name) === name);
  const names = named.filter((name) => deps.ownership.account(name));
  // A tick of the schedule leaves the other replicas' accounts to the ticks of their owners.
  const elsewhere =
    options.insist && options.account === undefined ? named.filter((name) => !names.includes(name)) : [];
  const asking = Promise.all(elsewhere.map((name) => deps.requests.initialize(name, signal)));
  const [results, answers] = await Promise.all([
    Promise.all(
      names
        .flatMap((name) => deps.accounts.get(name) ?? [])
        .map((account) => initializeAccount(deps, options, account, tally, progress, signal)),
    ),
    asking,
  ]);
  const others = answers.filter((answer) => answer !== null);
  for (const { leased, failed } of others) {
    progress.grow(leased + failed.length);
    for (let one = 0; one < leased; one++) progress.done();
    for (let one = 0; one < failed.length; one++) progress.failed();
    tally.leased += leased;
    tally.failed.push(...failed);
  }
  if (options.account === undefined) reportLeftOut(deps.store.leftOut(), tally, progress);
  const failedHere = results.flatMap(({ error, refusal }, index): FailedAccount[] => {
    const why = error ?? refusal;
    return why ? [{ account: names[index] ?? '', code: why.code, message: why.message, cure: why.cure }] : [];
  });
  const failedAccounts = [...failedHere, ...others.flatMap((other) => other.failedAccounts)];
  const counts = [...results.map((result) => ({ ...result, discovered: result.listed })), ...others];
  const areAllRefused = named.length > 0 && failedAccounts.length === named.length;
  // For one account, return its failure in the report: the replica that asked decides whether all accounts were refused.
  if (options.account === undefined && areAllRefused && counts.every(({ discovered }) => discovered === 0))
    throw allRefused(failedAccounts);
  const sum = (name: keyof Counts): number => counts.reduce((total, each) => total + each[name], 0);
  return {
    success: true,
    discovered: sum('discovered'),
    created: sum('created'),
    updated: sum('updated'),
    missing: sum('missing'),
    leased: tally.leased,
    failed: tally.failed,
    failedAccounts,
    notes: [
      ...results.flatMap(({ notes }, index) => notes.map((note) => ({ account: names[index] ?? '', ...note }))),
      ...others.flatMap((other) => other.notes),
    ],
    pass: progress.passId,
  };
}

type Counts = Pick<Initialized, 'discovered' | 'created' | 'updated' | 'missing'>;

interface AccountResult extends Discovered {
  /**
   * Why leasing stopped: the cloud refused the account while it was asked for the account's cameras. Later renewals lease
   * the other cameras. null: leasing did not stop.
   */
  readonly refusal: Failure | null;
}

async function initializeAccount(
  deps: LeaseDeps & DiscoverDeps,
  options: InitializeOptions,
  account: JobsAccount,
  tally: Tally,
  progress: Progress,
  signal: AbortSignal,
): Promise<AccountResult> {
  const name = account.cloud.account;
  const queue = new LeaseQueue(deps.queued);
  const changed = new Set<CameraId>();
  const encrypted = new Set<CameraId>();
  const decrypted = new Set<CameraId>();
  const wants = (camera: Camera): boolean =>
    wantsFirstLease(camera, options.insist || changed.has(camera.id), deps.clock.now()) ||
    (decrypted.has(camera.id) &&
      isRefusedAsEncrypted(account.cloud, camera) &&
      camera.status === 'active' &&
      camera.enabled);
  // Only for a camera that never had a lease, or that the cloud refused as encrypted before. For any other camera the cloud
  // is asked: if the listing is wrong, the cloud's own answer keeps the camera on air.
  const predicted = (camera: Camera): CameraError | null =>
    encrypted.has(camera.id) && (camera.lastRevision === 0 || isRefusedAsEncrypted(account.cloud, camera))
      ? account.cloud.words.encryptedError()
      : null;
  // Stops the listing when leasing fails, and leasing when the listing fails.
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  setMaxListeners(0, both);
  const guard = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (thrown) {
      stop.abort(thrown);
      throw thrown;
    }
  };
  const onPage = (page: DiscoveredPage): void => {
    for (const id of page.changed) changed.add(id);
    for (const id of page.encrypted) encrypted.add(id);
    for (const id of page.decrypted) decrypted.add(id);
    for (const failed of page.refused) reportFailed(failed, tally, progress);
    const cameras = page.cameraIds.flatMap((id) => deps.store.peek(id) ?? []);
    for (const camera of cameras) if (camera.status === 'offline') reportOffline(deps, camera, tally, progress);
    progress.grow(queue.add(cameras.filter(wants).map(({ id }) => id)));
  };
  let refusal: Failure | null = null;
  const onOutcome = (id: CameraId, outcome: LeaseOutcome): void => {
    // Read the refusal now: the next page of the listing may make the account usable again.
    if (outcome.kind === 'account-refused') refusal ??= deps.states.refusal(name);
    count(tally, progress, id, outcome);
  };
  const leasing = guard(leaseMany({ ...deps, predicted }, name, queue, wants, onOutcome, both));
  const listing = guard(discoverAccount(deps, account, onPage, both)).finally(() => queue.close());
  const [discovered] = await Promise.all([listing, leasing]);
  return { ...discovered, refusal };
}

/** True for a camera that is online, switched on and has no living lease. */
function wantsFirstLease(camera: Camera, insist: boolean, now: Date): boolean {
  if (camera.status !== 'active' || !camera.enabled) return false;
  if (!isCloudCamera(camera) || isUnidentified(camera)) return false;
  const lease = camera.lease ?? camera.candidate;
  // The account is configured again: it has just been listed.
  const unknownBefore = camera.failure?.code === 'ACCOUNT_UNKNOWN';
  if ((insist || unknownBefore) && (lease === null || lease.expiresAt <= now)) return true;
  return decideRenewal(camera, now).action === 'renew';
}

/** The cloud is not asked for an offline camera. Reports it as failed, unless an old lease still keeps it on air. */
function reportOffline(deps: DiscoverDeps, camera: Camera, tally: Tally, progress: Progress): void {
  const verdict = liveVerdict(camera, deps.clock.now());
  if (verdict.live || !camera.enabled) return;
  const { reason: code, message, cure } = verdict;
  reportFailed({ cameraId: camera.id, code, message, cure }, tally, progress);
}

function reportFailed(failed: FailedCamera, tally: Tally, progress: Progress): void {
  progress.grow(1);
  progress.failed();
  tally.failed.push(failed);
}

/**
 * Reports documents that cannot be served until the operator corrects them. When there are too many, the message of the
 * last one names where to find the rest.
 */
function reportLeftOut(documents: readonly LeftOutDocument[], tally: Tally, progress: Progress): void {
  progress.grow(documents.length);
  for (let one = 0; one < documents.length; one++) progress.failed();
  const named = documents.slice(0, MOST_LEFT_OUT);
  const more = documents.length - named.length;
  const rest = more > 0 ? ` ${more} more documents are left out, too; GET /api/camera names them all.` : '';
  for (const [index, { id, message, cure }] of named.entries()) {
    tally.failed.push({
      cameraId: id,
      code: 'DOCUMENT_LEFT_OUT',
      message: `The camera's document is left out: ${message}.${index === named.length - 1 ? rest : ''}`,
      cure,
    });
  }
}

function count(tally: Tally, progress: Progress, cameraId: CameraId, outcome: LeaseOutcome): void {
  switch (outcome.kind) {
    case 'leased':
    case 'candidate':
      tally.leased += 1;
      progress.done();
      break;
    case 'failed':
      tally.failed.push({ cameraId, code: outcome.code, message: outcome.message, cure: outcome.cure });
      progress.failed();
      break;
    case 'account-refused':
    case 'skipped':
      progress.skipped();
      break;
  }
}

function allRefused(accounts: readonly FailedAccount[]): AppError {
  const reasons = accounts.map(({ account, message }) => `${account}: ${message}`).join(' ');
  const cures = [...new Set(accounts.map(({ cure }) => cure))].join(' ');
  return new AppError('ALL_ACCOUNTS_REFUSED', `No account could be listed. ${reasons}`, { cure: cures });
}
