import type { Clock } from '../clock.js';

/** Calls `tick` every `ms`, until it returns false or the returned function is called. */
export function every(clock: Clock, ms: number, tick: () => unknown): () => void {
  let isOver = false;
  let cancelTimer = clock.after(ms, run);

  function run(): void {
    if (tick() === false) isOver = true;
    if (!isOver) cancelTimer = clock.after(ms, run);
  }

  return () => {
    isOver = true;
    cancelTimer();
  };
}
