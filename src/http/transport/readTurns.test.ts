import { request, type ClientRequest } from 'node:http';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { send } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { createHttpServer } from '../server.js';
import { MOST_WAITING, READS_AT_ONCE } from './readTurns.js';

/** A house whose store answers when the test says so; `read` asks from any address of this machine. */
async function crowd(): Promise<{
  port: number;
  read: (localAddress: string) => ClientRequest;
  begun: () => number;
  finish: () => void;
}> {
  const house = fakeHouse();
  const waiting: (() => void)[] = [];
  let begun = 0;
  const clients: ClientRequest[] = [];
  const cameras = {
    ...house.cameras,
    ping: () =>
      new Promise<void>((resolve) => {
        begun += 1;
        waiting.push(resolve);
      }),
  };
  const server = createHttpServer({ ...house, cameras });
  const { port } = await server.listen(0, '0.0.0.0');
  onTestFinished(async () => {
    for (const client of clients) client.destroy();
    waiting.splice(0).forEach((done) => done());
    await server.close();
  });
  return {
    port,
    begun: () => begun,
    finish: () => waiting.splice(0).forEach((done) => done()),
    read: (localAddress) => {
      const sent = request({ host: '127.0.0.1', port, path: '/ready', agent: false, localAddress });
      sent.on('error', () => undefined);
      sent.end();
      clients.push(sent);
      return sent;
    },
  };
}

async function when(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

it('a client that asks much holds back only itself, and its reads are all answered in turn', async () => {
  const { read, begun, finish } = await crowd();
  const greedy = Array.from({ length: 3 * READS_AT_ONCE }, () => read('127.0.0.1'));
  const answers = greedy.map((sent) => once(sent, 'response'));
  await when(() => begun() === READS_AT_ONCE);
  read('127.0.0.2');
  await when(() => begun() === READS_AT_ONCE + 1);
  for (let round = 0; round < 4; round++) {
    const before = begun();
    finish();
    await when(() => begun() > before || begun() === 3 * READS_AT_ONCE + 1);
  }
  finish();
  expect(await Promise.all(answers)).toHaveLength(3 * READS_AT_ONCE);
});

it('a reader that leaves gives its turn to the next one', async () => {
  const { read, begun } = await crowd();
  const first = Array.from({ length: READS_AT_ONCE }, () => read('127.0.0.1'));
  await when(() => begun() === READS_AT_ONCE);
  read('127.0.0.1');
  first[0]?.destroy();
  await when(() => begun() === READS_AT_ONCE + 1);
});

it('what is beyond the queue is refused at once, and /health is answered beside it', async () => {
  const { port, read, begun } = await crowd();
  const refused: number[] = [];
  for (let count = 0; count < READS_AT_ONCE + MOST_WAITING + 5; count++) {
    read('127.0.0.1').on('response', ({ statusCode }) => refused.push(statusCode ?? 0));
  }
  await when(() => refused.length === 5 && begun() === READS_AT_ONCE);
  expect(refused).toEqual([429, 429, 429, 429, 429]);
  expect((await send(port, 'GET', '/health', { headers: { host: 'localhost' } })).status).toBe(200);
});
