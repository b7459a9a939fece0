import { AppError } from '../../core/errors.js';
import type { HttpDeps } from '../route/deps.js';

/** A shorter absence is a restart of the media server or a reload of its file: players reconnect by themselves. */
const TOO_LONG_MS = 10_000;
/** The engine recomputes its status at each call, and the hot path would call it thousands of times a second. */
const LOOK_EVERY_MS = 500;

/**
 * Throws ENGINE_UNREACHABLE, with the fault and its cure, once the media server has not answered for ten seconds: a reply must
 * not hand out an address that leads nowhere.
 */
export function engineAway({ engine, clock }: Pick<HttpDeps, 'engine' | 'clock'>): () => void {
  let lookedMs = Number.NEGATIVE_INFINITY;
  let problem: string | null = null;
  return () => {
    const nowMs = clock.monotonicMs();
    if (nowMs - lookedMs >= LOOK_EVERY_MS) {
      lookedMs = nowMs;
      const status = engine.status();
      const isAway = !status.ready && (status.awayMs ?? 0) >= TOO_LONG_MS;
      problem = isAway ? (status.problem ?? 'The media server does not answer.') : null;
    }
    if (problem === null) return;
    throw new AppError('ENGINE_UNREACHABLE', `The media server serves no camera now: ${problem}`, {
      cure: 'GET /ready shows when it is back; the addresses of cameras stay the same.',
      retryAfterMs: 5_000,
    });
  };
}
