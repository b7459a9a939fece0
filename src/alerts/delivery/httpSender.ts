import type { Clock, Random } from '../../core/clock.js';
import type { AlertSender, Notification } from '../sender.js';
import { SendFault } from './fault.js';
import { statusFault, type HttpReply, type HttpRequest, type Post } from './post.js';
import { notSent, retrying } from './retrying.js';

const ATTEMPT_MS = 10_000;
const TOTAL_MS = 60_000;

/** The log that senders write to. Fields hold no secret. */
export interface SenderLog {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** A receiver that takes a notification by one POST. */
export interface HttpTarget {
  /** The receiver's name for people, without any secret. */
  readonly place: string;
  /** Builds a new request for each attempt; `now` is the time of the attempt. */
  request(notification: Notification, now: Date): HttpRequest;
  /** Judges a reply of this receiver beyond its status. null: the receiver took the notification; undefined: the status decides. */
  judge?(reply: HttpReply): SendFault | null | undefined;
}

export interface HttpSenderDeps {
  readonly post: Post;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: SenderLog;
}

/**
 * A sender over HTTP. A receiver that answers 410 gets nothing more until camlease is started again, or until a test message
 * reaches it (Standard Webhooks: the sender should disable the endpoint).
 */
export function createHttpSender(
  { name, kind }: Pick<AlertSender, 'name' | 'kind'>,
  target: HttpTarget,
  deps: HttpSenderDeps,
): AlertSender {
  const { clock, random, log, post } = deps;
  let gone: SendFault | null = null;

  const attempt = async (notification: Notification, signal: AbortSignal): Promise<void> => {
    const reply = await post(target.request(notification, clock.now()), signal);
    const judged = target.judge?.(reply);
    const fault = judged === undefined ? statusFault(reply) : judged;
    if (fault) throw fault;
  };

  return {
    name,
    kind,
    describe: () => target.place,
    async send(notification, signal) {
      if (gone && notification.kind !== 'test') throw notSent(target.place, gone);
      const onRetry = (fault: SendFault, attempts: number, waitMs: number): void =>
        log.debug(`An alert could not be sent; camlease tries again soon: ${fault.message}`, {
          sender: name,
          attempts,
          waitMs,
        });
      try {
        await retrying(
          (within) => attempt(notification, within),
          { clock, random, onRetry, attemptMs: ATTEMPT_MS, totalMs: TOTAL_MS, once: notification.kind === 'test' },
          signal,
        );
        gone = null;
      } catch (thrown) {
        if (!(thrown instanceof SendFault)) throw thrown;
        if (thrown.gone) {
          if (!gone)
            log.warn(
              'The receiver no longer accepts alerts (HTTP 410), so camlease does not use this sender any more.',
              { sender: name },
            );
          gone = thrown;
        }
        throw notSent(target.place, thrown);
      }
    },
  };
}
