import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../../test/support/engine/mediamtxEngine.js';
import { systemClock } from '../../../systemClock.js';
import { MediaMtxClient } from '../api/client.js';
import { ConfigFile } from '../file/configFile.js';
import { pullPath } from '../paths/pathConfig.js';
import { OwnPaths } from '../sharing/ownPaths.js';
import { Writer } from './writer.js';
import { vendorsWith } from '../../../../test/support/clouds/vendors.js';

test('a restart while the file is read does not count as a MediaMTX that never reads it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'camlease-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // A MediaMTX without paths, which restarts at the first request for the path that was written.
  const server = createServer((request, response) => {
    const isList = request.url?.includes('/list') === true;
    const asksForPath = request.url?.startsWith('/v3/paths/get/') === true;
    if (asksForPath) writer.forget('restarted');
    response.writeHead(asksForPath ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isList ? { pageCount: 0, itemCount: 0, items: [] } : { error: 'not found' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const shared = { clock: systemClock, log: silentLog };
  const ownPaths = await OwnPaths.open(join(folder, 'own.json'));
  const file = await ConfigFile.open({ path: join(folder, 'mediamtx.yml'), template: 'paths:\n', ownPaths, ...shared });
  const client = new MediaMtxClient({ http: axios.create(), baseUrl: `http://127.0.0.1:${port}`, clock: systemClock });
  const wanted = new Map(['a', 'b', 'c'].map((name) => [name, pullPath('rtmp://127.0.0.1/live', 'always')]));
  const writer = new Writer({
    client,
    file,
    ownPaths,
    vendors: vendorsWith(),
    wanted: () => wanted,
    beforeWrite: async () => undefined,
    ...shared,
  });

  await expect(writer.reconcile()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  expect(writer.fileIsRead).toBe(true);
});
