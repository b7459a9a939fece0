import { cpus } from 'node:os';

/** Returns a function that gives the share of all processors' time used since then, 0 to 1; other programs count too. */
export function processorTime(): () => number {
  const read = (): { used: number; all: number } => {
    let [used, all] = [0, 0];
    for (const { times } of cpus()) {
      const busy = times.user + times.nice + times.sys + times.irq;
      used += busy;
      all += busy + times.idle;
    }
    return { used, all };
  };
  const first = read();
  return () => {
    const last = read();
    return (last.used - first.used) / Math.max(1, last.all - first.all);
  };
}
