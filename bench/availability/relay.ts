import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy between camlease and its database, so that the database can be unreachable without losing its content. */
export interface Relay {
  readonly port: number;
  /** Breaks every connection, and accepts none until `back`. */
  away(): Promise<void>;
  back(): Promise<void>;
  stop(): Promise<void>;
}

export async function startRelay(host: string, target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  let port = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  };
  const back = async (): Promise<void> => {
    const listening = createServer((client) => {
      const upstream = connect({ host, port: target });
      keep(client);
      keep(upstream);
      client.pipe(upstream).pipe(client);
      client.once('close', () => upstream.destroy());
      upstream.once('close', () => client.destroy());
    });
    listening.listen(port, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    if (address === null || typeof address === 'string') throw new Error('The relay has no port.');
    ({ port } = address);
    server = listening;
  };
  const away = async (): Promise<void> => {
    const closing = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    if (closing) await new Promise<void>((resolve) => void closing.close(() => resolve()));
  };
  await back();
  return {
    get port() {
      return port;
    },
    away,
    back,
    stop: away,
  };
}
