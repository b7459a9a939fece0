import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';

/** A process that listens and is stopped takes no connection: the system completes a few by itself, and drops the first packets of all others. */
const LISTENS = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port));
})`;
const MOST = 16;
const COMPLETE_MS = 500;

/** A port of this machine that behaves as one of a host that is switched off: a connection to it is never made, and never refused. */
export interface SilentHost {
  readonly port: number;
  stop(): void;
}

export async function startSilentHost(): Promise<SilentHost> {
  const child = spawn(process.execPath, ['-e', LISTENS], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer]; // the port, in one write
  const port = Number(text.toString());
  child.kill('SIGSTOP');
  const sockets: Socket[] = [];
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
    child.kill('SIGKILL');
  };
  while (sockets.length < MOST) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    const isMade = await Promise.race([once(socket, 'connect').then(() => true), pause(COMPLETE_MS)]);
    if (isMade !== true) return { port, stop };
  }
  stop();
  throw new Error('This system completes connections to a stopped process without end.');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
