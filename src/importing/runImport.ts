import type { Clock, Random } from '../core/clock.js';
import type { Camera } from '../core/camera/camera.js';
import { cameraId } from '../core/camera/cameraId.js';
import { AppError } from '../core/errors.js';
import { comparedSerial } from '../core/camera/leftOut.js';
import type { Vendors } from '../core/camera/vendors.js';
import type { AdoptionContext } from '../store/reading/adoption.js';
import { isOurs } from '../store/reading/cameraDocument.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';
import type { CameraStore } from '../store/cameraStore.js';
import { readDocument } from '../store/reading/documentReading.js';
import { isDocumentRefused } from '../store/refusals.js';
import type { ImportPlan, LeftOut, PlannedCamera } from './importPlan.js';
import { planImport } from './importPlan.js';
import type { CameraOutcome } from './importReport.js';
import { cameraLines, leftOutLine, summaryLines } from './importReport.js';
import { readOldPaths, type OldPath } from './oldMediamtx.js';
import { addressesByLine } from './oldText.js';

export interface ImportParts {
  /** null: there is no old mediamtx.yml. */
  readonly mediamtxText: string | null;
  /** Documents of the old collection; empty when there is none. */
  readonly documents: readonly RawDocument[];
  /** camlease's own store, already open; null: a dry run. */
  readonly store: CameraStore | null;
  /** For a dry run: the documents in camlease's own store; absent: none. */
  readonly stored?: readonly RawDocument[];
  /** True: the old collection is the one that camlease uses, so the store adopted its documents when it was opened. */
  readonly isInPlace: boolean;
  readonly vendors: Vendors;
  /** Names of the configured accounts; absent: any name is accepted. */
  readonly accounts?: readonly string[];
  readonly hlsBaseUrl: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly print: (line: string) => void;
}

const OWNER = 'import';

/** Takes over the cameras of the old collection and of the old mediamtx.yml, and prints what became of each. */
export async function runImport(parts: ImportParts): Promise<void> {
  const { clock, random, vendors, accounts, print, hlsBaseUrl } = parts;
  const now = clock.now();
  const context: AdoptionContext = { vendors, ...(accounts && accounts.length > 0 && { accounts }), random, now };
  const living = parts.documents.filter(({ fields }) => !isDeleted(fields));
  const paths = parts.mediamtxText === null ? [] : readOldPaths(parts.mediamtxText, vendors);
  const plan: ImportPlan = planImport(living, paths, context);
  // camlease's own store takes each device and channel only once, so doubles are left out; an import in place keeps each document.
  const twins = parts.isInPlace ? [] : plan.cameras.filter(({ doubleOf }) => doubleOf !== null);
  const leftOut = [
    ...plan.leftOut,
    ...twins.map(({ camera: { id }, doubleOf }) => ({
      what: `document ${id}`,
      why: `it has the same device and channel as ${doubleOf ?? ''}`,
    })),
    ...deletedByOthers(parts.documents),
    ...strayAddresses(parts.mediamtxText ?? '', plan, paths, vendors),
  ];
  const managed = new Set(living.filter(({ fields }) => isOurs(fields)).map(({ id }) => id));

  const stored = parts.store ? await parts.store.all() : camerasIn(parts.stored ?? [], context);
  const counts = { taken: 0, planned: 0, there: 0 };
  for (const planned of plan.cameras.filter((one) => !twins.includes(one))) {
    const isKnown = parts.isInPlace && managed.has(planned.camera.id);
    const outcome = await take(planned, isKnown, stored, parts, now).catch((thrown: unknown) => {
      if (!isDocumentRefused(thrown)) throw thrown;
      return { what: `${planned.from} ${planned.camera.id}`, why: inBrackets(thrown) };
    });
    if ('why' in outcome) {
      leftOut.push(outcome);
      continue;
    }
    counts[outcome.outcome]++;
    for (const line of cameraLines(planned, outcome, hlsBaseUrl, now)) print(line);
  }
  for (const one of leftOut) print(leftOutLine(one));
  for (const line of summaryLines(counts, leftOut.length, parts.store === null)) print(line);
}

function inBrackets({ message, cure }: AppError): string {
  return `${message.replace(/\.$/, '')} (${(cure ?? '').replace(/\.$/, '')})`;
}

