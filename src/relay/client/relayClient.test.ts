import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { freeTcpPort } from '../../../simulator/demo/freePorts.js';
import { until } from '../../../test/support/engine/mediamtx.js';
import { kill, OUR_VERSION, RelayProcessRig } from '../../../test/support/relay/relayProcessRig.js';
import type { RelayCamera, RelayCameras } from '../../core/streams/relay.js';
import { systemClock } from '../../systemClock.js';
import { RelayClient } from './relayClient.js';
import { remoteHost } from './remoteHost.js';

const camera = (revision: number): RelayCamera => ({
  target: {
    url: `rtmp://127.0.0.1:1/v3/openlive/AB1234567_1_1?expire=1767600000&id=${revision}&c=${'0123456789abcdef'.repeat(12)}`,
    givenBy: 'cloud',
    revision,
    endsAt: new Date(1_767_600_000_000),
    tracks: { video: { codec: 'H264', width: 1280, height: 720 }, audio: null },
  },
  candidate: null,
  whenGone: 'slate',
  cap: { group: 'hikvision', most: 100 },
});

function fleet(size: number, revisionOf: (at: number) => number = () => 1): RelayCameras {
  return new Map(Array.from({ length: size }, (_, at) => [`camera-${at}`, camera(revisionOf(at))]));
}

function clientAt(url: string, secret: string, isAlone = false): RelayClient {
  const client = new RelayClient({
    host: remoteHost({ url, secret, dataDir: '/nowhere', version: OUR_VERSION }),
    ...{ clock: systemClock, isAlone, endsWithUs: false, keepSecret: () => undefined },
    log: { info: () => undefined, warn: () => undefined },
  });
  onTestFinished(() => client.stop());
  return client;
}

describe('the client of a relay', () => {
  it('tells ten thousand cameras, and afterwards what changed alone', async () => {
    const rig = await RelayProcessRig.start();
    await rig.client.setCameras(fleet(10_000), 0);
    expect(await rig.status()).toMatchObject({ cameras: 10_000, change: 1 });
    await rig.client.setCameras(fleet(10_000), 0);
    expect((await rig.status()).change).toBe(1);
    const told = (): number => statSync(path.join(rig.dataDir, 'relay', 'relay.jsonl')).size;
    const atFirst = told();
    const oneChanged = fleet(10_000, (at) => (at === 5_000 ? 2 : 1));
    await rig.client.setCameras(oneChanged, 0);
    expect((await rig.status()).change).toBe(2);
    expect(told() - atFirst).toBeLessThan(2_000);
    const allChanged = fleet(10_000, () => 3);
    await rig.client.setCameras(allChanged, 0);
    // In ten batches.
    expect(await rig.status()).toMatchObject({ cameras: 10_000, change: 12 });
  });

  it('tells everything again after the relay was started anew, and says so to those who listen', async () => {
    const rig = await RelayProcessRig.start();
    await rig.client.setCameras(fleet(3), 0);
    const before = await rig.status();
    const heard = rig.changes.length;
    await kill(before.pid);
    await until(() => rig.changes.length > heard);
    expect(rig.client.problem).toBeNull();
    await rig.client.setCameras(fleet(4), 0);
    expect(await rig.status()).toMatchObject({ cameras: 4, change: 1 });
    expect(rig.client.sourceFor('gate')).toContain(`:${before.reader.password}@127.0.0.1:${rig.port}/gate`);
  });

  it('finds the relay of a life before, which went on meanwhile', async () => {
    const rig = await RelayProcessRig.start();
    const { pid, reader } = await rig.status();
    const { dataDir, port } = rig;
    const next = await RelayProcessRig.start({ dataDir, port });
    expect([(await next.status()).pid, next.client.problem]).toEqual([pid, null]);
    expect(next.client.sourceFor('gate')).toContain(reader.password);
  });

  it('that another one followed is refused by its fence, and both know when the other changed something', async () => {
    const rig = await RelayProcessRig.start({ isAlone: false });
    const { url, secret } = rig.host.find() ?? { url: '', secret: '' };
    await rig.client.setCameras(fleet(2), 4);
    const heard = rig.changes.length;
    const other = clientAt(url, secret);
    await other.start();
    await other.setCameras(fleet(3), 5);
    await until(() => rig.changes.length > heard);
    await expect(rig.client.setCameras(fleet(2), 4)).rejects.toMatchObject({ code: 'RELAY_FENCED' });
    expect((await rig.status()).cameras).toBe(3);
    await rig.client.setCameras(fleet(2), 6);
    expect(await rig.status()).toMatchObject({ cameras: 2, fence: 6 });
  });

  it('with a wrong secret, or where no relay answers, says what to do', async () => {
    const rig = await RelayProcessRig.start();
    const { url } = rig.host.find() ?? { url: '' };
    const refused = async (client: RelayClient, words: RegExp): Promise<void> => {
      await client.start();
      expect(client.problem?.message).toMatch(words);
      expect(client.problem?.cure).toContain('RELAY_SECRET');
      expect(client.sourceFor('gate')).toBeNull();
      expect(await client.states()).toBeNull();
      await expect(client.setCameras(fleet(1), 0)).rejects.toMatchObject({ code: 'RELAY_UNREACHABLE' });
    };
    const nobody = `http://127.0.0.1:${await freeTcpPort()}`;
    // At once, since each start waits 5 s for a good answer.
    await Promise.all([
      refused(clientAt(url, 'not the secret of it'), /secret/),
      refused(clientAt(nobody, 'whatever it may be'), /cannot be reached \(ECONNREFUSED\)/),
    ]);
  });

  it('says that another program has its port, and uses the port once it is free', async () => {
    const port = await freeTcpPort();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const rig = await RelayProcessRig.start({ port });
    expect(rig.client.problem?.message).toContain(`cannot listen on port ${port}`);
    expect(rig.client.problem?.cure).toContain('RELAY_PORT');
    // The engine listens and logs the problem with its consequences; the client must not log it a second time.
    expect(rig.lines).toEqual([]);
    other.close();
    await until(() => rig.client.problem === null, 30_000);
    expect((await rig.status()).reader.port).toBe(port);
  });
});
