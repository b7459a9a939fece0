import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import axios from 'axios';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../../test/support/engine/mediamtx.js';
import { systemClock } from '../../../systemClock.js';
import { MediaMtxClient } from '../api/client.js';
import { MediaMtxMonitor } from './mediaMtxMonitor.js';

let server: Server;
let info: { version: string; started: string } | null;
let monitor: MediaMtxMonitor;
const seen: string[] = [];

beforeEach(async () => {
  seen.length = 0;
  info = { version: 'v1.20.1', started: '2026-01-05T08:00:00Z' };
  server = createServer((_request, response) => {
    if (info) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(info));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  monitor = new MediaMtxMonitor({
    client: new MediaMtxClient({ http: axios.create(), baseUrl: `http://127.0.0.1:${port}`, clock: systemClock }),
    clock: systemClock,
    refreshFile: async () => false,
    onStarted: () => seen.push('started'),
    onFileEdited: () => seen.push('edited'),
    onAnswer: () => undefined,
    onHung: () => seen.push('hung'),
    everyMs: 10,
    infoTimeoutMs: 400,
    hungAfterMs: 2_000,
  });
});
afterEach(async () => {
  await monitor.stop();
  server.closeAllConnections();
  server.close();
});

test('a new start time is a restart, told once', async () => {
  await monitor.start();
  await until(() => seen.length === 1);
  info = { version: 'v1.20.1', started: '2026-01-05T09:00:00Z' };
  await until(() => seen.length === 2);
  expect(seen).toEqual(['started', 'started']);
});

test('an API that answers nothing three times in a row hangs, and is told to when it stays so', async () => {
  await monitor.start();
  await until(() => seen.length === 1);
  info = null;
  await until(() => monitor.hangs);
  expect(seen).toEqual(['started']);
  await until(() => seen.length === 2);
  // MediaMTX hangs on after the restart: `onHung` is called once more, and not at each poll.
  await until(() => seen.length === 3);
  expect(seen).toEqual(['started', 'hung', 'hung']);
  expect(monitor.failure).toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  // Counted from the first unanswered request.
  expect(monitor.awayMs).toBeGreaterThan(2_000);
  info = { version: 'v1.20.1', started: '2026-01-05T08:00:00Z' };
  await until(() => monitor.failure === null);
  expect(monitor.hangs).toBe(false);
  expect(monitor.awayMs).toBeNull();
  expect(seen.filter((what) => what === 'started')).toHaveLength(1);
});

test('a server that is too old is refused with a cure, and never told to have started', async () => {
  info = { version: 'v1.19.2', started: '2026-01-05T08:00:00Z' };
  await monitor.start();
  await until(() => monitor.version !== null);
  expect(monitor.failure).toMatchObject({ code: 'ENGINE_TOO_OLD', cure: expect.stringContaining('v1.20.1') as string });
  // A MediaMTX that is too old still answers, so it is not away.
  expect(monitor.awayMs).toBeNull();
  expect(seen).toEqual([]);
});
