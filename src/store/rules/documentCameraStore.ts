import type { Camera, CameraFeed, CameraId, CameraSource, Failure } from '../../core/camera/camera.js';
import { neverKind } from '../../core/camera/cameraSource.js';
import type { Picture } from '../pictureStore.js';
import type { Store } from '../store.js';
import { cameraId } from '../../core/camera/cameraId.js';
import { CAMERA_ID_FORM, isCameraId } from '../../core/camera/cameraIdForm.js';
import type { Random } from '../../core/clock.js';
import type { DiscoveryPlan } from '../../core/discovery/discovery.js';
import { AppError } from '../../core/errors.js';
import type { Lease } from '../../core/camera/lease.js';
import type { LeftOutDocument } from '../../core/camera/leftOut.js';
import { LEASE_STEPS, type LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { Pass } from '../../core/passes/pass.js';
import type { CameraDocuments } from './cameraDocuments.js';
import { identityTaken } from './cameraDocuments.js';
import { insertCameras } from './cameraInserts.js';
import type { CameraRecord } from '../reading/cameraRecord.js';
import { byNameThenId, cameraOf, isSameSource } from '../reading/cameraRecord.js';
import type { Claim, NewCamera, OpeningResult, ProofResult, Promotion, SavedDiscovery } from '../cameraStore.js';
import type { Claims } from './claims.js';
import type { EventDocument, StoreDriver } from '../driver.js';
import type { RecordTable } from '../recordTable.js';
import type { OwnerWatch } from './ownerWatch.js';
import { PassDocuments } from './passDocuments.js';
import { documentRefused, type RefusedCamera } from '../refusals.js';
import { saveDiscovered } from './savedDiscovery.js';
import * as transitions from './transitions.js';
import type { CameraChange } from '../../core/camera/cameraChange.js';

const LARGEST_PICTURE_BYTES = 60 * 1024;
const LARGEST_IMAGE_BYTES = 256 * 1024;
const CHANGES_BATCH = 500;

export interface DocumentCameraStoreParts {
  readonly driver: StoreDriver;
  readonly documents: CameraDocuments;
  readonly claims: Claims;
  readonly owners: OwnerWatch;
  readonly random: Random;
}

/** The rules of the store's ports, written once for every database driver. */
export class DocumentCameraStore implements Store {
  readonly #driver: StoreDriver;
  readonly #documents: CameraDocuments;
  readonly #claims: Claims;
  readonly #owners: OwnerWatch;
  readonly #random: Random;
  readonly #passes: PassDocuments;
  /** Each camera's version as `changes` last returned it. */
  #returnedVersions: ReadonlyMap<CameraId, number> = new Map();

  constructor(parts: DocumentCameraStoreParts) {
    this.#driver = parts.driver;
    this.#documents = parts.documents;
    this.#claims = parts.claims;
    this.#owners = parts.owners;
    this.#random = parts.random;
    this.#passes = new PassDocuments(parts.driver);
  }

  get kind(): 'mongodb' | 'sqlite' {
    return this.#driver.kind;
  }

  get records(): RecordTable {
    return this.#driver.records;
  }

  /** Where the data is, for people: host names or a file, never a login. */
  describe(): string {
    return this.#driver.describe();
  }

  async open(): Promise<void> {
    await this.#driver.open();
    await this.#documents.all();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  ping(): Promise<void> {
    return this.#driver.ping();
  }

  async all(): Promise<Camera[]> {
    return (await this.#documents.all()).sort(byNameThenId);
  }

  async get(id: CameraId): Promise<Camera | null> {
    return cameraOf(await this.#documents.change(id, (record) => record));
  }

  leftOut(): readonly LeftOutDocument[] {
    return this.#documents.leftOut();
  }

  refusedWrites(): ReadonlyMap<CameraId, RefusedCamera> {
    return this.#documents.refused.all();
  }

  async changes(): Promise<{ changed: Camera[]; ids: ReadonlySet<CameraId> }> {
    const versions = await this.#driver.readVersions();
    const unlike = [...versions].flatMap(([id, version]) => (this.#returnedVersions.get(id) === version ? [] : [id]));
    const changed: Camera[] = [];
    for (let start = 0; start < unlike.length; start += CHANGES_BATCH) {
      const documents = await this.#driver.readByIds(unlike.slice(start, start + CHANGES_BATCH));
      for (const document of documents) {
        const record = this.#documents.understand(document)?.record;
        if (record?.deletedAt === null) changed.push(record.camera);
      }
    }
    // The next call returns a camera again that was written between the two reads.
    this.#returnedVersions = versions;
    return { changed, ids: new Set(versions.keys()) };
  }

  async create(camera: NewCamera, now: Date): Promise<Camera> {
    if (camera.id !== undefined && !isCameraId(camera.id)) {
      throw new AppError('REQUEST_INVALID', 'This id cannot be a path name.', {
        cure: `Use ${CAMERA_ID_FORM}.`,
      });
    }
    const id = camera.id ?? this.#idFor(camera.source);
    const sameSerial =
      camera.source.kind === 'cloud' ? await this.#driver.readBySerial(camera.source.deviceSerial) : [];
    const documents = [...sameSerial, ...(await this.#driver.readByIds([id]))];
    const known = documents.map((document) => this.#documents.understand(document)).filter((one) => one !== null);
    const living = known.filter(({ record }) => record.deletedAt === null);
    if (living.some(({ record }) => isSameSource(record, camera) || record.camera.id === camera.id))
      throw identityTaken();

    const tombstone = known.find(
      ({ record }) =>
        record.deletedAt !== null &&
        (record.camera.id === id || (camera.id === undefined && isSameSource(record, camera))),
    );
    if (tombstone) {
      const revived = transitions.created(tombstone.record.camera.id, camera, tombstone.record, now);
      const written = await this.#documents.tryChange(tombstone, () => revived);
      if (!written) throw identityTaken();
      return written.camera;
    }
    // Another account's camera with the same device and channel has the id that would be derived.
    const isIdTaken = living.some(({ record }) => record.camera.id === id);
    const record = transitions.created(isIdTaken ? this.#newId() : id, camera, null, now);
    const { added, refused } = await insertCameras(this.#driver, this.#documents, [record]);
    if (refused[0]) throw documentRefused(refused[0]);
    if (added.length === 0) throw identityTaken();
    return record.camera;
  }

  #idFor(source: CameraSource): CameraId {
    switch (source.kind) {
      case 'cloud':
        return source.channel === null ? this.#newId() : cameraId(source.vendor, source.deviceSerial, source.channel);
      case 'url':
        return this.#newId();
      default:
        return neverKind(source);
    }
  }

  async update(id: CameraId, change: CameraChange, now: Date): Promise<Camera | null> {
    return cameraOf(await this.#documents.change(id, (record) => transitions.withChange(record, change, now)));
  }

  async remove(id: CameraId, now: Date): Promise<boolean> {
    const removed = await this.#documents.change(id, (record) => transitions.buried(record, now));
    if (removed) await Promise.all([id, imageKey(id)].map((key) => this.#driver.pictures.remove(key)));
    return removed !== null;
  }

  saveDiscovered(plan: DiscoveryPlan, now: Date): Promise<SavedDiscovery> {
    return saveDiscovered(this.#driver, this.#documents, plan, now);
  }

  async tombstones(): Promise<Array<{ account: string | null; deviceSerial: string; channel: number | null }>> {
    const documents = await this.#driver.readTombstones();
    return documents.flatMap((document) => {
      const source = this.#documents.understand(document)?.record.camera.source;
      return source?.kind === 'cloud'
        ? [{ account: source.account, deviceSerial: source.deviceSerial, channel: source.channel }]
        : [];
    });
  }

  async deletedFeedKeys(): Promise<CameraFeed[]> {
    const documents = await this.#driver.readTombstones();
    return documents.flatMap((document) => this.#documents.understand(document)?.record.camera.feed ?? []);
  }

  claim(owner: string, ids: readonly CameraId[]): Promise<Claim[]> {
    return this.#claims.claim(owner, ids);
  }

  heartbeat(owner: string): Promise<void> {
    return this.#owners.beat(owner);
  }

  livingOthers(owner: string): Promise<ReadonlySet<string>> {
    return this.#owners.livingOthers(owner);
  }

  release(claims: readonly Claim[]): Promise<void> {
    return this.#claims.release(claims);
  }

  releaseStray(owner: string): Promise<void> {
    return this.#claims.releaseStray(owner);
  }

  saveLease(claim: Claim, lease: Lease, now: Date): Promise<Camera> {
    return this.#save(claim, (record) => transitions.withLease(record, lease, now));
  }

  saveCandidate(claim: Claim, lease: Lease, now: Date): Promise<Camera> {
    return this.#save(claim, (record) => transitions.withCandidate(record, lease, now));
  }

  saveFailure(claim: Claim, failure: Failure, now: Date): Promise<Camera> {
    return this.#save(claim, (record) => transitions.withFailure(record, failure, now));
  }

  async promote(promotions: readonly Promotion[], now: Date): Promise<Camera[]> {
    const wanted = new Map(promotions.map((promotion) => [promotionKey(promotion.id, promotion.revision), promotion]));
    const ids = promotions.map(({ id }) => id);
    const records = await this.#documents.changeMany(ids, (record) => {
      const { id, candidate } = record.camera;
      const promotion = candidate && wanted.get(promotionKey(id, candidate.revision));
      return promotion ? transitions.promoted(record, promotion, now) : null;
    });
    return records.map(({ camera }) => camera);
  }

  async reject(id: CameraId, revision: number, failure: Failure, now: Date): Promise<Camera | null> {
    return cameraOf(await this.#documents.change(id, (record) => transitions.rejected(record, revision, failure, now)));
  }

  async recordProof(id: CameraId, revision: number, result: ProofResult, now: Date): Promise<Camera | null> {
    return cameraOf(await this.#documents.change(id, (record) => transitions.withProof(record, revision, result, now)));
  }

  async recordOpening(id: CameraId, revision: number, result: OpeningResult, now: Date): Promise<Camera | null> {
    return cameraOf(
      await this.#documents.change(id, (record) => transitions.withOpening(record, revision, result, now)),
    );
  }

  addEvents(events: readonly LeaseEvent[]): Promise<void> {
    return this.#driver.events.add(events);
  }

  async eventsOf(id: CameraId, { limit, before }: { limit: number; before?: string }): Promise<LeaseEvent[]> {
    return decodeEvents(await this.#driver.events.newestOf(id, limit, before));
  }

  async eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]> {
    return decodeEvents(await this.#driver.events.addedAfter(eventId, limit));
  }

  dropEventsBefore(before: Date): Promise<void> {
    return this.#driver.events.dropBefore(before);
  }

  async savePicture(id: CameraId, picture: Picture): Promise<void> {
    if (picture.jpeg.length > LARGEST_PICTURE_BYTES) throw tooLarge(picture, LARGEST_PICTURE_BYTES);
    await this.#driver.pictures.save(id, picture);
  }

  getPicture(id: CameraId): Promise<Picture | null> {
    return this.#driver.pictures.get(id);
  }

  async saveImage(id: CameraId, image: Picture): Promise<void> {
    if (image.jpeg.length > LARGEST_IMAGE_BYTES) throw tooLarge(image, LARGEST_IMAGE_BYTES);
    await this.#driver.pictures.save(imageKey(id), image);
  }

  getImage(id: CameraId): Promise<Picture | null> {
    return this.#driver.pictures.get(imageKey(id));
  }

  removeImage(id: CameraId): Promise<void> {
    return this.#driver.pictures.remove(imageKey(id));
  }

  savePass(pass: Pass, owner: string): Promise<void> {
    return this.#passes.save(pass, owner);
  }

  getPass(id: string): Promise<Pass | null> {
    return this.#passes.get(id);
  }

  interruptPasses(owner: string, now: Date): Promise<number> {
    return this.#passes.interrupt(owner, now);
  }

  #newId(): CameraId {
    return Array.from({ length: 24 }, () => Math.floor(this.#random() * 16).toString(16)).join('');
  }

  async #save(claim: Claim, transition: (record: CameraRecord) => CameraRecord): Promise<Camera> {
    const record = await this.#claims.changeUnder(claim, transition);
    if (record) return record.camera;
    throw new AppError('CLAIM_LOST', `Another process took over the camera ${claim.camera.id}, or it was deleted.`, {
      cure: 'Nothing to do: the process that took it over renews it.',
    });
  }
}

/** A camera's uploaded image stands beside its last picture, in the same table. No id holds a slash. */
function imageKey(id: CameraId): string {
  return `image/${id}`;
}

function tooLarge({ jpeg }: Picture, limit: number): AppError {
  return new AppError('STORE_REFUSED', `A picture of ${jpeg.length} bytes is too large to be stored.`, {
    cure: `Pictures are made smaller than ${limit / 1024} KB before they are stored.`,
  });
}

/** With the revision, so that of two promotions of one camera the right one is found. */
function promotionKey(id: CameraId, revision: number): string {
  return `${id} ${revision}`;
}

/** Leaves out events whose step only another version of camlease knows. */
function decodeEvents(documents: readonly EventDocument[]): LeaseEvent[] {
  return documents.flatMap((document) => {
    const step = LEASE_STEPS.find((known) => known === document.step);
    return step ? [{ ...document, step }] : [];
  });
}
