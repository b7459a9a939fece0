import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 500;
const IDLE_PART = 0.6;

/** Waits until the machine was mostly idle for half a second; false: it never was within `limitMs`. */
export async function quiet(limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  for (let before = times(); performance.now() < endMs;) {
    await sleep(LOOK_MS);
    const now = times();
    if (now.idle - before.idle >= IDLE_PART * (now.all - before.all)) return true;
    before = now;
  }
  return false;
}

function times(): { readonly idle: number; readonly all: number } {
  const sums = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({
    idle,
    all: user + nice + sys + idle + irq,
  }));
  const sum = (part: (one: { idle: number; all: number }) => number): number =>
    sums.reduce((total, one) => total + part(one), 0);
  return { idle: sum(({ idle }) => idle), all: sum(({ all }) => all) };
}
