import type { CameraId } from '../../core/camera/camera.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { Pass } from '../../core/passes/pass.js';
import type { CameraStore, Claim, Picture } from '../cameraStore.js';
import type { RecordTable } from '../recordTable.js';

/** The methods that a store in front of another one forwards unchanged. */
export class ForwardingStore {
  readonly kind: CameraStore['kind'];
  readonly records: RecordTable;
  readonly #behind: CameraStore;

  constructor(behind: CameraStore) {
    this.kind = behind.kind;
    this.records = behind.records;
    this.#behind = behind;
  }

  ping(): Promise<void> {
    return this.#behind.ping();
  }

  leftOut(): ReturnType<CameraStore['leftOut']> {
    return this.#behind.leftOut();
  }

  refusedWrites(): ReturnType<CameraStore['refusedWrites']> {
    return this.#behind.refusedWrites();
  }

  tombstones(): ReturnType<CameraStore['tombstones']> {
    return this.#behind.tombstones();
  }

  heartbeat(owner: string): Promise<void> {
    return this.#behind.heartbeat(owner);
  }

  release(claims: readonly Claim[]): Promise<void> {
    return this.#behind.release(claims);
  }

  releaseStray(owner: string): Promise<void> {
    return this.#behind.releaseStray(owner);
  }

  addEvents(events: readonly LeaseEvent[]): Promise<void> {
    return this.#behind.addEvents(events);
  }

  eventsOf(id: CameraId, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]> {
    return this.#behind.eventsOf(id, query);
  }

  eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]> {
    return this.#behind.eventsAfter(eventId, limit);
  }

  dropEventsBefore(before: Date): Promise<void> {
    return this.#behind.dropEventsBefore(before);
  }

  savePicture(id: CameraId, picture: Picture): Promise<void> {
    return this.#behind.savePicture(id, picture);
  }

  getPicture(id: CameraId): Promise<Picture | null> {
    return this.#behind.getPicture(id);
  }

  savePass(pass: Pass, owner: string): Promise<void> {
    return this.#behind.savePass(pass, owner);
  }

  getPass(id: string): Promise<Pass | null> {
    return this.#behind.getPass(id);
  }

  interruptPasses(owner: string, now: Date): Promise<number> {
    return this.#behind.interruptPasses(owner, now);
  }
}
