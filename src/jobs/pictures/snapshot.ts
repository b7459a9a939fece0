import { ownError } from '../../cloud/replies/errorTable.js';
import type { Camera, CameraId } from '../../core/camera/camera.js';
import { orAborted } from '../../core/async/orAborted.js';
import { accountOf, isUrlCamera } from '../../core/camera/cameraSource.js';
import { AppError, CameraError, messageOf } from '../../core/errors.js';
import { liveVerdict } from '../../core/health/health.js';
import type { FailedCamera, SnapshotReport } from '../../core/passes/pass.js';
import { leaseTarget } from '../../core/streams/pullTarget.js';
import type { AccountStates } from '../accounts/accountStates.js';
import { addressOf } from '../leasing/lease.js';
import type { JobsAccount, JobsDeps } from '../run/deps.js';
import type { Ownership } from '../run/ownership.js';
import type { Progress } from '../run/passes.js';
import type { CaptureRefusals } from './captureRefusals.js';

const LARGEST_PICTURE_BYTES = 60 * 1024;
/** Captures of one account at once; the account's call queue sends them when no other call waits. */
const WORKERS = 2;
/**
 * A picture is kept while it is younger than this part of the period. Less than 1, because the tick before may have taken
 * it late: a pass over many cameras takes its time.
 */
const FRESH_SHARE = 0.9;

export interface SnapshotDeps extends Pick<
  JobsDeps,
  'clock' | 'log' | 'store' | 'pictures' | 'accounts' | 'shrink' | 'engine'
> {
  readonly states: AccountStates;
  readonly refusals: CaptureRefusals;
  readonly ownership: Ownership;
  readonly periodMs: number;
  /** Opens a camera with an address of its own, which makes its picture; null: it opened. Absent: nothing does. */
  readonly openSource?: (id: CameraId) => Promise<CameraError | null>;
}

/** How the notice begins on a camera whose pictures the cloud refuses for good. */
const NO_PICTURES = 'No still picture can be taken: ';

type Outcome = 'taken' | 'reused' | 'skipped' | FailedCamera;

/**
 * Takes a picture of every camera with a living lease; one that is young enough is kept. A camera that is pulled all the
 * time is captured from that pull, which also renews its slate; of the others the cloud takes a picture. A camera with an address of its own is
 * opened for one.
 */
export async function runSnapshot(
  deps: SnapshotDeps,
  progress: Progress,
  signal: AbortSignal,
): Promise<SnapshotReport> {
  const now = deps.clock.now();
  const tally = { taken: 0, reused: 0, skipped: 0, failed: [] as FailedCamera[] };
  const count = (outcome: Outcome): void => {
    if (typeof outcome === 'object') {
      tally.failed.push(outcome);
      progress.failed();
      return;
    }
    tally[outcome] += 1;
    if (outcome === 'skipped') progress.skipped();
    else progress.done();
  };
  const cameras = [...deps.store.peekAll()].filter((camera) => liveVerdict(camera, now).live);
  progress.grow(cameras.length);
  const accounts = [...deps.accounts.values()].filter(({ cloud }) => deps.ownership.account(cloud.account));
  const known = new Set(accounts.map(({ cloud }) => cloud.account));
  const flowing = deps.ownership.engine() ? await flowingNow(deps, signal) : new Set<CameraId>();
  for (const camera of cameras) if (!isUrlCamera(camera) && !known.has(accountOf(camera) ?? '')) count('skipped');
  const opened = cameras.filter(isUrlCamera).map(async ({ id }) => count(await pictureOfSource(deps, id, signal)));
  await Promise.all(
    accounts.map(async (account) => {
      const waiting = cameras.filter((camera) => accountOf(camera) === account.cloud.account);
      const work = async (): Promise<void> => {
        for (let camera = waiting.shift(); camera; camera = waiting.shift()) {
          signal.throwIfAborted();
          const wasTaken = flowing.has(camera.id) && (await pictureFromStream(deps, camera, signal));
          count(wasTaken ? 'taken' : await onePicture(deps, account, camera, signal));
        }
      };
      await Promise.all(Array.from({ length: WORKERS }, work));
    }),
  );
  await Promise.all(opened);
  return { success: true, ...tally, pass: progress.passId };
}

