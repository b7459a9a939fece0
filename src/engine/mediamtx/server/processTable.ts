import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { systemCode } from '../disk/atomicFile.js';

/** What the supervisor needs to know of other processes. */
export interface ProcessTable {
  /** A text that identifies this process's start, so that a later process with the same pid has another; null: no such process. */
  startOf(pid: number): Promise<string | null>;
  /** False: there is no such process. */
  signal(pid: number, signal: 'SIGTERM' | 'SIGKILL'): boolean;
}

/** This machine's processes. */
export const processTable: ProcessTable = {
  async startOf(pid) {
    try {
      return startInProc(await readFile(`/proc/${pid}/stat`, 'utf8'), await bootId());
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT' && systemCode(thrown) !== 'ESRCH') throw thrown;
      // No such process, or a system without /proc.
      return startInPs(pid);
    }
  },
  signal(pid, signal) {
    try {
      return process.kill(pid, signal);
    } catch (thrown) {
      if (systemCode(thrown) === 'ESRCH') return false;
      throw thrown;
    }
  },
};

/** Field 22 of `/proc/<pid>/stat` (proc(5)): clock ticks between boot and start; null for a zombie, which has ended. */
function startInProc(stat: string, boot: string): string | null {
  // The second field is the program's name in brackets and may hold spaces and brackets of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const ticks = fields[19];
  return state === 'Z' || state === 'X' || ticks === undefined ? null : `${boot} ${ticks}`;
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}

function startInPs(pid: number): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'lstart=', '-p', String(pid)], (error, stdout) => {
      const start = stdout.trim();
      resolve(error || start === '' ? null : start);
    });
  });
}
