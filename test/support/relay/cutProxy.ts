import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy in front of a database: it can refuse connections, or accept requests and pass nothing on. */
export interface CutProxy {
  readonly port: number;
  set(state: 'open' | 'refused' | 'hanging'): void;
  stop(): Promise<void>;
}

export async function startCutProxy(target: { readonly host: string; readonly port: number }): Promise<CutProxy> {
  let state: 'open' | 'refused' | 'hanging' = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => {
        if (state === 'open') to.write(data);
      });
      from.on('error', () => undefined); // 'close' follows, which closes the other side
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    if (state === 'refused') near.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const dropAll = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    set(next) {
      state = next;
      // What was lost while the proxy hung cannot be recovered, so those connections are closed.
      if (next !== 'hanging') dropAll();
    },
    async stop() {
      dropAll();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
