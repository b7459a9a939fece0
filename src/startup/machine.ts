import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, platform, totalmem } from 'node:os';
import { PerformanceObserver } from 'node:perf_hooks';
import process from 'node:process';
import type { Machine, MachineReading, NetworkCounts } from '../core/machine.js';

const KB = 1024;

/** This machine, by `node:os`, and by /proc where there is one. */
export function createMachine(): Machine {
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  return {
    read: async (): Promise<MachineReading> => {
      const [status, files, devices] = await Promise.all([
        textOf('/proc/self/status'),
        readdir('/proc/self/fd').catch(() => null),
        textOf('/proc/net/dev'),
      ]);
      const { rss, heapTotal, heapUsed } = process.memoryUsage();
      const { user, system } = process.cpuUsage();
      const [one = 0, five = 0, fifteen = 0] = loadavg();
      return {
        // Windows has no such figure, and Node.js then answers zeros.
        load: platform() === 'win32' ? null : [one, five, fifteen],
        processors: availableParallelism(),
        memory: { totalBytes: totalmem(), freeBytes: freemem() },
        runtime: {
          version: process.version,
          activeResources: process.getActiveResourcesInfo().length,
          collections,
          heapUsedBytes: heapUsed,
          heapTotalBytes: heapTotal,
        },
        process: {
          openFiles: files?.length ?? null,
          ...statusFigures(status),
          residentBytes: rss,
          processorSeconds: (user + system) / 1e6,
          upSeconds: process.uptime(),
        },
        network: devices === null ? null : networkCounts(devices),
      };
    },
    close: () => observer.disconnect(),
  };
}

async function textOf(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/** Of /proc/self/status; its sizes are in kB of 1024 bytes. */
export function statusFigures(status: string | null): { threads: number | null; virtualBytes: number | null } {
  const figure = (name: string): number | null => {
    const digits = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status ?? '')?.[1];
    return digits === undefined ? null : Number(digits);
  };
  const virtualKb = figure('VmSize');
  return { threads: figure('Threads'), virtualBytes: virtualKb === null ? null : virtualKb * KB };
}

/** Of /proc/net/dev: a line for each interface, `name: 8 figures of what came, 8 of what went`; bytes and packets lead each. */
export function networkCounts(devices: string): NetworkCounts {
  const sum = { bytesSent: 0, bytesReceived: 0, packetsSent: 0, packetsReceived: 0 };
  for (const line of devices.split('\n')) {
    const [, name, figures] = /^\s*([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === 'lo' || figures === undefined) continue;
    const at = figures.trim().split(/\s+/).map(Number);
    sum.bytesReceived += at[0] ?? 0;
    sum.packetsReceived += at[1] ?? 0;
    sum.bytesSent += at[8] ?? 0;
    sum.packetsSent += at[9] ?? 0;
  }
  return sum;
}
