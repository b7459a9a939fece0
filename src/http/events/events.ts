import { cameraOf, noCamera } from '../cameras/camera.js';
import type { HttpDeps } from '../route/deps.js';
import { eventJson } from './eventJson.js';
import type { EventFeed } from './eventFeed.js';
import type { Handler } from '../route/route.js';
import { eventsQuery, lastEventIdHeader, streamQuery } from '../shapes/schemas.js';

/** A camera's steps, newest first; `next` is the `before` of the next page. */
export function listEvents(deps: Pick<HttpDeps, 'cameras' | 'events' | 'redact'>): Handler {
  return async (request, response) => {
    const { id } = cameraOf(deps, request);
    const { limit, before } = eventsQuery.parse({ ...request.query });
    // One event more than wanted tells whether there is a further page.
    const found = await deps.events.eventsOf(id, { limit: limit + 1, ...(before !== undefined && { before }) });
    const events = found.slice(0, limit);
    response.json({
      success: true,
      events: events.map((event) => eventJson(event, deps.redact)),
      next: found.length > limit ? (events.at(-1)?.id ?? null) : null,
    });
  };
}

/** The steps of all leases as they happen, as server-sent events. */
export function streamEvents(deps: Pick<HttpDeps, 'cameras'>, feed: EventFeed): Handler {
  return (request, response) => {
    const { camera, after } = streamQuery.parse({ ...request.query });
    // A browser that reconnects sends its last event in the header; its address still holds the `after` of the first request.
    const lastEventId = lastEventIdHeader.parse(request.headers['last-event-id'] ?? '');
    if (camera !== undefined && !deps.cameras.peek(camera)) throw noCamera();
    if (request.method === 'HEAD') {
      response.type('text/event-stream').end();
      return;
    }
    feed.open(response, { cameraId: camera ?? null, afterId: lastEventId || (after ?? null) });
  };
}
