import { createTask, validateDetailed } from 'node-cron';
import { AppError, messageOf } from '../core/errors.js';
import type { Log } from '../observe/logger.js';
import type { Schedule } from './deps.js';

/**
 * node-cron as the jobs use it: a tick that falls into a running one is skipped and counted. Throws `AppError` CONFIG_INVALID
 * for an expression that cannot be read.
 */
export function cronSchedule(log: Log): Schedule {
  return (name, expression, run) => {
    const { valid, errors } = validateDetailed(expression);
    if (!valid) {
      const why = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
      throw new AppError('CONFIG_INVALID', `The schedule of ${name}, "${expression}", cannot be read (${why}).`, {
        cure: 'Write five or six cron fields, such as "*/15 * * * *".',
      });
    }
    let skipped = 0;
    // node-cron writes to the console by itself; here it says nothing, and faults come by event.
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };
    const task = createTask(expression, run, { name, noOverlap: true, suppressMissedWarning: true, logger: quiet });
    task.on('execution:overlap', () => {
      skipped += 1;
      log.debug(`A tick of ${name} was skipped: the one before still runs.`, { job: name });
    });
    task.on('execution:failed', ({ execution }) => {
      log.error(`A tick of ${name} failed: ${messageOf(execution?.error)}`, { job: name });
    });
    void task.start();
    return {
      stop: () => void task.destroy(),
      get skipped() {
        return skipped;
      },
    };
  };
}
