import type { Express } from 'express';
import { createSeenStreams } from './cameras/seenStreams.js';
import { openApiDocument } from './docs/openApi.js';
import { createEventFeed, type EventFeed } from './events/eventFeed.js';
import { dashboardAssets } from './page/page.js';
import type { HttpDeps } from './route/deps.js';
import type { DeclaredRoute, Kind } from './route/route.js';
import { ROUTES, type RouteDeps } from './routes.js';
import { errorHandler } from './transport/errorHandler.js';
import { createGuard } from './transport/routeGuard.js';
import { hostCheck, methodNotAllowed, routeNotFound } from './transport/guards.js';
import { createListener } from './transport/listener.js';
import { otherSites } from './transport/otherSites.js';
import { plainApp } from './transport/plainApp.js';
import { pathMatcher } from './transport/pathMatcher.js';
import { requestId, requestLog } from './transport/requestLog.js';
import { securityHeaders } from './transport/securityHeaders.js';

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

/** Mounts the route table, and nothing else but the page's own files. */
function createApp(httpDeps: HttpDeps, feed: EventFeed, listenHost: () => string | null): Express {
  const app = plainApp();
  const document = openApiDocument(ROUTES, httpDeps.version, httpDeps.vendors.names);
  const deps: RouteDeps = { ...httpDeps, seen: createSeenStreams(httpDeps), feed, document };
  const guard = createGuard(deps.writesPerMinute ?? 300);
  const mount = (...kinds: readonly Kind[]): void => {
    for (const route of ROUTES) {
      if (kinds.includes(route.needs.kind)) app[route.method](route.path, ...guard.before(route), route.handler(deps));
    }
  };
  const assets = dashboardAssets(deps.dashboardDir);

  app.use(hostCheck({ publicUrl: deps.publicUrl, listenHost, isForAnyHost: pathMatcher(pathsWith('anyHost')) }));
  app.use(
    otherSites({
      publicUrl: deps.publicUrl,
      allowedOrigins: deps.allowedOrigins ?? [],
      isEmbeddable: pathMatcher([...pathsWith('embeddable'), '/assets/*']),
    }),
  );
  mount('hot');
  app.use(requestId(deps.random), securityHeaders(deps.mediaBaseUrls));
  mount('media');
  if (assets !== null) app.use('/assets', assets);
  app.use(requestLog(deps));
  mount('read', 'write', 'stream');
  app.use(guard.beforeRefusal);
  for (const [path, methods] of methodsByPath(ROUTES)) app.all(path, methodNotAllowed(methods));
  app.use(routeNotFound, errorHandler(deps));
  return app;
}

function pathsWith(need: 'embeddable' | 'anyHost'): string[] {
  return ROUTES.filter(({ needs }) => needs[need]).map(({ path }) => path);
}

function methodsByPath(table: readonly DeclaredRoute[]): Map<string, string[]> {
  const byPath = new Map<string, string[]>();
  for (const { path, method } of table) byPath.set(path, [...(byPath.get(path) ?? []), method.toUpperCase()]);
  return byPath;
}
