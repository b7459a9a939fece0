import { cameraOf, noCamera } from '../cameras/camera.js';
import type { HttpDeps } from '../route/deps.js';
import { eventJson } from './eventJson.js';
import type { EventFeed } from './eventFeed.js';
import { endpoint, type Handler } from '../route/route.js';
import { answers, cameraErrors, cameraParams, refuses } from '../route/contract.js';
import { eventReply, eventsReply } from '../shapes/replySchemas.js';
import { eventsQuery, lastEventIdHeader, streamHeaders, streamQuery } from '../shapes/schemas.js';

export const listEvents = endpoint(
  {
    summary: "The steps of a camera's leases",
    description: 'The steps of the last 90 days, newest first.',
    params: cameraParams,
    query: eventsQuery,
    replies: { 200: answers('A page of steps.', eventsReply), ...cameraErrors },
  },
  listEventsHandler,
);

/** A camera's steps, newest first; `next` is the `before` of the next page. */
function listEventsHandler(deps: Pick<HttpDeps, 'cameras' | 'events' | 'redact'>): Handler {
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

export const streamEvents = endpoint(
  {
    summary: 'The steps of all leases, live',
    description:
      'Server-sent events: `event` is `step`, `id` is the id of the step, `data` is the step as JSON. A comment line comes every 15 s. A client that reconnects with Last-Event-ID first gets the steps that it missed.',
    query: streamQuery,
    headers: streamHeaders,
    replies: {
      200: {
        description: 'The stream; the `data` of each event has this form.',
        content: { 'text/event-stream': { schema: eventReply } },
      },
      404: refuses('There is no camera with this id.'),
      503: refuses('Too many event streams are open.'),
    },
  },
  streamEventsHandler,
);

/** The steps of all leases, live, as server-sent events. */
interface StreamDeps extends Pick<HttpDeps, 'cameras'> {
  readonly feed: Pick<EventFeed, 'open'>;
}

function streamEventsHandler({ cameras, feed }: StreamDeps): Handler {
  return (request, response) => {
    const { camera, after } = streamQuery.parse({ ...request.query });
    // A browser that reconnects sends its last event in the header; its address still holds the `after` of the first request.
    const lastEventId = lastEventIdHeader.parse(request.headers['last-event-id'] ?? '');
    if (camera !== undefined && !cameras.peek(camera)) throw noCamera();
    if (request.method === 'HEAD') {
      response.type('text/event-stream').end();
      return;
    }
    feed.open(response, { cameraId: camera ?? null, afterId: lastEventId || (after ?? null) });
  };
}
