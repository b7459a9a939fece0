import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Counts, ReadersOrder } from './readersMessages.js';

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10;

export interface LoadOrigin {
  readonly pid: number;
  readonly port: number;
  stop(): void;
}

export function startOrigin(kbit: number, chunkBytes: number): Promise<LoadOrigin> {
  return startListening('./originProcess.js', [String(kbit), String(chunkBytes)]);
}

/** Starts a process that copies each of its connections to this port. */
export function startCopy(port: number): Promise<LoadOrigin> {
  return startListening('./copyProcess.js', [String(port)]);
}

async function startListening(module: string, args: readonly string[]): Promise<LoadOrigin> {
  const child = start(module, args);
  const [port] = (await once(child, 'message')) as [number]; // sent by our own child
  return { pid: child.pid ?? 0, port, stop: () => void child.kill() };
}

export interface LoadReaders {
  readonly pid: number;
  read(urls: readonly string[]): void;
  reset(): void;
  counts(): Promise<Counts>;
  stop(): void;
}

export function startReaders(): LoadReaders {
  const child = start('./readersProcess.js', []);
  const order = (one: ReadersOrder): void => void child.send(one);
  return {
    pid: child.pid ?? 0,
    read: (urls) => order({ read: urls }),
    reset: () => order('reset'),
    counts: async () => {
      const answer = once(child, 'message');
      order('counts');
      const [counts] = (await answer) as [Counts]; // sent by our own child
      return counts;
    },
    stop: () => void child.kill(),
  };
}

function start(module: string, args: readonly string[]): ChildProcess {
  return fork(new URL(module, import.meta.url), [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Processor time that these processes have used so far, in ms; processes that have ended count as 0. Linux only. */
export function processorMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      // Split behind the program's name, which may contain anything: fields 14 and 15 of proc(5) are user and system time.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return sum + (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    } catch {
      return sum;
    }
  }, 0);
}

/** Resident memory in bytes; 0: the process has ended. Linux only. */
export function residentBytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}
