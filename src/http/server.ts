import express, { type Express, type RequestHandler } from 'express';
import { listAccounts, tryAccount } from './accounts/account.js';
import { getAvailability } from './status/availability.js';
import { addMaintenance, endMaintenance, listAlerts, listMaintenance, testAlerts } from './alerts/alerts.js';
import { jsonBody, sdpBody } from './route/body.js';
import { changeCamera, createCamera, getCamera, listCameras, removeCamera } from './cameras/camera.js';
import type { HttpDeps } from './route/deps.js';
import { docsPage, openApi } from './docs/docs.js';
import { hlsFile, whepClose, whepOffer } from './page/embeddedMedia.js';
import { errorHandler } from './transport/errorHandler.js';
import { getForecast } from './status/forecast.js';
import { hostCheck, methodNotAllowed, routeNotFound } from './transport/guards.js';
import { createEventFeed, type EventFeed } from './events/eventFeed.js';
import { listEvents, streamEvents } from './events/events.js';
import { health, ready } from './status/health.js';
import { initialize, renew } from './passes/hikvision.js';
import { limiters } from './transport/limiters.js';
import { createListener } from './transport/listener.js';
import { live } from './cameras/live.js';
import { metrics } from './status/metrics.js';
import { dashboardAssets, dashboardPage, webrtcPage } from './page/page.js';
import { otherSites } from './transport/otherSites.js';
import { listOutages } from './status/outages.js';
import { getPass } from './passes/pass.js';
import { plan } from './cameras/plan.js';
import { readTurns } from './transport/readTurns.js';
import { noteCamera, requestId, requestLog } from './transport/requestLog.js';
import type { Route } from './route/route.js';
import { securityHeaders } from './transport/securityHeaders.js';
import { createSeenStreams } from './cameras/seenStreams.js';
import { getSnapshot } from './cameras/snapshot.js';

/** All routes of the API. */
export function routes(httpDeps: HttpDeps, feed: EventFeed = createEventFeed(httpDeps)): readonly Route[] {
  const deps = { ...httpDeps, seen: createSeenStreams(httpDeps), feed };
  return [
    { method: 'get', path: '/api/camera/:id/live', handler: live(deps), kind: 'hot' },
    { method: 'get', path: '/hls/:id/:file', handler: hlsFile(deps), kind: 'hot' },
    { method: 'get', path: '/health', handler: health(deps), kind: 'hot' },

    { method: 'post', path: '/api/hikvision/initialize', handler: initialize(deps), kind: 'api' },
    { method: 'post', path: '/api/hikvision/renew', handler: renew(deps), kind: 'api' },
    { method: 'get', path: '/api/camera', handler: listCameras(deps), kind: 'api' },
    { method: 'post', path: '/api/camera', handler: createCamera(deps), kind: 'api' },
    { method: 'get', path: '/api/camera/:id', handler: getCamera(deps), kind: 'api' },
    { method: 'put', path: '/api/camera/:id', handler: changeCamera(deps), kind: 'api' },
    { method: 'delete', path: '/api/camera/:id', handler: removeCamera(deps), kind: 'api' },
    { method: 'get', path: '/api/camera/:id/snapshot', handler: getSnapshot(deps), kind: 'api' },
    { method: 'get', path: '/api/camera/:id/events', handler: listEvents(deps), kind: 'api' },
    { method: 'get', path: '/api/events', handler: streamEvents(deps, feed), kind: 'api' },
    { method: 'get', path: '/api/outages', handler: listOutages(deps), kind: 'api' },
    { method: 'get', path: '/api/availability', handler: getAvailability(deps), kind: 'api' },
    { method: 'get', path: '/api/forecast', handler: getForecast(deps), kind: 'api' },
    { method: 'post', path: '/api/plan', handler: plan(deps), kind: 'api' },
    { method: 'get', path: '/api/alerts', handler: listAlerts(deps), kind: 'api' },
    { method: 'post', path: '/api/alerts/test', handler: testAlerts(deps), kind: 'api' },
    { method: 'get', path: '/api/maintenance', handler: listMaintenance(deps), kind: 'api' },
    { method: 'post', path: '/api/maintenance', handler: addMaintenance(deps), kind: 'api' },
    { method: 'delete', path: '/api/maintenance/:id', handler: endMaintenance(deps), kind: 'api' },
    { method: 'get', path: '/api/pass/:id', handler: getPass(deps), kind: 'api' },
    { method: 'get', path: '/api/account', handler: listAccounts(deps), kind: 'api' },
    { method: 'post', path: '/api/account/try', handler: tryAccount(deps), kind: 'api' },
    { method: 'get', path: '/api/openapi.json', handler: openApi(deps), kind: 'api' },
    { method: 'get', path: '/api/docs', handler: docsPage(deps), kind: 'api' },
    { method: 'get', path: '/ready', handler: ready(deps), kind: 'api' },
    { method: 'get', path: '/metrics', handler: metrics(deps), kind: 'api' },
    { method: 'get', path: '/', handler: dashboardPage(deps), kind: 'api' },
    { method: 'get', path: '/webrtc/:id', handler: webrtcPage(deps), kind: 'api' },
    { method: 'post', path: '/webrtc/:id/whep', handler: whepOffer(deps), kind: 'sdp' },
    { method: 'delete', path: '/webrtc/:id/whep/:session', handler: whepClose(deps), kind: 'sdp' },
  ];
}

export interface HttpServer {
  readonly app: Express;
  /** Port 0 takes a free one. Throws PORT_IN_USE, or CONFIG_INVALID when the address or port cannot be used. */
  listen(port: number, host: string): Promise<{ port: number }>;
  /** Takes no new requests, lets running ones end for a few seconds, then cuts them. */
  close(): Promise<void>;
}

export function createHttpServer(deps: HttpDeps): HttpServer {
  let listenHost: string | null = null;
  const feed = createEventFeed(deps);
  const app = createApp(deps, feed, () => listenHost);
  const listener = createListener(app, deps.clock);
  return {
    app,
    listen: (port, host) => {
      listenHost = host;
      return listener.listen(port, host);
    },
    close: () => {
      // Event streams never end by themselves, so closing must not wait for them.
      feed.close();
      return listener.close();
    },
  };
}

function createApp(deps: HttpDeps, feed: EventFeed, listenHost: () => string | null): Express {
  const app = express();
  app.disable('x-powered-by').disable('etag').set('query parser', 'simple');
  const table = routes(deps, feed);
  const trusted = { publicUrl: deps.publicUrl, listenHost };
  const add = (kind: Route['kind'], ...before: RequestHandler[]): void => {
    for (const route of table) if (route.kind === kind) app[route.method](route.path, ...before, route.handler);
  };

  app.use(hostCheck(trusted), otherSites({ publicUrl: deps.publicUrl, allowedOrigins: deps.allowedOrigins ?? [] }));
  add('hot');
  app.use(requestId(deps.random), securityHeaders(deps.mediaBaseUrls));
  add('sdp', sdpBody());
  const assets = dashboardAssets(deps.dashboardDir);
  if (assets !== null) app.use('/assets', assets);
  app.use(requestLog(deps), ...limiters(deps.writesPerMinute ?? 300), readTurns());
  add('api', noteCamera, ...jsonBody());
  for (const [path, methods] of methodsByPath(table)) app.all(path, methodNotAllowed(methods));
  app.use(routeNotFound, errorHandler(deps));
  return app;
}

function methodsByPath(table: readonly Route[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, method } of table) byPath.set(path, [...(byPath.get(path) ?? []), method.toUpperCase()]);
  return byPath;
}
