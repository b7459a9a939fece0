import type { Ledger } from '../books/ledger.js';
import type { Ground } from '../world/ground.js';
import type { Lives } from '../world/lives.js';
import type { Happening } from './faultSchedule.js';

const MINUTE = 60_000;
/** After the last look at a camera that was refused for good: nothing is due any more. */
const BEFORE_END_MS = 50 * MINUTE;
const SLEEPS_MS = 180 * MINUTE;

/** The machine sleeps through the end of this camera's lease, if nobody has renewed it until then and it does not sleep already. */
export function sleepThroughEnd(
  { clock, note }: Ground,
  ledger: Ledger,
  lives: Lives,
  ref: string,
  happen: (happening: Happening) => void,
): void {
  const untilMs = ledger.leftMs(ref) - BEFORE_END_MS;
  clock.after(Math.max(1, untilMs), () => {
    const isThen = Math.abs(ledger.leftMs(ref) - BEFORE_END_MS) < MINUTE;
    if (!isThen || lives.sleepsForMs > 0) return;
    note(`asleep through the end of ${ref}`);
    happen({ atMs: clock.nowMs, lengthMs: SLEEPS_MS, fault: { kind: 'sleep' } });
  });
}
