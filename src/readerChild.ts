/**
 * Entry of a reader child: reads HLS sources and transcodes for a worker of the relay, because FFmpeg's code can crash its process. Only `relay/reader/readerLink.ts`
 * starts it; it ends by itself when the worker ends. It speaks over the pipe with number 3.
 */
import { lookup } from 'node:dns/promises';
import { Socket } from 'node:net';
import process from 'node:process';
import { FrameCutter, frameOf, type ReaderReport } from './core/streams/readerFrames.js';
import { sourceNetworks } from './core/camera/sourceNetworks.js';
import { loadAv } from './media/av.js';
import { ReaderWork } from './media/reader/readerWork.js';
import { systemClock } from './systemClock.js';

const PIPE = 3;
/** A worker that reads nothing for so long that this is held is of no use: the child ends, and the worker starts another one. */
const MOST_UNREAD_BYTES = 128 * 1_024 * 1_024;

// SIGKILL, since a plain exit would wait for FFmpeg.
const end = (): void => void process.kill(process.pid, 'SIGKILL');
const pipe = new Socket({ fd: PIPE, readable: true, writable: true });
pipe.on('error', end);
pipe.on('close', end);
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

function send(report: ReaderReport, bytes?: Buffer): void {
  pipe.write(frameOf(report, bytes));
  if (pipe.writableLength > MOST_UNREAD_BYTES) end();
}

const networks = sourceNetworks(process.env['SOURCE_NETWORKS'] ?? '');
try {
  const av = await loadAv();
  const work = new ReaderWork({
    ...{ av, send, clock: systemClock },
    http: {
      ...{ clock: systemClock, random: Math.random },
      resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
      isAllowed: (ip) => networks.isAllowed(ip),
    },
  });
  const cutter = new FrameCutter();
  pipe.on('data', (chunk) => {
    for (const { head, bytes } of cutter.take(chunk)) work.take(head, bytes);
  });
  send({ kind: 'ready', problem: null });
} catch {
  send({ kind: 'ready', problem: 'node-av is not installed' });
}
