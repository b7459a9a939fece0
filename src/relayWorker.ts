/**
 * A worker of the relay: pulls cameras and serves them to MediaMTX. Started by the relay's parent only; when that dies, it serves its
 * readers to their end.
 */
import type { Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { RELAY_FILE } from './relay/file/relayFile.js';
import { brokeAt } from './relay/parent/brokeAt.js';
import { dial } from './relay/worker/dial.js';
import { orderSchema, type Report } from './relay/wire/messages.js';
import { OrphanReports } from './relay/parent/orphanReports.js';
import { RelayWork } from './relay/worker/relayWork.js';
import type { WorkerStates } from './relay/parent/worker.js';
import { rtmpPuller } from './relay/pull/puller.js';
import { systemClock } from './systemClock.js';

let lastStates: WorkerStates = [];

function send(report: Report): void {
  if (process.connected)
    process.send?.(report, undefined, {}, () => undefined); // the parent may go meanwhile
  else if (report.kind === 'states') lastStates = report.states;
}

const [, , folder = '.'] = process.argv;
const orphan = new OrphanReports({
  ...{ folder, pid: process.pid, clock: systemClock },
  states: () => {
    work.take({ op: 'states', id: 0 }, null);
    return lastStates;
  },
});
const work = new RelayWork({
  folder,
  file: path.join(folder, RELAY_FILE),
  pull: rtmpPuller({ dial, clock: systemClock, random: Math.random }),
  clock: systemClock,
  random: Math.random,
  send,
  end: () => process.exit(0),
});

// The parent decides when it stops. Without a parent a person may.
const onSignal = (): void => {
  if (!process.connected) work.stop();
};
process.on('SIGINT', onSignal);
process.on('SIGTERM', onSignal);
process.on('SIGHUP', () => undefined);
process.on('disconnect', () => {
  work.orphaned();
  orphan.begin();
});
process.on('uncaughtException', (error) => {
  if (!process.connected) process.exit(1);
  const report: Report = { kind: 'broke', where: brokeAt(error) };
  process.send?.(report, undefined, {}, () => process.exit(1));
});
process.on('message', (message, handle) => {
  const order = orderSchema.safeParse(message);
  if (order.success) work.take(order.data, (handle as Socket | undefined) ?? null);
});
await work.start();
