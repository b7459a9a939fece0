import type { ServerResponse } from 'node:http';
import type { CameraId } from '../../core/camera/camera.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';

/** Bytes that may wait in memory for a slow reader. Beyond this the reader is cut, and returns with Last-Event-ID. */
export const MOST_BUFFERED_BYTES = 2 * 1024 * 1024;
/** Live events that may wait for the replay to end. */
const MOST_PENDING = 5_000;
const REPLAY_PAGE = 200;
/** Events replayed in one go; a reader that missed more is disconnected and returns for the rest. */
const MOST_REPLAYED = 10_000;
/** How soon a browser reconnects. */
const RETRY_MS = 3_000;

export type EventsAfter = (eventId: string, limit: number) => Promise<LeaseEvent[]>;
export type FrameOf = (event: LeaseEvent) => string;

/**
 * One reader's stream of events. While missed events are read from the store, live events wait; each event is sent once, in the
 * order in which the events happened.
 */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #cameraId: CameraId | null;
  /** Set while the replay runs. */
  #pending: Map<string, LeaseEvent> | null = null;
  /** Ids on the last page of the replay: the store may have an event before `tell` brings it. */
  #replayed: ReadonlySet<string> = new Set();
  #stuckBeats = 0;

  /** `cameraId` null: all cameras. */
  constructor(response: ServerResponse, cameraId: CameraId | null) {
    this.#response = response;
    this.#cameraId = cameraId;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Keeps nginx from holding events back until its buffer is full.
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

  /** Sends the events after the one with this id, then lets live events through. Never rejects. */
  async replay(afterId: string, eventsAfter: EventsAfter, frameOf: FrameOf): Promise<void> {
    this.#pending = new Map();
    try {
      await this.#replay(afterId, eventsAfter, frameOf);
    } catch {
      // The store is away: the reader returns with the same id and tries again.
      this.end();
    }
  }

  /** Keeps proxies from closing a silent stream, and finds a reader that has stopped reading. */
  beat(): void {
    this.#stuckBeats = this.#response.writableNeedDrain ? this.#stuckBeats + 1 : 0;
    if (this.#stuckBeats > 1) this.cut();
    else if (!this.isOver) this.#write(': still here\n\n');
  }

  end(): void {
    if (!this.isOver) this.#response.end();
  }

  /** Ends the stream without waiting for the reader to take what is buffered. */
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
    // Sent even if the reader gets none of these events: next time the replay goes on from here.
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

  /** Resolves when the response takes more bytes, or the reader is gone. */
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
