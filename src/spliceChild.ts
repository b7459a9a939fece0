/**
 * The splice process: copies packets of many cameras from their feeders to their public paths. Apart from the media process,
 * because what strangers send may crash that one, and nobody's picture may hang on that.
 * Started by `media/splice/spliceProcess.ts` only; ends by itself when its parent does.
 */
import process from 'node:process';
import { systemClock } from './systemClock.js';
import type { Report } from './media/protocol.js';
import { requestSchema } from './media/splice/protocol.js';
import { SpliceWork } from './media/splice/spliceWork.js';

function send(report: Report): void {
  if (process.connected) process.send?.(report, undefined, {}, () => undefined); // the parent may go meanwhile
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The parent decides when we stop; a Ctrl-C in its terminal reaches us, too.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

const work = new SpliceWork(systemClock, send);
process.on('message', (message) => {
  const request = requestSchema.safeParse(message);
  if (request.success) work.take(request.data);
});
send({ kind: 'ready', version: null, problem: null });
