import { Agent, request } from 'node:http';
import { Poller } from '../../core/async/poller.js';
import type { Clock } from '../../core/clock.js';
import { controlSecretIn } from '../file/controlSecret.js';
import { readRunning } from '../wire/running.js';
import type { OrphanReport } from '../wire/wire.js';
import type { WorkerStates } from './worker.js';

const EVERY_MS = 1_000;
/** A report without an answer is given up after this, so that a parent that hangs holds one report of each orphan at most. */
const LIMIT_MS = 2_000;

export interface OrphanReportsOptions {
  /** The relay's folder, where the next parent writes its port and its secret. */
  readonly folder: string;
  readonly pid: number;
  readonly clock: Clock;
  readonly states: () => WorkerStates;
}

/**
 * Sends the stream states of an orphan (a worker whose parent has ended) to the next parent every second, so that this parent knows the
 * cameras that have readers here. Nothing is sent while no parent runs.
 */
export class OrphanReports {
  readonly #options: OrphanReportsOptions;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(options: OrphanReportsOptions) {
    this.#options = options;
  }

  /** Goes on until the process ends. */
  begin(): void {
    const reports = new Poller(this.#options.clock, async () => {
      await this.#report();
      return EVERY_MS;
    });
    void reports.now();
  }

  /** Resolves when the report was sent, or could not be. */
  #report(): Promise<void> {
    const { folder, pid, clock, states } = this.#options;
    // Both are read each time: the next parent has another port, and another secret where it could not read the old file.
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
