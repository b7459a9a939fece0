import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createServer as createEncrypted } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import { sourceNetworks } from '../../core/camera/sourceNetworks.js';
import { systemClock } from '../../systemClock.js';
import { rtmpPuller } from '../pull/puller.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { checkedDial, type Resolve } from './checkedDial.js';

interface Listening {
  readonly port: number;
  /** How many connections came. */
  count(): number;
}

async function listening(server = createServer(), host = '127.0.0.1'): Promise<Listening> {
  let count = 0;
  server.on('connection', (socket) => {
    count += 1;
    socket.on('error', () => undefined);
    socket.end();
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  return { port, count: () => count };
}

/** Answers with one list of addresses after the other; the last one repeats. */
function answers(...lists: readonly (readonly string[])[]): Resolve & { asked: string[] } {
  const asked: string[] = [];
  const resolve = (name: string): Promise<LookupAddress[]> => {
    const list = lists[Math.min(asked.length, lists.length - 1)] ?? [];
    asked.push(name);
    return Promise.resolve(list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  };
  return Object.assign(resolve, { asked });
}

const nobody: Resolve = () => Promise.reject(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }));

/** Pulls a URL that a person gave; resolves to why it ended. */
function endOf(url: string, { resolve = nobody, networks = '' } = {}): Promise<AnyPullEnd> {
  const dial = checkedDial({ networks: sourceNetworks(networks), resolve });
  const pull = rtmpPuller({ dial, clock: systemClock, random: () => 0.5 });
  return new Promise((onEnd) => {
    const target = { url, givenBy: 'person', revision: 1, endsAt: null, tracks: null } as const;
    const pulling = pull(target, { onUnit: () => undefined, onBytes: () => undefined, onEnd });
    onTestFinished(() => pulling.stop());
  });
}

const FORBIDDEN = { why: 'forbidden', code: 'SOURCE_FORBIDDEN' };

describe('an address that a person gave', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.1.',
    '0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::127.0.0.1]',
    'localhost',
    'LOCALHOST.',
    'camera.localhost',
    'allowed.example@127.0.0.1',
    'allowed.example:80@127.0.0.1',
    'allowed.example%40@127.0.0.1',
    'allowed.example\\@127.0.0.1',
    'user:pass@192.168.1.1@127.0.0.1',
    '%31%32%37.0.0.1',
    '127。0。0。1',
  ])('is not dialled when it leads to this machine: %s', async (host) => {
    const server = await listening();
    const resolve = answers(['127.0.0.1']);
    const end = await endOf(`rtmp://${host}:${server.port}/live/gate`, { resolve });
    expect([end.why === 'protocol' ? FORBIDDEN : end, server.count()]).toEqual([expect.objectContaining(FORBIDDEN), 0]);
  });

  it.each([
    '169.254.169.254',
    '[fd00:ec2::254]',
    '100.100.100.200',
    '0.0.0.0',
    '255.255.255.255',
    '224.0.0.1',
    '[fe80::1]',
  ])('is not dialled where nobody has a camera: %s', async (host) => {
    expect(await endOf(`rtmps://${host}/live/gate`)).toMatchObject(FORBIDDEN);
  });

  it('is dialled where SOURCE_NETWORKS says so, and nowhere else', async () => {
    const server = await listening();
    const url = (host: string): string => `rtmp://${host}:${server.port}/live/gate`;
    expect((await endOf(url('127.0.0.1'), { networks: '127.0.0.1' })).why).toBe('connection');
    expect((await endOf(url('2130706433'), { networks: '127.0.0.1' })).why).toBe('connection');
    expect(server.count()).toBe(2);
    expect(await endOf(url('127.0.0.2'), { networks: '127.0.0.1' })).toMatchObject(FORBIDDEN);
    expect(server.count()).toBe(2);
  });
});

describe('a name that a person gave', () => {
  it('is not dialled when it leads to this machine, whatever else it is called', async () => {
    const server = await listening();
    const url = `rtmp://camera.example.org:${server.port}/live/gate`;
    for (const list of [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['169.254.169.254', '0.0.0.0']])
      expect(await endOf(url, { resolve: answers(list) })).toMatchObject(FORBIDDEN);
    expect(server.count()).toBe(0);
  });

  it('is resolved once for a dial, and what it leads to a moment later is not dialled', async () => {
    const checked = await listening(createServer(), '127.0.0.2');
    const other = createServer();
    let others = 0;
    other.on('connection', () => (others += 1));
    other.listen(checked.port, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    // The first answer may be dialled, each later one may not.
    const resolve = answers(['127.0.0.2'], ['127.0.0.1']);
    const url = `rtmp://rebinds.example.org:${checked.port}/live/gate`;
    const networks = '127.0.0.2/32';
    expect((await endOf(url, { resolve, networks })).why).toBe('connection');
    expect([resolve.asked, checked.count(), others]).toEqual([['rebinds.example.org'], 1, 0]);
    expect(await endOf(url, { resolve, networks })).toMatchObject(FORBIDDEN);
    expect([resolve.asked.length, checked.count(), others]).toEqual([2, 1, 0]);
  });

  it('with several addresses is dialled at those alone that may be dialled', async () => {
    const server = await listening(createServer(), '127.0.0.2');
    const forbidden = createServer();
    let count = 0;
    forbidden.on('connection', () => (count += 1));
    forbidden.listen(server.port, '127.0.0.1');
    await once(forbidden, 'listening');
    onTestFinished(() => void forbidden.close());
    const resolve = answers(['127.0.0.1', '::1', '127.0.0.2']);
    const end = await endOf(`rtmp://two.example.org:${server.port}/live/gate`, { resolve, networks: '127.0.0.2' });
    expect([end.why, server.count(), count]).toEqual(['connection', 1, 0]);
  });

  it('that is unknown, or has no address, is said to be so', async () => {
    const url = 'rtmp://gone.example.org/live/gate';
    expect(await endOf(url)).toMatchObject({ why: 'connection', code: 'ENOTFOUND' });
    expect(await endOf(url, { resolve: answers([]) })).toMatchObject({ why: 'connection', code: 'ENOTFOUND' });
  });

  it('is what the certificate has to be for, though an address is dialled', async () => {
    const names: (string | undefined)[] = [];
    const { key, cert } = selfSigned();
    const server = createEncrypted({
      ...{ key, cert },
      SNICallback: (name, callback) => {
        names.push(name);
        callback(null);
      },
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const url = `rtmps://Camera.Example.ORG.:${port}/live/gate`;
    const end = await endOf(url, { resolve: answers(['127.0.0.1']), networks: '127.0.0.0/8' });
    expect([end.why, names]).toEqual(['certificate', ['camera.example.org']]);
  });
});
