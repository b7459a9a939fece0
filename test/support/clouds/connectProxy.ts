import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Proxy } from '../../../src/core/outboundProxy.js';

export interface ConnectProxy {
  readonly proxy: Proxy;
  /** The requests that the proxy got: `CONNECT host:port`, or `GET http://…`. */
  readonly asked: string[];
  /** The login of each request. */
  readonly logins: (string | undefined)[];
}

/** Starts an HTTP proxy until the test ends: it accepts one login, tunnels CONNECT and forwards plain requests. Every host is this machine. */
export async function startConnectProxy(refuses: number | null = null): Promise<ConnectProxy> {
  const asked: string[] = [];
  const logins: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const login = `Basic ${Buffer.from('us er:p@ss:word').toString('base64')}`;
  const server = createServer((request, response) => {
    const { url = '', method = '', headers } = request;
    asked.push(`${method} ${url}`);
    logins.push(headers['proxy-authorization']);
    const status = refuses ?? (headers['proxy-authorization'] === login ? 200 : 407);
    response.writeHead(status).end(status === 200 ? '{"by":"proxy"}' : '<html>proxy</html>');
  });
  server.on('connect', (request, near: Socket) => {
    asked.push(`CONNECT ${request.url ?? ''}`);
    logins.push(request.headers['proxy-authorization']);
    sockets.add(near);
    near.on('error', () => undefined);
    const status = refuses ?? (request.headers['proxy-authorization'] === login ? 200 : 407);
    if (status !== 200) {
      near.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const far = connect(Number(request.url?.split(':').at(-1)), '127.0.0.1', () => {
      near.write('HTTP/1.1 200 Established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    sockets.add(far);
    far.on('error', () => near.end('HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n'));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const { port } = server.address() as AddressInfo;
  const auth = { username: 'us er', password: 'p@ss:word' };
  return { proxy: { protocol: 'http', host: '127.0.0.1', port, auth }, asked, logins };
}