async function take(
  planned: PlannedCamera,
  isKnown: boolean,
  stored: readonly Camera[],
  parts: ImportParts,
  now: Date,
): Promise<CameraOutcome> {
  const { camera } = planned;
  const { store } = parts;
  if (store === null && parts.isInPlace) return { outcome: isKnown ? 'there' : 'planned', id: camera.id };
  if (store !== null && parts.isInPlace && planned.from === 'document') {
    if (planned.isLeaseFromPath) await putInForce(store, planned, now);
    return { outcome: isKnown ? 'there' : 'taken', id: camera.id };
  }
  // Discovery may have added the device already, and camlease would never renew a second camera of the same device and channel.
  const same = sameInStore(stored, planned);
  if (same) return { outcome: 'there', id: same };
  if (store === null) return { outcome: 'planned', id: camera.id };
  const { id, name, source, enabled, status, mode, quality, errorClipCheck, whenGone, labels, lease } = camera;
  const chosen = { mode, quality, errorClipCheck, whenGone, labels };
  const fields = { name, source, enabled, status, ...chosen, ...(lease && { lease }) };
  const isDerived = source.channel !== null && id === cameraId(source.vendor, source.deviceSerial, source.channel);
  try {
    const created = await store.create({ ...fields, ...(!isDerived && { id }) }, now);
    return { outcome: 'taken', id: created.id };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'CAMERA_EXISTS') throw error;
    return { outcome: 'there', id };
  }
}

/**
 * Stores the planned lease, unless the stored one lives as long. When another process holds the claim, nothing is stored: that process
 * renews the camera and gets a newer lease anyway.
 */
async function putInForce(store: CameraStore, { camera }: PlannedCamera, now: Date): Promise<void> {
  if (camera.lease === null) return;
  const stored = await store.get(camera.id);
  if (stored === null || (stored.lease && stored.lease.expiresAt >= camera.lease.expiresAt)) return;
  const [claim] = await store.claim(OWNER, [camera.id]);
  if (claim) await store.saveLease(claim, camera.lease, now);
}

/** The cameras of stored documents; a dry run reads them without adopting them. */
function camerasIn(documents: readonly RawDocument[], context: AdoptionContext): Camera[] {
  return documents.flatMap((document) => {
    const reading = readDocument(document, context);
    return reading.kind === 'camera' && reading.record.deletedAt === null ? [reading.record.camera] : [];
  });
}

function sameInStore(stored: readonly Camera[], { camera }: PlannedCamera): string | null {
  const { deviceSerial, channel } = camera.source;
  const serial = comparedSerial(deviceSerial);
  const same = stored.find(
    ({ id, source }) =>
      id === camera.id ||
      (source.kind === 'cloud' &&
        channel !== null &&
        comparedSerial(source.deviceSerial) === serial &&
        source.channel === channel),
  );
  return same?.id ?? null;
}

/** Documents that another program marked as deleted. They stay deleted, and the report names them. */
function deletedByOthers(documents: readonly RawDocument[]): LeftOut[] {
  return documents
    .filter(({ fields }) => isDeleted(fields) && !isOurs(fields))
    .map(({ id }) => ({ what: `document ${id}`, why: 'it has a deletedAt, so it counts as deleted' }));
}

/** True when the store takes the document for deleted: `deletedAt` has any value but null. */
function isDeleted({ deletedAt }: RawDocument['fields']): boolean {
  return deletedAt !== undefined && deletedAt !== null;
}

/** Addresses of cameras in the old file that belong to no path: in comments, or in settings of the whole server. */
function strayAddresses(text: string, { cameras }: ImportPlan, paths: readonly OldPath[], vendors: Vendors): LeftOut[] {
  const serialIn = (address: string): string | null => vendors.parseStreamUrl(address)?.deviceSerial ?? null;
  const known = new Set(cameras.map(({ camera: { source } }) => comparedSerial(source.deviceSerial)));
  for (const { source, addresses } of paths)
    for (const address of [source ?? '', ...addresses]) known.add(comparedSerial(serialIn(address) ?? ''));
  return addressesByLine(text, vendors).flatMap(({ line, addresses }) => {
    const serials = new Set(addresses.flatMap((address) => serialIn(address) ?? []));
    return [...serials]
      .filter((serial) => !known.has(comparedSerial(serial)))
      .map((serial) => ({
        what: `line ${line}`,
        why: `it names the device ${serial}, but is not the setting of a path`,
      }));
  });
}
