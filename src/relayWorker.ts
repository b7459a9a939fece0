/**
 * Entry of a relay's worker process, which pulls cameras and serves them to MediaMTX. Only the relay's parent starts it; when the parent has
 * ended, the worker serves its readers to the end.
 */
import type { Socket } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { sourceNetworks } from './core/camera/sourceNetworks.js';
import { childModule } from './core/childModule.js';
import { RELAY_FILE } from './relay/file/relayFile.js';
import { brokeAt } from './relay/parent/brokeAt.js';
import { checkedDial, systemResolve } from './relay/worker/checkedDial.js';
import { dial } from './relay/worker/dial.js';
import { orderSchema, type WorkerReport } from './relay/wire/messages.js';
import { OrphanReports } from './relay/parent/orphanReports.js';
import { openUdp } from './relay/worker/udpPorts.js';
import { RelayWork } from './relay/worker/relayWork.js';
import type { WorkerStates } from './relay/parent/worker.js';
import { pullerByGiver } from './relay/pull/byGiver.js';
import { rtmpPuller, type Puller } from './relay/pull/puller.js';
import { readerPuller } from './relay/pull/readerPuller.js';
import { TranscodePlaces } from './relay/pull/transcodePlaces.js';
import { schemePuller } from './relay/pull/schemePuller.js';
import { readerEnvironment, ReaderLink } from './relay/reader/readerLink.js';
import { systemClock } from './systemClock.js';

let lastStates: WorkerStates = [];

function send(report: WorkerReport): void {
  if (process.connected)
    process.send?.(report, undefined, {}, () => undefined); // an error is ignored: the parent may have ended
  else if (report.kind === 'states') lastStates = report.states;
}

const [, , folder = '.', networks = ''] = process.argv;
const checked = checkedDial({ networks: sourceNetworks(networks), resolve: systemResolve });
const orphan = new OrphanReports({
  ...{ folder, pid: process.pid, clock: systemClock },
  states: () => {
    work.take({ op: 'states', id: 0 }, null);
    return lastStates;
  },
});
const reader = new ReaderLink({
  module: childModule('./readerChild.js', import.meta.url),
  clock: systemClock,
  env: readerEnvironment(process.env, networks),
});
const transcodes = new TranscodePlaces(send);
/** Pulls what persons gave, with the reader child for http. */
const ofPersons = (isForOpenings: boolean): Puller => {
  const http = readerPuller({ link: reader, clock: systemClock, transcodes, isForOpenings });
  return schemePuller(
    { dial: checked, openUdp, clock: systemClock, random: Math.random },
    { 'http:': http, 'https:': http },
  );
};
const cloud = rtmpPuller({ dial, clock: systemClock, random: Math.random });
const work = new RelayWork({
  folder,
  file: path.join(folder, RELAY_FILE),
  pull: pullerByGiver({ cloud, person: ofPersons(false) }),
  openingPull: pullerByGiver({ cloud, person: ofPersons(true) }),
  transcodes,
  reader,
  clock: systemClock,
  random: Math.random,
  send,
  end: () => process.exit(0),
});

// While the parent runs, it decides when this worker ends. Without a parent an operator may end it by a signal.
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
  const report: WorkerReport = { kind: 'broke', where: brokeAt(error) };
  process.send?.(report, undefined, {}, () => process.exit(1));
});
process.on('message', (message, handle) => {
  const order = orderSchema.safeParse(message);
  if (order.success) work.take(order.data, (handle as Socket | undefined) ?? null);
});
await work.start();
