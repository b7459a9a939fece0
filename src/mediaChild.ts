/**
 * Entry of the media process: everything that touches pictures runs here, because FFmpeg's code can crash its process. Only
 * `media/process/mediaProcess.ts` starts it; it ends by itself when camlease ends.
 */
import process from 'node:process';
import { systemClock } from './systemClock.js';
import { loadAv } from './media/av.js';
import { MediaWork } from './media/process/mediaWork.js';
import { requestSchema, type MediaReport } from './media/process/protocol.js';

function send(report: MediaReport): void {
  if (process.connected) process.send?.(report, undefined, {}, () => undefined); // an error is ignored: camlease may have ended
}

// SIGKILL, since a plain exit would wait for FFmpeg's reads, some of which wait for a camera.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// camlease decides when this process ends; a Ctrl-C in camlease's terminal reaches this process too, and is ignored.
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
    'The optional package node-av is not installed for this machine, so camlease cannot decode pictures itself.';
  send({ kind: 'ready', version: null, problem });
}
