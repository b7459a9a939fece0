/**
 * The media process: everything that touches pictures runs here, because FFmpeg's code can crash the process it is in.
 * Started by `media/process/mediaProcess.ts` only; ends by itself when its parent does.
 */
import process from 'node:process';
import { systemClock } from './systemClock.js';
import { loadAv } from './media/av.js';
import { MediaWork } from './media/process/mediaWork.js';
import { requestSchema, type Report } from './media/process/protocol.js';

function send(report: Report): void {
  if (process.connected) process.send?.(report, undefined, {}, () => undefined); // the parent may go meanwhile
}

// At once: a plain exit waits for FFmpeg's reads, some of which wait for a camera.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The parent decides when we stop; a Ctrl-C in its terminal reaches us, too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

try {
  const av = await loadAv();
  const work = new MediaWork(av, systemClock, send);
  process.on('message', (message) => {
    const request = requestSchema.safeParse(message);
    if (request.success) work.take(request.data);
  });
  send({ kind: 'ready', version: av.lib.getFFmpegInfo().version, problem: null });
} catch {
  const problem =
    'The optional package node-av is not installed for this machine, so camlease cannot look at pictures itself.';
  send({ kind: 'ready', version: null, problem });
}
