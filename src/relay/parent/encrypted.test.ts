import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createServer as createEncrypted } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { Origin } from '../../../simulator/origin/types.js';
import { until } from '../../../test/support/engine/mediamtx.js';
import { selfSigned, type SelfSigned } from '../../../test/support/http/selfSigned.js';
import { pulled, RelayProcessRig, startCloud, tempFolder } from '../../../test/support/relay/relayProcessRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { RelayReason } from '../../core/streams/relay.js';
import { playAddress } from '../rtmp/playTarget.js';
import { RtmpPull, type PullEnd } from '../rtmp/rtmpPull.js';
import { trustOf } from '../wire/trust.js';
import { dial } from '../worker/dial.js';
import { portOf } from './relayParent.js';

async function listening(server: Server): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return portOf(server);
}

/** RTMPS in front of an origin. */
function encrypted({ port }: Pick<Origin, 'port'>, { key, cert }: SelfSigned): Promise<number> {
  return listening(
    createEncrypted({ key, cert }, (socket) => {
      const plain = connect(port, '127.0.0.1');
      plain.on('error', () => socket.destroy());
      socket.on('error', () => plain.destroy());
      socket.pipe(plain).pipe(socket);
    }),
  );
}

function pullFrom(url: string, clock = new TurnedClock()): Promise<PullEnd> {
  const address = playAddress(url);
  if (address === null) throw new Error('no address');
  return new Promise((resolve) => {
    const pull = new RtmpPull({ address, dial, clock, random: () => 0.5, onUnit: () => undefined, onEnd: resolve });
    onTestFinished(() => pull.stop());
  });
}

describe('an encrypted pull', () => {
  it('is not made from a server whose certificate is its own', async () => {
    const port = await encrypted({ port: 1 }, selfSigned());
    const end = await pullFrom(`rtmps://127.0.0.1:${port}/live/gate`);
    expect(end).toMatchObject({ why: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('from a server that speaks no TLS is not understood', async () => {
    const port = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    expect(await pullFrom(`rtmps://127.0.0.1:${port}/live/gate`)).toMatchObject({ why: 'protocol' });
  });

  it.each(['rtmp', 'rtmps'])(
    'or plain one (%s), of whose server nothing is heard, ends as one that cannot be reached',
    async (scheme) => {
      const clock = new TurnedClock();
      const server = createServer();
      const port = await listening(server);
      const ended = pullFrom(`${scheme}://127.0.0.1:${port}/live/gate`, clock);
      await once(server, 'connection');
      await clock.advance(10_000);
      expect(await ended).toMatchObject({ why: 'connection', code: 'ETIMEDOUT' });
    },
  );
});

it('hands on whose certificates are trusted, and nothing else', () => {
  const files = { NODE_EXTRA_CA_CERTS: '/etc/ca.pem', SSL_CERT_DIR: '/etc/ssl' };
  const options = { NODE_OPTIONS: '--inspect --use-openssl-ca --require=./x.js' };
  expect(trustOf({ ...files, ...options, SSL_CERT_FILE: '', EZVIZ_SECRET: 'x', PATH: '/bin' })).toEqual({
    ...files,
    NODE_OPTIONS: '--use-openssl-ca',
  });
  expect(trustOf({})).toEqual({});
});

describe.skipIf(!nodeAvFor('RTMPS through the processes of the relay'))('the processes of a relay', () => {
  /** `trusted`: the relay gets the certificate by NODE_EXTRA_CA_CERTS. */
  async function start(certificate: SelfSigned, trusted: boolean, host = 'localhost') {
    const origin = await startCloud();
    const port = await encrypted(origin, certificate);
    const file = path.join(tempFolder(), 'authority.pem');
    writeFileSync(file, certificate.cert);
    const rig = await RelayProcessRig.start({ trust: trusted ? trustOf({ NODE_EXTRA_CA_CERTS: file }) : {} });
    const { target, ...rest } = pulled(origin);
    const url = (target?.url ?? '').replace(/^rtmp:\/\/[^/]+/, `rtmps://${host}:${port}`);
    await rig.client.setCameras(new Map([['gate', { ...rest, target: target && { ...target, url } }]]), 0);
    return rig;
  }

  const reasonOf = async (rig: RelayProcessRig): Promise<RelayReason | null> =>
    (await rig.client.states())?.get('gate')?.reason ?? null;

  it('trust the authorities that the relay was told of', async () => {
    const rig = await start(selfSigned(), true);
    const reader = await rig.read('gate');
    expect(reader.isClosed).toBe(false);
    expect(await reasonOf(rig)).toBeNull();
  });

  it.each([
    ['nobody knows', selfSigned(), false, 'localhost', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['has expired', selfSigned(2021), true, 'localhost', 'CERT_HAS_EXPIRED'],
    ['is of another host', selfSigned(), true, '127.0.0.2', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('refuse a certificate that %s, and say so', async (_what, certificate, trusted, host, code) => {
    const rig = await start(certificate, trusted, host);
    void rig.play('gate').catch(() => undefined);
    await until(async () => (await reasonOf(rig)) === 'certificate');
    await until(() => rig.log().includes(`certificate of the cloud's server (${code})`));
    expect(rig.log()).not.toContain('openlive');
  });
});
