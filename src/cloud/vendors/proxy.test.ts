import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { startConnectProxy } from '../../../test/support/clouds/connectProxy.js';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import { CloudHttp } from '../calls/cloudHttp.js';
import type { Proxy } from '../../core/outboundProxy.js';

const SECRET = 'a-secret-that-must-not-show';

function cloudHttp(proxy: Proxy): CloudHttp {
  const http = new CloudHttp(axios.create(), new TurnedClock(), [], () => proxy);
  onTestFinished(() => http.close());
  return http;
}

/** A TLS cloud whose certificate is not trusted, so that a call reaches it and goes no further. */
async function startTlsCloud(): Promise<{ url: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer(selfSigned(), (request, response) => {
    requests.push(request.url ?? '');
    response.end('{}');
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `https://cloud.test:${(server.address() as AddressInfo).port}/call`, requests };
}

const call = (http: CloudHttp, url: string): Promise<unknown> =>
  http.post({ url, headers: { Token: SECRET }, body: SECRET });

describe('calls of a cloud behind a proxy', () => {
  it('go by a tunnel to https hosts, with the login of the proxy, and TLS is spoken with the cloud itself', async () => {
    const { proxy, asked, logins } = await startConnectProxy();
    const { url, requests } = await startTlsCloud();
    // The certificate came from the cloud, through the tunnel.
    await expect(call(cloudHttp(proxy), url)).rejects.toMatchObject({
      code: 'CLOUD_UNREACHABLE',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') as string,
    });
    expect(asked).toEqual([`CONNECT ${new URL(url).host}`]);
    expect(logins).toEqual([`Basic ${Buffer.from('us er:p@ss:word').toString('base64')}`]);
    expect(requests).toEqual([]);
  });

  it('and their pictures go through it, also when the proxy has an address of the local network', async () => {
    const { proxy, asked } = await startConnectProxy();
    const http = cloudHttp(proxy);
    expect(await call(http, 'http://cloud.test/call')).toMatchObject({ status: 200, json: { by: 'proxy' } });
    expect((await http.download('http://pictures.test/a.jpg')).toString()).toBe('{"by":"proxy"}');
    await expect(http.download('https://pictures.test:1/a.jpg')).rejects.toMatchObject({ code: 'CLOUD_UNREACHABLE' });
    expect(asked).toEqual(['POST http://cloud.test/call', 'GET http://pictures.test/a.jpg', 'CONNECT pictures.test:1']);
  });

  it.each([403, 407, 502])('that it answers with %i are its refusal and not the cloud’s', async (status) => {
    const { proxy } = await startConnectProxy(status);
    const http = cloudHttp(proxy);
    const refusal = call(http, 'https://cloud.test/call');
    await expect(refusal).rejects.toMatchObject({
      code: 'CLOUD_UNREACHABLE',
      message: expect.stringMatching(new RegExp(`through the proxy .*HTTP ${status}.*NO_PROXY`)) as string,
    });
    await expect(refusal).rejects.not.toThrow(SECRET);
  });

  it('say so when nothing listens there', async () => {
    const refusal = call(cloudHttp({ protocol: 'http', host: '127.0.0.1', port: 1 }), 'https://cloud.test/call');
    await expect(refusal).rejects.toThrow(/through the proxy of HTTPS_PROXY or HTTP_PROXY \(ECONNREFUSED\)/);
  });
});
