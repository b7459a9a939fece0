import { once } from 'node:events';
import { createServer } from 'node:http';
import axios from 'axios';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../systemClock.js';
import { MediaMtxClient } from '../api/client.js';
import { confirmFile } from './confirm.js';
import { ReloadPace } from './reloadPace.js';

test('a question that falls into the moment in which the path of the former mark closes is asked again', async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    const isClosing = asked === 1;
    response.writeHead(isClosing ? 500 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        isClosing
          ? { error: 'terminated' }
          : {
              name: '_camlease/file',
              available: false,
              online: false,
              source: { type: 'srtSource' },
              readers: [],
              tracks: [],
              tracks2: [],
              inboundBytes: 0,
              bytesReceived: 0,
            },
      ),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new MediaMtxClient({ http: axios.create(), baseUrl: `http://127.0.0.1:${port}`, clock: systemClock });
  const write = {
    paths: new Map(),
    mark: 'srtSource',
    attempt: 1,
    isOver: () => false,
    pace: new ReloadPace(),
  } as const;
  const renamedAtMs = systemClock.monotonicMs();
  expect(await confirmFile({ client, clock: systemClock }, { ...write, renamedAtMs })).toBe(true);
  expect(asked).toBe(2);
});
