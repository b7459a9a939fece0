import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import { cameraLogin } from '../../../test/support/rtsp/cameraLogin.js';
import { oddCamera } from '../../../test/support/rtsp/oddCamera.js';
import { plays, pullFrom, pullOdd } from '../../../test/support/rtsp/rtspPulling.js';

describe('RTSPS', () => {
  it('plays from a camera whose certificate is trusted, with its login', async () => {
    const tls = selfSigned();
    const { manner, refused } = cameraLogin();
    const pulled = await pullOdd({
      ...{ tls, scheme: 'rtsps', login: 'admin:pass@', manners: { '*': manner } },
      dialBy: ({ host, port }, receive) => connect({ host, port, ca: tls.cert }).on('data', receive),
    });
    await plays(pulled);
    expect(refused).toEqual([]);
    expect(pulled.camera.requests[0]?.url).toBe(`rtsps://127.0.0.1:${pulled.camera.port}/live`);
  });

  it('sends nothing to a camera whose certificate is its own', async () => {
    const pulled = await pullOdd({ tls: selfSigned(), scheme: 'rtsps', login: 'admin:pass@' });
    expect(await pulled.ended).toMatchObject({ why: 'certificate', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(pulled.camera.requests).toEqual([]);
  });

  it('where the camera speaks it not is told as such', async () => {
    const plain = createServer((socket) =>
      socket.on('error', () => undefined).once('data', () => socket.end('RTSP/1.0 400 x\r\n\r\n')),
    );
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    onTestFinished(() => void plain.close());
    const address = plain.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const pulled = pullFrom({ port }, { scheme: 'rtsps' });
    expect(await pulled.ended).toMatchObject({ why: 'protocol' });
  });

  it('goes to no unencrypted UDP', async () => {
    const tls = selfSigned();
    const pulled = await pullOdd({
      ...{ tls, scheme: 'rtsps', manners: { SETUP: () => ({ status: 461, headers: [] }) } },
      dialBy: ({ host, port }, receive) => connect({ host, port, ca: tls.cert }).on('data', receive),
    });
    expect(await pulled.ended).toMatchObject({ why: 'refused', code: 'RTSP_461' });
    expect(pulled.camera.requests.filter(({ headers }) => headers.get('transport')?.includes('client_port'))).toEqual(
      [],
    );
  });

  it('spoken by a camera that is asked without encryption is told as such', async () => {
    const camera = await oddCamera({ tls: selfSigned() });
    const pulled = pullFrom(camera);
    const { why } = await pulled.ended;
    await camera.stop();
    expect(['not-a-stream', 'connection']).toContain(why);
  });
});
