import { abortReason } from '../../core/abortReason.js';
import { sleep, type Clock, type Random } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { SendFault, timeoutFault } from './fault.js';

const MOST_ATTEMPTS = 5;
const FIRST_WAIT_MS = 1000;
/**
 * The waits are 1 s, 3 s, 9 s and 27 s, each up to a quarter shorter or longer, so that many installations do not return
 * together.
 */
const WAIT_FACTOR = 3;
const JITTER = 0.25;
/** With less time left than this, no further attempt is made: it could not succeed. */
const SHORTEST_ATTEMPT_MS = 1000;

export interface RetryDeps {
  /** The time limit of one attempt, the receiver's answer included. */
  readonly attemptMs: number;
  /** The time limit of all attempts; the alerts job tries again later by itself. */
  readonly totalMs: number;
  /** Makes one attempt only, for a person who waits for the answer. */
  readonly once?: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Called for each failed attempt that is repeated. */
  readonly onRetry: (fault: SendFault, attempt: number, waitMs: number) => void;
}

/**
 * Makes attempts until one succeeds, at most five within `totalMs`. An attempt must end soon after its signal is aborted. Throws
 * the last `SendFault`; the reason of `signal` when that was aborted; any other error at once.
 */
export async function retrying(
  attempt: (signal: AbortSignal) => Promise<void>,
  deps: RetryDeps,
  signal: AbortSignal,
): Promise<void> {
  const startMs = deps.clock.monotonicMs();
  for (let attempts = 1; ; attempts++) {
    const leftMs = startMs + deps.totalMs - deps.clock.monotonicMs();
    const fault = await limited(attempt, Math.min(deps.attemptMs, leftMs), deps.clock, signal);
    if (!fault) return;
    const waitMs = Math.max(fault.retryAfterMs ?? 0, backOffMs(attempts, deps.random));
    const endMs = deps.clock.monotonicMs() + waitMs + SHORTEST_ATTEMPT_MS;
    if (deps.once === true || !fault.passing || attempts >= MOST_ATTEMPTS || endMs > startMs + deps.totalMs)
      throw fault;
    deps.onRetry(fault, attempts, waitMs);
    await sleep(deps.clock, waitMs, signal);
  }
}

function backOffMs(attempts: number, random: Random): number {
  const waitMs = FIRST_WAIT_MS * WAIT_FACTOR ** (attempts - 1);
  return Math.round(waitMs * (1 - JITTER + 2 * JITTER * random()));
}

/** Makes one attempt with a time limit. null: it succeeded. */
async function limited(
  attempt: (signal: AbortSignal) => Promise<void>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<SendFault | null> {
  if (signal.aborted) throw abortReason(signal.reason);
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(abortReason(signal.reason));
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(ms, () => controller.abort(timeoutFault()));
  try {
    await attempt(controller.signal);
    return null;
  } catch (thrown) {
    const reason: unknown = controller.signal.aborted ? controller.signal.reason : thrown;
    if (reason instanceof SendFault) return reason;
    throw reason;
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
}

/** The fault as an `AppError` for callers. `place` names the receiver, without secrets. */
export function notSent(place: string, fault: SendFault): AppError {
  return new AppError('ALERT_NOT_SENT', `The alert could not be sent to ${place}: ${fault.message}`, {
    cure: fault.cure,
    ...(fault.retryAfterMs !== undefined && { retryAfterMs: fault.retryAfterMs }),
  });
}
