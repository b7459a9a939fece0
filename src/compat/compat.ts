import type { Express } from 'express';
import { plainApp } from '../http/transport/plainApp.js';
import { AppError } from '../core/errors.js';
import type { CompatApp, CompatDeps } from './compatApp.js';
import { errorHandler } from '../http/transport/errorHandler.js';
import { hostCheck, isOurHost, routeNotFound } from '../http/transport/guards.js';
import { isSafe, quotas } from '../http/transport/limiters.js';
import { createListener, type Listener, type UpgradeListener } from '../http/transport/listener.js';
import { mayConnect, otherSites } from '../http/transport/otherSites.js';
import { requestId, requestLog } from '../http/transport/requestLog.js';

/** The older systems, by the name that their cameras' `feed` has. */
export const COMPAT_SYSTEMS = ['sparka', 'mtx', 'viewer'] as const;
export type CompatSystem = (typeof COMPAT_SYSTEMS)[number];

/** How each system's application is made; absent: nothing speaks for it, and its port stays shut. */
export type CompatSystems = Readonly<Partial<Record<CompatSystem, (deps: CompatDeps) => CompatApp>>>;

/** The ports of each system; none: it is off. 0 takes a free port. */
export type CompatPorts = Readonly<Record<CompatSystem, readonly number[]>>;

const WRITES_PER_MINUTE = 300;

export interface Compat {
  /** Resolves with the ports that are listened on. Throws PORT_IN_USE or CONFIG_INVALID, with no port left open. */
  listen(): Promise<CompatPorts>;
  close(): Promise<void>;
}

/** The listeners of the older systems that have a port. `host`: the address that they listen on. */
export function createCompat(deps: CompatDeps, ports: CompatPorts, host: string, systems: CompatSystems): Compat {
  const apps: CompatApp[] = [];
  const listeners: Listener[] = [];
  const close = async (): Promise<void> => {
    await Promise.all([...listeners.map((listener) => listener.close()), ...apps.map((app) => app.close())]);
  };
  const listenFor = async (system: CompatSystem): Promise<readonly number[]> => {
    const make = systems[system];
    if (ports[system].length === 0 || make === undefined) return [];
    const log = deps.log.child({ part: system });
    const app = make({ ...deps, log });
    apps.push(app);
    const handler = withGuards({ ...deps, log }, app, host);
    const taken: number[] = [];
    for (const wanted of ports[system]) {
      const listener = createListener(handler, deps.clock, { upgrade: guardedUpgrade(deps, app, host) });
      listeners.push(listener);
      const { port } = await listener.listen(wanted, host).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        const cure = `Set COMPAT_${system.toUpperCase()}_PORT to a free port from 1024 up, or stop the program that has it.`;
        throw new AppError(error.code, error.message, { cure, cause: error });
      });
      taken.push(port);
      log.info(`The listener for clients of ${system} answers on port ${port}.`);
    }
    return taken;
  };
  return {
    listen: async () => {
      try {
        return { sparka: await listenFor('sparka'), mtx: await listenFor('mtx'), viewer: await listenFor('viewer') };
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}

/** The same checks for requests for a WebSocket, which do not pass Express. */
function guardedUpgrade(deps: CompatDeps, { upgrade }: CompatApp, host: string): UpgradeListener | undefined {
  if (upgrade === undefined) return undefined;
  const { publicUrl, allowedOrigins = [] } = deps;
  return (request, socket, head) => {
    const { headers } = request;
    const isOurs = isOurHost(headers.host ?? '', { publicUrl, listenHost: () => host });
    if (isOurs && mayConnect(headers, { publicUrl, allowedOrigins })) {
      upgrade(request, socket, head);
      return;
    }
    deps.log.info('Refused a WebSocket of another site.', {
      cure: 'Add the origin of its page to ALLOWED_ORIGINS, or set PUBLIC_URL to the address that people use.',
    });
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  };
}

/** What stands before and behind each system, as before camlease's own routes. */
function withGuards(deps: CompatDeps, system: CompatApp, host: string): Express {
  const app = plainApp();
  app.use(requestId(deps.random), requestLog(deps));
  app.use(hostCheck({ publicUrl: deps.publicUrl, listenHost: () => host, isForAnyHost: () => false }));
  app.use(
    otherSites({
      publicUrl: deps.publicUrl,
      allowedOrigins: deps.allowedOrigins ?? [],
      isEmbeddable: system.isEmbeddable,
      withCredentials: system.withCredentials ?? false,
    }),
  );
  const { changes } = quotas(WRITES_PER_MINUTE);
  app.use((request, response, next) => (isSafe(request) ? next() : void changes(request, response, next)));
  app.use(system.app, routeNotFound, system.errors, errorHandler(deps));
  return app;
}
