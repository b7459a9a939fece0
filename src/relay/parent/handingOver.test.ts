import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { RelayProcessRig } from '../../../test/support/relay/relayProcessRig.js';
import { RtspReader } from '../../../test/support/relay/rtspReader.js';
import { systemClock } from '../../systemClock.js';
import { headLine } from '../file/fileLines.js';
import { TranscodePlaces } from '../pull/transcodePlaces.js';
import { RELAY_FILE } from '../file/relayFile.js';
import { RelayWork } from '../worker/relayWork.js';

const AT_ONCE = 50;
const ROUNDS = 6;
const FIRST = new TextEncoder().encode('OPTIONS rtsp://relay/gate RTSP/1.0\r\nCSeq: 1\r\n\r\n');

async function startWork(): Promise<RelayWork> {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-relay-work-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, RELAY_FILE);
  writeFileSync(file, headLine({ reader: 'a-secret-of-the-readers', control: 'a-secret-of-the-writers' }));
  const nothing = (): void => undefined;
  const pull = (): { stop(): void } => ({ stop: nothing });
  const work = new RelayWork({
    ...{ folder, file, pull, clock: systemClock, random: Math.random, send: nothing, end: nothing },
    transcodes: new TranscodePlaces(nothing),
  });
  await work.start();
  onTestFinished(() => work.stop());
  return work;
}

/** A reader's connection: what the reader has received so far, and both ends. */
async function aReader(): Promise<{ readonly received: () => string; readonly client: Socket; readonly end: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [end] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  let text = '';
  client.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  return { received: () => text, client, end };
}

it('a worker answers a reader only once its parent has let go of the connection, which reads on until then', async () => {
  const work = await startWork();
  const [held, other] = [await aReader(), await aReader()];
  work.take({ op: 'serve', id: 1, first: FIRST }, held.end);
  work.take({ op: 'serve', id: 2, first: FIRST }, other.end);
  work.take({ op: 'begin', id: 2 }, null);
  await once(other.client, 'data');
  expect([held.received(), other.received()]).toEqual(['', expect.stringContaining('RTSP/1.0 200')]);
  work.take({ op: 'begin', id: 1 }, null);
  await once(held.client, 'data');
  expect(held.received()).toContain('RTSP/1.0 200');
});

it('a worker whose parent died answers those that it was given', async () => {
  const work = await startWork();
  const { client, end } = await aReader();
  work.take({ op: 'serve', id: 1, first: FIRST }, end);
  work.orphaned();
  const [bytes] = (await once(client, 'data')) as [Buffer];
  expect(bytes.toString()).toContain('RTSP/1.0 200');
});

it(
  'every request of readers that come many at once is answered, also the second one',
  { timeout: 120_000 },
  async () => {
    const rig = await RelayProcessRig.start();
    const url = `rtsp://127.0.0.1:${rig.port}/gate`;
    let answered = 0;
    const come = async (): Promise<void> => {
      const reader = new RtspReader(rig.port);
      onTestFinished(() => void reader.socket.destroy());
      // The parent reads the first request, and a worker answers both.
      for (const step of ['first', 'second']) expect(await reader.ask('OPTIONS', url), step).toContain('RTSP/1.0 200');
      answered += 1;
      reader.socket.destroy();
    };
    for (let round = 1; round <= ROUNDS; round++) {
      const all = Promise.all(Array.from({ length: AT_ONCE }, come));
      // The parent has other requests to answer at the same time.
      await Promise.all([all, ...Array.from({ length: 20 }, () => rig.client.states())]);
      expect(answered).toBe(round * AT_ONCE);
    }
  },
);
