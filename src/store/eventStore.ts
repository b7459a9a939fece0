import type { CameraId } from '../core/camera/camera.js';
import type { LeaseEvent } from '../core/handover/leaseEvents.js';

/** The steps of leases' lives, in the order in which they were added. Every method may throw `AppError` STORE_UNREACHABLE. */
export interface EventStore {
  /** Adds events; an id that is stored already is skipped. Takes few round trips, however many there are. */
  addEvents(events: readonly LeaseEvent[]): Promise<void>;
  /**
   * Newest first; of several at one moment, the last added first. `before` is the id of an event: only older ones follow, and
   * none when that id is unknown or was dropped. A deleted camera's events stay until they are dropped.
   */
  eventsOf(id: CameraId, query: { readonly limit: number; readonly before?: string }): Promise<LeaseEvent[]>;
  /**
   * Events of all cameras, in the order they were added, after the event with this id; none when that id is unknown or was
   * dropped.
   */
  eventsAfter(eventId: string, limit: number): Promise<LeaseEvent[]>;
  /** Deletes events older than `before`. */
  dropEventsBefore(before: Date): Promise<void>;
}
