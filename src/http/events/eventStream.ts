import type { ServerResponse } from 'node:http';
import type { CameraId } from '../../core/camera/camera.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';

/** What waits for a slow reader in our memory. Beyond it he is cut, and comes back with Last-Event-ID. */
export const MOST_BUFFERED_BYTES = 2 * 1024 * 1024;
/** Live events that wait for the replay to end. */
const MOST_PENDING = 5_000;
const REPLAY_PAGE = 200;
/** Replayed in one go; who missed more is sent away and comes back for the rest. */
const MOST_REPLAYED = 10_000;
/** How soon a browser comes back. */
const RETRY_MS = 3_000;

export type EventsAfter = (eventId: string, limit: number) => Promise<LeaseEvent[]>;
export type FrameOf = (event: LeaseEvent) => string;

/**
 * One reader's stream of events. While what he missed is read from the store, what happens meanwhile waits; each event goes out
 * once, in the order in which it happened.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #cameraId: CameraId | null;
  /** Set while the replay runs. */
  #pending: Map<string, LeaseEvent> | null = null;
  /** Of the last page of the replay: the store may know an event before it is told here. */
  #replayed: ReadonlySet<string> = new Set();
  #stuckBeats = 0;

  /** `cameraId` null: all cameras. */
  constructor(response: ServerResponse, cameraId: CameraId | null) {
    this.#response = response;
    this.#cameraId = cameraId;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // nginx would keep events back until its buffer is full.
      'X-Accel-Buffering': 'no',
    });
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  get isOver(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  tell(event: LeaseEvent, frame: string): void {
    if (this.isOver || !this.#wants(event) || this.#replayed.has(event.id)) return;
    if (this.#pending === null) {
      this.#write(frame);
      return;
    }
    this.#pending.set(event.id, event);
    if (this.#pending.size > MOST_PENDING) this.cut();
  }

  /** Sends what happened after the event with this id, then lets live events through. Never rejects. */
  async replay(afterId: string, eventsAfter: EventsAfter, frameOf: FrameOf): Promise<void> {
    this.#pending = new Map();
    try {
      await this.#replay(afterId, eventsAfter, frameOf);
    } catch {
      // The store is away: he comes back with the same id and tries again.
      this.end();
    }
  }

  /** Keeps proxies from closing the silent stream, and finds a reader who reads no more. */
  beat(): void {
    this.#stuckBeats = this.#response.writableNeedDrain ? this.#stuckBeats + 1 : 0;
    if (this.#stuckBeats > 1) this.cut();
    else if (!this.isOver) this.#write(': still here\n\n');
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }

  /** Without waiting for the reader to take what is buffered. */
  cut(): void {
    this.#response.destroy();
  }

  async #replay(afterId: string, eventsAfter: EventsAfter, frameOf: FrameOf): Promise<void> {
    let cursor = afterId;
    for (let read = 0; read < MOST_REPLAYED;) {
      const page = await eventsAfter(cursor, REPLAY_PAGE);
      const last = page.at(-1);
      if (this.isOver) return;
      if (last === undefined) {
        this.#goLive(frameOf);
        return;
      }
      this.#replayed = new Set(page.map(({ id }) => id));
      for (const event of page) {
        this.#pending?.delete(event.id);
        if (this.#wants(event)) this.#write(frameOf(event));
      }
      cursor = last.id;
      read += page.length;
      await this.#drained();
    }
    // Even if none of these were his: next time he goes on from here.
    if (this.isOver) return;
    this.#write(`id: ${cursor}\n\n`);
    this.end();
  }

  #goLive(frameOf: FrameOf): void {
    const pending = this.#pending ?? new Map<string, LeaseEvent>();
    this.#pending = null;
    for (const event of pending.values()) this.#write(frameOf(event));
  }

  #wants({ cameraId }: LeaseEvent): boolean {
    return this.#cameraId === null || this.#cameraId === cameraId;
  }

  #write(text: string): void {
    if (this.isOver) return;
    this.#response.write(text);
    if (this.#response.writableLength > MOST_BUFFERED_BYTES) this.cut();
  }

  /** Resolves when the reader has taken enough for more to be written, or is gone. */
  #drained(): Promise<void> {
    if (!this.#response.writableNeedDrain || this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off('drain', done).off('close', done);
        resolve();
      };
      this.#response.on('drain', done).on('close', done);
    });
  }
}
