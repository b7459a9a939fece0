import { createTask, validateDetailed } from 'node-cron';
import { every } from '../../core/async/every.js';
import type { Clock } from '../../core/clock.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { Log } from '../../observe/logger.js';
import type { Schedule } from './deps.js';

/**
 * node-cron 4.6 keeps the moment that it chose before a jump of the wall clock: after a jump of a day back it is silent
 * for a day; after a week ahead it counts each tick that it missed. So the task is restarted when the wall clock jumps
 * against the monotonic clock, as it also does in a machine's sleep.
 */
const JUMP_LOOK_MS = 5_000;
const JUMP_MS = 2_000;

/**
 * Runs schedules by node-cron: a tick that comes while the previous run is still going is skipped and counted. Throws
 * `AppError` CONFIG_INVALID for an expression that cannot be read.
 */
export function cronSchedule(log: Log, clock: Clock): Schedule {
  return (name, expression, run) => {
    const { valid, errors } = validateDetailed(expression);
    if (!valid) {
      const why = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
      throw new AppError('CONFIG_INVALID', `The schedule of ${name}, "${expression}", cannot be read (${why}).`, {
        cure: 'Write five or six cron fields, such as "*/15 * * * *".',
      });
    }
    let skipped = 0;
    let isRunning = false;
    // Not node-cron's own check for overlaps: restarting a task makes it forget the run that is going.
    const tick = async (): Promise<void> => {
      if (isRunning) {
        skipped += 1;
        log.debug(`A scheduled run of ${name} was skipped, because the previous run has not finished.`, { job: name });
        return;
      }
      isRunning = true;
      try {
        await run();
      } finally {
        isRunning = false;
      }
    };
    // node-cron writes to the console by default; silenced here, its faults arrive as events.
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
    const task = createTask(expression, tick, { name, suppressMissedWarning: true, logger: quiet });
    task.on('execution:failed', ({ execution }) => {
      log.error(`A scheduled run of ${name} failed: ${messageOf(execution?.error)}`, { job: name });
    });
    void task.start();
    const stopWatching = onJump(clock, () => {
      log.info(`This machine's clock was set, so camlease restarts the schedule of ${name}.`, { job: name });
      void task.stop();
      void task.start();
    });
    return {
      stop: () => {
        stopWatching();
        void task.destroy();
      },
      get skipped() {
        return skipped;
      },
    };
  };
}

/**
 * Calls `jumped` when between two checks the wall clock went more than 2 s further, or less far, than the monotonic clock.
 * The returned function ends that.
 */
function onJump(clock: Clock, jumped: () => void): () => void {
  const offset = (): number => clock.now().getTime() - clock.monotonicMs();
  let lastOffset = offset();
  return every(clock, JUMP_LOOK_MS, () => {
    const wentMs = Math.abs(offset() - lastOffset);
    lastOffset = offset();
    if (wentMs > JUMP_MS) jumped();
  });
}
