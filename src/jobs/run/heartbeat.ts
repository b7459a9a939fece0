import { Poller } from '../../core/async/poller.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { JobsDeps } from './deps.js';

/** Another process takes claims over after 15 s without a beat. */
const BEAT_EVERY_MS = 5_000;
/** When the store is back, other replicas must see a beat before they could count this one as dead. */
const RETRY_MS = 1_000;

/** The result of the latest beat. */
export interface StoreAnswer {
  /** When it last answered; null: not yet. */
  readonly at: Date | null;
  readonly isThere: boolean;
  /** Why the store answers but refuses writes; null: it takes them, or does not answer. */
  readonly refusal: { readonly code: string; readonly message: string; readonly cure: string } | null;
}

/** Raises the owner's beat counter every 5 s, until the returned function is called. */
export function startHeartbeat(
  deps: Pick<JobsDeps, 'clock' | 'log' | 'owner'> & { readonly store: Pick<JobsDeps['store'], 'heartbeat'> },
  onAnswer: (answer: StoreAnswer) => void = () => undefined,
): () => void {
  const { clock, log } = deps;
  let trouble: string | null = null;
  let at: Date | null = null;
  const beat = async (): Promise<number> => {
    try {
      await deps.store.heartbeat(deps.owner);
      if (trouble !== null) log.info('The store answers and accepts writes again.');
      trouble = null;
      at = clock.now();
      onAnswer({ at, isThere: true, refusal: null });
    } catch (thrown) {
      const refusal = refusalIn(thrown);
      const sentence = refusal
        ? `The store answers but refuses writes, so no new lease can be stored: ${refusal.message}`
        : `The store does not answer; camlease goes on from memory: ${messageOf(thrown)}`;
      if (trouble !== sentence) log.warn(sentence, refusal ? { cure: refusal.cure } : {});
      trouble = sentence;
      if (refusal) at = clock.now();
      onAnswer({ at, isThere: refusal !== null, refusal });
    }
    return trouble === null ? BEAT_EVERY_MS : RETRY_MS;
  };
  const beats = new Poller(clock, beat);
  void beats.now();
  return () => void beats.stop();
}

/** The store refuses writes, for example because its user may only read: the operator has to change that. */
function refusalIn(thrown: unknown): StoreAnswer['refusal'] {
  if (!(thrown instanceof AppError) || thrown.code !== 'STORE_REFUSED') return null;
  return { code: thrown.code, message: thrown.message, cure: thrown.cure ?? '' };
}
