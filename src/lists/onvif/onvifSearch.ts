import { fork } from 'node:child_process';
import { z } from 'zod';
import { childModule } from '../../core/childModule.js';
import type { Clock } from '../../core/clock.js';
import { limited } from '../../core/async/deadline.js';
import { AppError } from '../../core/errors.js';
import type { FoundDevice } from '../../core/passes/networkReport.js';
import type { SearchOrder } from './search.js';

/** Typed addresses and 500 devices that answer, eight at a time. */
const SEARCH_MS = 120_000;

const text = z.string().max(2_048);
const stream = z.object({
  ...{ profile: text, codec: text.nullable(), url: text },
  ...{ width: z.number().nullable(), height: z.number().nullable() },
});
const device = z.object({
  ...{ address: text, name: text.nullable(), maker: text.nullable(), model: text.nullable() },
  ...{ clockAheadS: z.number().nullable(), streams: z.array(stream), problem: text.nullable(), cure: text.nullable() },
});
const answer = z.object({ found: z.array(device) });

/**
 * Searches in a process of its own, which ends with the search: what answers on a network is read there, and a device that sends
 * nonsense, or gigabytes, ends that process alone. Throws INTERNAL when it does, and the signal's reason.
 */
export async function onvifSearch(
  order: SearchOrder,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly FoundDevice[]> {
  // The environment holds no credentials.
  const child = fork(childModule('../../onvifChild.js', import.meta.url), [], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    ...{ execArgv: ['--max-old-space-size=128'], env: {} },
  });
  const late = (): AppError => broken('took too long');
  try {
    return await limited({ clock, ms: SEARCH_MS, signal, late }, (until) => {
      return new Promise((resolve, reject) => {
        until.addEventListener('abort', () => reject(until.reason as Error), { once: true });
        child.once('error', () => reject(broken('could not be started')));
        child.once('exit', () => reject(broken('broke off, perhaps over what a device sent')));
        child.once('message', (message) => {
          const read = answer.safeParse(message);
          if (read.success) resolve(read.data.found);
          else reject(broken('answered nonsense'));
        });
        child.send(order);
      });
    });
  } finally {
    child.kill('SIGKILL');
  }
}

function broken(how: string): AppError {
  return new AppError('INTERNAL', `The search of the network ${how}.`, {
    cure: 'Search again; if it happens again, name the addresses of cameras one by one.',
  });
}
