import type { ServerResponse } from 'node:http';
import { isLoopbackName } from '../transport/guards.js';
import type { CameraId } from '../../core/camera/camera.js';
import { AppError } from '../../core/errors.js';
import type { LeaseEvent } from '../../core/handover/leaseEvents.js';
import type { HttpDeps } from '../route/deps.js';
import { eventJson } from './eventJson.js';
import { EventStream } from './eventStream.js';
import { createLeaseCounts, type LeaseCounts } from './leaseCounts.js';

const HEARTBEAT_MS = 15_000;
/** A page needs one stream; more than this means that a client does not close them. */
export const MOST_STREAMS = 100;
/** The most streams of one remote address. This machine's own address has no such limit: a proxy on it stands for many clients. */
export const MOST_STREAMS_OF_ONE = 10;

export interface StreamWish {
  /** null: all cameras. */
  readonly cameraId: CameraId | null;
  /** The last event that the reader has; null: the reader wants only events from now on. */
  readonly afterId: string | null;
}

/** Receives each step once, and passes it on to all open streams. */
export interface EventFeed {
  /** Throws EVENT_STREAMS_FULL and SHUTTING_DOWN before anything is written. */
  open(response: ServerResponse, wish: StreamWish): void;
  readonly openStreams: () => number;
  readonly counts: LeaseCounts;
  /** Ends all streams and takes no new ones. */
  close(): void;
}

export function createEventFeed({ events, clock, redact }: Pick<HttpDeps, 'events' | 'clock' | 'redact'>): EventFeed {
  const streams = new Set<EventStream>();
  const byAddress = new Map<string, number>();
  const counts = createLeaseCounts();
  let isClosed = false;
  let stopBeating: (() => void) | null = null;

  const frameOf = (event: LeaseEvent): string => frame(event, redact);
  const stopListening = events.onEvent((event, isOurs) => {
    // Each replica counts its own steps, so that the sum over replicas counts each step once.
    if (isOurs) counts.count(event);
    if (streams.size === 0) return;
    const text = frameOf(event);
    for (const stream of streams) stream.tell(event, text);
  });

  const beat = (): void => {
    for (const stream of streams) stream.beat();
    stopBeating = streams.size === 0 ? null : clock.after(HEARTBEAT_MS, beat);
  };

  return {
    counts,
    openStreams: () => streams.size,
    open(response, { cameraId, afterId }) {
      if (isClosed) throw shuttingDown();
      if (streams.size >= MOST_STREAMS) throw full(MOST_STREAMS);
      const address = (response.socket?.remoteAddress ?? '').replace(/^::ffff:/, '');
      const others = byAddress.get(address) ?? 0;
      if (others >= MOST_STREAMS_OF_ONE && !isLoopbackName(address)) throw full(MOST_STREAMS_OF_ONE, ' by this client');
      const stream = new EventStream(response, cameraId);
      streams.add(stream);
      byAddress.set(address, others + 1);
      response.once('close', () => {
        streams.delete(stream);
        const left = (byAddress.get(address) ?? 1) - 1;
        if (left > 0) byAddress.set(address, left);
        else byAddress.delete(address);
      });
      stopBeating ??= clock.after(HEARTBEAT_MS, beat);
      if (afterId !== null) void stream.replay(afterId, (id, limit) => events.eventsAfter(id, limit), frameOf);
    },
    close() {
      isClosed = true;
      stopListening();
      stopBeating?.();
      for (const stream of streams) stream.end();
    },
  };
}

/** Form of server-sent events (WHATWG HTML). JSON has no line breaks of its own; an id must not have any. */
function frame(event: LeaseEvent, redact: (text: string) => string): string {
  const id = event.id.replace(/[\r\n\0]/g, '');
  return `event: step\nid: ${id}\ndata: ${JSON.stringify(eventJson(event, redact))}\n\n`;
}

function full(most: number, whose = ''): AppError {
  return new AppError('EVENT_STREAMS_FULL', `${most} event streams are already open${whose}.`, {
    cure: 'Close event streams that nobody needs, or ask again later; GET /api/camera/<id>/events still works.',
    retryAfterMs: 30_000,
  });
}

function shuttingDown(): AppError {
  return new AppError('SHUTTING_DOWN', 'camlease is being stopped.', {
    cure: 'Ask again once camlease has started again.',
  });
}
