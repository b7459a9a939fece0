import { Agent, request } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { controlSecretIn } from '../file/controlSecret.js';
import { readRunning } from '../wire/running.js';
import type { OrphanReport } from '../wire/wire.js';
import type { WorkerStates } from './worker.js';

const EVERY_MS = 1_000;
/** A parent that hangs holds no more than one report of each orphan. */
const LIMIT_MS = 2_000;

export interface OrphanReportsOptions {
  /** The relay's, where the files of the next parent are. */
  readonly folder: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly states: () => WorkerStates;
}

/**
 * A worker that has lost its parent tells the next one each second what its streams do, so that a camera which somebody watches here is
 * known there. Where no parent runs, nobody is told.
 */
export class OrphanReports {
  readonly #options: OrphanReportsOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(options: OrphanReportsOptions) {
    this.#options = options;
  }

  /** Goes on until the process ends. */
  begin(): void {
    void this.#report().then(() => this.#options.clock.after(EVERY_MS, () => this.begin()));
  }

  /** Resolves when it is told, or cannot be. */
  #report(): Promise<void> {
    const { folder, pid, clock, states } = this.#options;
    // Both are read each time: the next parent listens elsewhere, and has another secret where the file could not be read.
    const [running, secret] = [readRunning(folder), controlSecretIn(folder)];
    if (running === null || secret === null) return Promise.resolve();
    const report: OrphanReport = { pid, states: [...states()].map(([id, seen]) => [id, seen]) };
    const body = Buffer.from(JSON.stringify(report));
    return new Promise((resolve) => {
      const sent = request({
        ...{ host: running.host, port: running.controlPort, method: 'POST', path: '/orphans', agent: this.#agent },
        headers: { Authorization: `Bearer ${secret}`, 'Content-Length': body.length },
      });
      const cancel = clock.after(LIMIT_MS, () => sent.destroy());
      sent.on('error', () => undefined); // 'close' follows
      sent.on('response', (reply) => reply.on('error', () => undefined).resume());
      sent.on('close', () => {
        cancel();
        resolve();
      });
      sent.end(body);
    });
  }
}
