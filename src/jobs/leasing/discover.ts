import { accountNotes, type AccountNote, type OddRecord } from '../../core/passes/accountNotes.js';
import type { CameraId } from '../../core/camera/camera.js';
import { accountOf, isCloudCamera } from '../../core/camera/cameraSource.js';
import { AppError, CameraError } from '../../core/errors.js';
import type { FailedCamera } from '../../core/passes/pass.js';
import { planDiscovery, type Listed } from '../../core/discovery/planDiscovery.js';
import type { JobsAccount, JobsDeps } from '../run/deps.js';
import { EncryptionReader, type ListedEncryption } from './listedEncryption.js';
import type { AccountNotes } from '../accounts/accountNotes.js';
import type { AccountStates } from '../accounts/accountStates.js';

export interface DiscoverDeps extends Pick<JobsDeps, 'clock' | 'log' | 'store'> {
  readonly states: AccountStates;
  readonly notes: AccountNotes;
  /** Each camera's name in the latest listing; kept by this job while the process runs. */
  readonly formerNames: Map<CameraId, string>;
  /** Cameras whose stream encryption is on according to the latest listing; kept by this job while the process runs. */
  readonly listedEncrypted: Set<CameraId>;
}

export interface Discovered {
  readonly listed: number;
  readonly created: number;
  readonly updated: number;
  readonly missing: number;
  /** What is strange about a complete listing; empty: nothing, or the listing failed. */
  readonly notes: readonly AccountNote[];
  /** Why the listing failed; null: it is complete. The pages before the failure count, and no camera is called missing. */
  readonly error: CameraError | null;
}

/** One page of a listing, after it was stored. */
export interface DiscoveredPage extends ListedEncryption {
  readonly cameraIds: readonly CameraId[];
  /** Cameras that are new or have changed, so that a stored failure says nothing about them any more. */
  readonly changed: ReadonlySet<CameraId>;
  /** Cameras that the database refused; each once in a listing. */
  readonly refused: readonly FailedCamera[];
}

/**
 * Lists one account's cameras and stores each page; `onPage` is called once a page is stored. A vendor's error is returned
 * as `error`. Throws only when aborted or when the store is away.
 */
export async function discoverAccount(
  deps: DiscoverDeps,
  { cloud }: JobsAccount,
  onPage: (page: DiscoveredPage) => void,
  signal: AbortSignal,
): Promise<Discovered> {
  const tombstones = await deps.store.tombstones();
  const listed: Listed[] = [];
  const odd: OddRecord[] = [];
  let short: { readonly promised: number | null } | null = null;
  const counts = { created: 0, updated: 0, missing: 0 };
  const refusedIds = new Set<CameraId>();
  const encryption = new EncryptionReader(deps.store, cloud);
  const savePlan = async (
    part: readonly Listed[],
    complete: boolean,
  ): Promise<Pick<DiscoveredPage, 'changed' | 'refused'>> => {
    const { account, vendor } = cloud;
    const existing = [...deps.store.peekAll()];
    const { formerNames } = deps;
    const leftOut = deps.store.leftOut();
    const plan = planDiscovery({ account, vendor, existing, tombstones, leftOut, listed: part, complete, formerNames });
    if (plan.create.length + plan.update.length + plan.missing.length === 0) return { changed: new Set(), refused: [] };
    const saved = await deps.store.saveDiscovered(plan, deps.clock.now());
    counts.created += saved.created.length;
    counts.updated += saved.updated.length;
    counts.missing += saved.missing.length;
    const refused = saved.refused.filter(({ cameraId }) => !refusedIds.has(cameraId));
    for (const { cameraId } of refused) refusedIds.add(cameraId);
    return { changed: new Set([...saved.created, ...saved.updated]), refused };
  };
  try {
    for await (const page of cloud.listCameras(signal)) {
      deps.states.succeeded(cloud.account);
      listed.push(...page.cameras);
      odd.push(...page.odd);
      short = page.short ?? short;
      await encryption.ask(page.cameras, signal);
      const saved = await savePlan(page.cameras, false);
      const cameraIds = rememberNames(deps, cloud, page.cameras);
      const changes = encryption.read(page.cameras);
      for (const id of cameraIds) {
        if (changes.encrypted.has(id)) deps.listedEncrypted.add(id);
        else deps.listedEncrypted.delete(id);
      }
      onPage({ cameraIds, ...saved, ...changes });
    }
    // Cameras are marked missing only after a complete listing: a camera whose record could not be read, or that the cloud
    // left out, is not gone.
    const spared = listed.length > 0 || wasEmptyBefore(deps, cloud.account) ? 0 : listedNow(deps, cloud.account);
    const { refused } = await savePlan(listed, odd.length === 0 && short === null && spared === 0);
    if (refused.length > 0) onPage({ cameraIds: [], changed: new Set(), refused, ...encryption.read([]) });
    const cameras = new Set(listed.map(keyOf)).size;
    const notes = accountNotes({ emptyListingCure: cloud.words.emptyListingCure, cameras, odd, short, spared });
    deps.notes.keep(cloud.account, notes);
    return { listed: cameras, ...counts, notes, error: null };
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === 'CLAIM_LOST')
      return { listed: listed.length, ...counts, notes: [], error: lostAccount(thrown) };
    if (!(thrown instanceof CameraError)) throw thrown;
    if (thrown.accountWide) deps.states.refuse(cloud.account, thrown);
    else {
      deps.states.failedOnTheWay(cloud.account, thrown);
      deps.notes.failed(cloud.account, thrown);
    }
    const { account } = cloud;
    deps.log.warn(`The listing of account ${account} failed: ${thrown.message}`, { account, code: thrown.code });
    return { listed: listed.length, ...counts, notes: [], error: thrown };
  }
}

/**
 * True when the previous listing was empty too. Clouds give empty answers for a moment, and a single empty answer would take
 * every camera off the air: so only the second in a row counts.
 */
function wasEmptyBefore({ notes }: DiscoverDeps, account: string): boolean {
  return notes.of(account).some(({ code }) => code === 'LISTING_EMPTY');
}

/** How many cameras of the account are not missing. */
function listedNow({ store }: DiscoverDeps, account: string): number {
  return [...store.peekAll()].filter((camera) => accountOf(camera) === account && camera.status !== 'missing').length;
}

const keyOf = ({ deviceSerial, channel }: Listed): string => `${deviceSerial}/${channel}`;

function rememberNames(deps: DiscoverDeps, cloud: JobsAccount['cloud'], page: readonly Listed[]): CameraId[] {
  const names = new Map(page.map((listed) => [keyOf(listed), listed.name]));
  const ids: CameraId[] = [];
  for (const camera of deps.store.peekAll()) {
    if (!isCloudCamera(camera) || camera.source.account !== cloud.account) continue;
    const { id, source } = camera;
    const name = names.get(`${source.deviceSerial}/${source.channel}`);
    if (name === undefined) continue;
    ids.push(id);
    deps.formerNames.set(id, name);
  }
  return ids;
}

/** The account's new owner lists it at its own next tick. */
function lostAccount({ code, message, cure }: AppError): CameraError {
  return new CameraError(code, 'retry', message, { cure: cure ?? 'Ask again.' });
}
