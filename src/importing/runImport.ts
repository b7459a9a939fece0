import type { Clock, Random } from '../core/clock.js';
import { AppError } from '../core/errors.js';
import type { AdoptionContext } from '../store/adoption.js';
import type { RawDocument } from '../store/cameraRecord.js';
import type { CameraStore } from '../store/cameraStore.js';
import type { ImportPlan, PlannedCamera } from './importPlan.js';
import { planImport } from './importPlan.js';
import type { CameraOutcome } from './importReport.js';
import { cameraLines, leftOutLine, summaryLines } from './importReport.js';
import { readOldPaths } from './oldMediamtx.js';

export interface ImportParts {
  /** null: there is none. */
  readonly mediamtxText: string | null;
  /** Documents of the old collection; empty when there is none. */
  readonly documents: readonly RawDocument[];
  /** camlease's own store, already open; null: a dry run. */
  readonly store: CameraStore | null;
  /** The old collection is camlease's own: its documents were adopted when the store was opened. */
  readonly isInPlace: boolean;
  readonly extraHosts: readonly string[];
  readonly hlsBaseUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly print: (line: string) => void;
}

const OWNER = 'import';

/** Takes the cameras over and says of each what became of it. */
export async function runImport(parts: ImportParts): Promise<void> {
  const { clock, random, extraHosts, print, hlsBaseUrl } = parts;
  const now = clock.now();
  const context: AdoptionContext = { extraHosts, random, now };
  const living = parts.documents.filter(({ fields }) => !fields['deletedAt']);
  const paths = parts.mediamtxText === null ? [] : readOldPaths(parts.mediamtxText);
  const plan: ImportPlan = planImport(living, paths, context);
  const managed = new Set(living.filter(({ fields }) => typeof fields['version'] === 'number').map(({ id }) => id));

  const counts = { taken: 0, planned: 0, there: 0 };
  for (const planned of plan.cameras) {
    const isKnown = parts.isInPlace && managed.has(planned.camera.id);
    const outcome = await take(planned, isKnown, parts, now);
    counts[outcome.outcome]++;
    for (const line of cameraLines(planned, outcome, hlsBaseUrl, now)) print(line);
  }
  for (const leftOut of plan.leftOut) print(leftOutLine(leftOut));
  for (const line of summaryLines(counts, plan.leftOut.length)) print(line);
}

async function take(planned: PlannedCamera, isKnown: boolean, parts: ImportParts, now: Date): Promise<CameraOutcome> {
  const { camera } = planned;
  const { store } = parts;
  if (store === null) return { outcome: isKnown ? 'there' : 'planned', id: camera.id === '' ? '(new)' : camera.id };
  if (parts.isInPlace && planned.from === 'document') {
    if (planned.isLeaseFromPath) await putInForce(store, planned, now);
    return { outcome: isKnown ? 'there' : 'taken', id: camera.id };
  }
  const { id, lease, ...fields } = camera;
  try {
    const created = await store.create({ ...fields, ...(id !== '' && { id }), ...(lease && { lease }) }, now);
    return { outcome: 'taken', id: created.id };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CAMERA_EXISTS') throw error;
    return { outcome: 'there', id: await idInStore(store, planned) };
  }
}

/** Whatever another process renews at this moment is newer anyway, so a claim that is not given is no loss. */
async function putInForce(store: CameraStore, { camera }: PlannedCamera, now: Date): Promise<void> {
  if (camera.lease === null) return;
  const stored = await store.get(camera.id);
  if (stored === null || (stored.lease && stored.lease.expiresAt >= camera.lease.expiresAt)) return;
  const [claim] = await store.claim(OWNER, [camera.id]);
  if (claim) await store.saveLease(claim, camera.lease, now);
}

async function idInStore(store: CameraStore, { camera }: PlannedCamera): Promise<string> {
  const { deviceSerial, channel } = camera.source;
  const cameras = await store.all();
  const same = cameras.find(
    ({ id, source }) => id === camera.id || (source.deviceSerial === deviceSerial && source.channel === channel),
  );
  return same?.id ?? camera.id;
}
