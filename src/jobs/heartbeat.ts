import { messageOf } from '../core/errors.js';
import type { JobsDeps } from './deps.js';

/** Another process takes claims over after 15 s without a beat. */
const BEAT_EVERY_MS = 5_000;
/** When the store is back, others hear of us before they could take us for dead. */
const RETRY_MS = 1_000;

/** Raises the owner's beat counter every 5 s, until the returned function is called. */
export function startHeartbeat(
  deps: Pick<JobsDeps, 'clock' | 'log' | 'owner' | 'store'>,
  onAnswer: (isThere: boolean) => void = () => undefined,
): () => void {
  let stopped = false;
  let away = false;
  let cancel = (): void => undefined;
  const beat = async (): Promise<void> => {
    try {
      await deps.store.heartbeat(deps.owner);
      if (away) deps.log.info('The store answers again.');
      away = false;
      onAnswer(true);
    } catch (thrown) {
      if (!away) deps.log.warn(`The store does not answer; camlease goes on from memory: ${messageOf(thrown)}`);
      away = true;
      onAnswer(false);
    }
    if (!stopped) cancel = deps.clock.after(away ? RETRY_MS : BEAT_EVERY_MS, () => void beat());
  };
  void beat();
  return () => {
    stopped = true;
    cancel();
  };
}
