import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { makeMediaMtx, mediaMtxProgram, type TestMediaMtx } from '../engine/mediamtx.js';
import { systemClock } from '../../../src/systemClock.js';
import { openPublisher } from './publisher.js';
import { RtspConnection } from './rtspConnection.js';
import { answerTo, readChallenge } from './rtspLogin.js';
import type { SdpTrack } from './sdp.js';

const DIGEST = 'Digest realm="IPCAM", nonce="a4b1", opaque="q"';

describe('a server that asks for a password', () => {
  test.each([
    [['Basic realm="x"'], 'basic'],
    [['Basic realm="x"', DIGEST], 'digest'],
    [[DIGEST, 'Basic realm="x"'], 'digest'],
    // Some servers write the algorithm without quotes, or offer an unknown scheme beside a known one.
    [['digest realm="x",nonce="1",algorithm=MD5'], 'digest'],
    [['Digest realm="x", nonce="1", algorithm="SHA-512-256"', 'basic'], 'basic'],
    [['Digest realm="x"'], undefined],
    [['Negotiate'], undefined],
    [[], undefined],
  ])('by %j is answered by %s', (offers, scheme) => {
    expect(readChallenge(offers)?.scheme).toBe(scheme);
  });

  test('by digest gets what RFC 2069 says', () => {
    const challenge = readChallenge(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"']);
    const user = { name: 'Mufasa', pass: 'CircleOfLife' };
    const answer = challenge && answerTo(challenge, user, 'GET', '/dir/index.html');
    // The RFC's own example has an error, which its errata correct to this.
    expect(answer).toContain('response="1949323746fe6a43ef61f9606e7febea"');
  });

  test('is asked without the password first, and gets no clear one when it offers a digest', async () => {
    const asked: string[] = [];
    const server = createServer((socket: Socket) => {
      socket.on('data', (data) => {
        asked.push(data.toString());
        const seq = /CSeq: (\d+)/.exec(data.toString())?.[1] ?? '';
        const ok = data.includes('Authorization:');
        const more = ok ? '' : `WWW-Authenticate: Basic realm="x"\r\nWWW-Authenticate: ${DIGEST}\r\n`;
        socket.write(`RTSP/1.0 ${ok ? '200 OK' : '401 Unauthorized'}\r\nCSeq: ${seq}\r\n${more}\r\n`);
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const connection = new RtspConnection(systemClock, `rtsp://user:secret@127.0.0.1:${port}/cam`, {
      frame: () => undefined,
      end: () => undefined,
    });
    await connection.request('OPTIONS', connection.url);
    await connection.request('OPTIONS', connection.url);
    connection.close();
    server.close();
    expect(asked).toHaveLength(3);
    expect(asked[0]).not.toContain('Authorization');
    expect(asked.join('')).not.toContain('secret');
    expect(asked.join('')).not.toContain('Basic');
  });
});

const VIDEO: SdpTrack = {
  ...{ kind: 'video', codec: 'h264', clockRate: 90_000, channels: 1, payloadType: 96, control: '' },
  parameters: 'packetization-mode=1',
};

describe.skipIf(mediaMtxProgram === null)('a real MediaMTX', () => {
  let mediaMtx: TestMediaMtx | null = null;
  afterEach(() => mediaMtx?.stop());

  const HASHED = 'sha256:K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=';

  test.each([
    ['[basic]', HASHED],
    ['[basic, digest]', 'secret'],
    ['[digest]', 'secret'],
  ])('with rtspAuthMethods %s takes who publishes with a password, and nobody else', async (methods, pass) => {
    mediaMtx = await makeMediaMtx(`
rtspAuthMethods: ${methods}
hls: no
webrtc: no
authInternalUsers:
  - {user: any, permissions: [{action: api}]}
  - {user: us, pass: '${pass}', permissions: [{action: publish}]}
paths: {cam: }
`);
    await mediaMtx.start();
    const open = (login: string): Promise<{ close(): void }> =>
      openPublisher(systemClock, `rtsp://${login}127.0.0.1:${mediaMtx?.ports.rtsp}/cam`, [VIDEO], () => undefined);
    await expect(open('')).rejects.toThrow('answered 401');
    (await open('us:secret@')).close();
  });
});
