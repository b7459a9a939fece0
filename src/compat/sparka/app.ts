import path from 'node:path';
import type { Random } from '../../core/clock.js';
import type { CompatApp, CompatDeps } from '../compatApp.js';
import { plainApp } from '../../http/transport/plainApp.js';
import { addApi } from './api.js';
import { Packages } from '../../media/packaging/packages.js';
import { oldErrors } from './errors.js';
import { addHls, hasPlaylist, type HlsPackages } from './hls.js';
import { StartedStreams } from './startedStreams.js';
import { Starting } from './starting.js';
import { StreamLogs } from './streamLogs.js';

/** What the old system's nginx put in front of its addresses, and took away again. */
const NGINX_PREFIX = /^\/(?:streaming-api|streaming)(?=\/)/;

/** As the old server's document has it. */
const USUAL_HLS = { segmentMs: 2_000, listed: 3 } as const;

export interface SparkaParts {
  /** Makes HLS of what the relay carries; absent: the media process does. */
  readonly packages?: HlsPackages;
}

/** The listener for clients of SPARKA Streaming Server. */
export function sparkaApp(deps: CompatDeps, parts: SparkaParts = {}): CompatApp {
  const { cameras, dataDir, clock, log } = deps;
  const streams = new StartedStreams(cameras);
  const folder = path.join(dataDir, 'logs', 'sparka');
  const logs = new StreamLogs({ clock, folder, warn: (message) => log.warn(message, { folder }) });
  const onNews = (cameraId: string, text: string): void => {
    const camera = cameras.peek(cameraId);
    if (camera) for (const id of streams.idsOf(camera)) logs.write(id, text);
  };
  const packages =
    parts.packages ?? new Packages({ clock, process: deps.media, ...(deps.sparkaHls ?? USUAL_HLS), onNews });
  const hls = { ...deps, packages, streams };
  const starting = new Starting({
    ...deps,
    streams,
    shows: (camera, signal) => hasPlaylist(hls, camera, signal),
  });
  const app = plainApp();
  app.use((request, _response, next) => {
    request.url = request.url.replace(NGINX_PREFIX, '');
    next();
  });
  const onStopped = (cameraId: string): void => {
    const camera = cameras.peek(cameraId);
    if (!camera || streams.idsOf(camera).length === 0) packages.end(cameraId);
  };
  addApi(app, { ...deps, streams, starting, logs, onStopped, newId: () => uuidOf(deps.random) });
  addHls(app, hls);
  return {
    app,
    errors: oldErrors(deps),
    isEmbeddable: (address) => address.replace(NGINX_PREFIX, '').startsWith('/hls/'),
    close: async () => {
      packages.close();
      await logs.flush();
    },
  };
}

/** A random UUID (version 4), as the old server made of a start without an id. */
function uuidOf(random: Random): string {
  const digits = Array.from({ length: 32 }, (_, at) => {
    const drawn = Math.floor(random() * 16);
    return (at === 12 ? 4 : at === 16 ? 8 | (drawn & 3) : drawn).toString(16);
  }).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
