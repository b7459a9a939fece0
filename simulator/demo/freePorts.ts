import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** A TCP port of this machine that nobody uses now: `wanted` if it is free, else any. */
export async function freeTcpPort(wanted = 0): Promise<number> {
  return (await tryTcp(wanted)) ?? (await tryTcp(0)) ?? wanted;
}

function tryTcp(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}

/** The same for UDP. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