/** A picture of a camera with an address of its own, which its opening makes; the openings take turns. */
async function pictureOfSource(deps: SnapshotDeps, id: CameraId, signal: AbortSignal): Promise<Outcome> {
  const { openSource, ownership } = deps;
  if (await isFresh(deps, id)) return 'reused';
  if (openSource === undefined || !ownership.engine()) return 'skipped';
  try {
    const error = await orAborted(openSource(id), signal);
    if (error === null) return 'taken';
    return { cameraId: id, code: error.code, message: error.message, cure: error.cure };
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof AppError)) throw thrown;
    return { cameraId: id, code: thrown.code, message: thrown.message, cure: thrown.cure ?? '' };
  }
}

async function isFresh({ pictures, clock, periodMs }: SnapshotDeps, id: CameraId): Promise<boolean> {
  const stored = await pictures.getPicture(id);
  return stored !== null && clock.now().getTime() - stored.takenAt.getTime() < periodMs * FRESH_SHARE;
}

/** Cameras that the relay or a feeder carries, and whose pictures come. */
async function flowingNow({ engine, log }: SnapshotDeps, signal: AbortSignal): Promise<ReadonlySet<CameraId>> {
  try {
    const states = await engine.states(signal);
    return new Set([...states].filter(([, { flow, carrier }]) => flow === 'flowing' && carrier).map(([id]) => id));
  } catch (thrown) {
    signal.throwIfAborted();
    log.debug(`camlease could not read which cameras are being pulled: ${messageOf(thrown)}`);
    return new Set();
  }
}

/** True: a picture was taken from the pull that is open anyway. */
async function pictureFromStream(deps: SnapshotDeps, camera: Camera, signal: AbortSignal): Promise<boolean> {
  if (camera.lease === null) return false;
  try {
    const { picture } = await deps.engine.prove(camera.id, leaseTarget(camera.lease), signal);
    if (picture === null) return false;
    await deps.pictures.savePicture(camera.id, { jpeg: picture, takenAt: deps.clock.now() });
    return true;
  } catch (thrown) {
    signal.throwIfAborted();
    deps.log.debug(`No still picture could be taken from the running stream: ${messageOf(thrown)}`, {
      camera: camera.id,
    });
    return false;
  }
}

async function onePicture(
  deps: SnapshotDeps,
  { cloud }: JobsAccount,
  camera: Camera,
  signal: AbortSignal,
): Promise<Outcome> {
  const { pictures, clock, refusals } = deps;
  if (await isFresh(deps, camera.id)) return 'reused';
  if (!deps.states.usable(cloud.account)) return 'skipped';
  const refused = refusals.of(camera.id);
  if (refused !== null) return refused;
  try {
    const captured = await cloud.capture(addressOf(camera), signal);
    deps.states.succeeded(cloud.account);
    const jpeg = await smallEnough(deps, captured);
    await pictures.savePicture(camera.id, { jpeg, takenAt: clock.now() });
    refusals.clear(camera.id);
    if (camera.notice?.startsWith(NO_PICTURES) === true) await remark(deps, camera, null);
    return 'taken';
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'CLAIM_LOST') return 'skipped';
    if (!(thrown instanceof CameraError)) throw thrown;
    // A quota on captures does not affect leases: the account counts as refused only for other account-wide errors.
    if (thrown.accountWide && thrown.failureClass !== 'quota') deps.states.refuse(cloud.account, thrown);
    // An account-wide error says nothing about this camera, so its next capture is not put off.
    if (thrown.accountWide)
      return { cameraId: camera.id, code: thrown.code, message: thrown.message, cure: thrown.cure };
    const failure = refusals.add(camera.id, thrown, deps.periodMs * FRESH_SHARE);
    if (thrown.failureClass === 'permanent')
      await remark(deps, camera, `${NO_PICTURES}${thrown.message} ${thrown.cure}`);
    return failure;
  }
}

/** Sets the camera's notice, unless it has another one. */
async function remark({ store, clock }: SnapshotDeps, { id }: Camera, notice: string | null): Promise<void> {
  const now = store.peek(id)?.notice ?? null;
  if (now === notice || (now !== null && !now.startsWith(NO_PICTURES))) return;
  await store.update(id, { notice }, clock.now());
}

/** Throws CLOUD_PICTURE_UNREADABLE, and CLOUD_PICTURE_TOO_LARGE when this process cannot make it small. */
async function smallEnough({ shrink }: SnapshotDeps, jpeg: Buffer): Promise<Buffer> {
  const small = await (shrink?.(jpeg) ?? Promise.resolve(jpeg)).catch((thrown: unknown) => {
    throw ownError('CLOUD_PICTURE_UNREADABLE', { cause: thrown });
  });
  if (small.length > LARGEST_PICTURE_BYTES) throw ownError('CLOUD_PICTURE_TOO_LARGE');
  return small;
}
