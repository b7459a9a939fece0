import type { AlertSender } from '../../alerts/sender.js';
import type { Notification } from '../../core/alerts/notification.js';
import { AppError, messageOf } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';
import { outgoingRecord, type Outgoing } from './alertRecords.js';
import type { AlertWrites } from './alertWrites.js';
import type { SenderState } from '../../core/alerts/senderState.js';

const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 30 * 60_000;
/** A notification that could not be sent for so long is dropped: it is no news any more. */
const GIVE_UP_MS = 24 * 3_600_000;

interface Line {
  readonly sender: AlertSender;
  /** By id. A notification that failed goes to the end, so that one that is never accepted does not hold up the others. */
  readonly waiting: Map<string, Notification>;
  lastSentAt: Date | null;
  failure: SenderState['failure'];
  failures: number;
  running: Promise<void> | null;
  cancel: () => void;
}

/** Brings every notification to every sender at least once; its id lets receivers drop what they have already. */
export class AlertOutbox {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log'>;
  readonly #writes: AlertWrites;
  readonly #onSent: (notification: Notification) => void;
  readonly #lines: readonly Line[];
  readonly #scopes = new Map<string, string>();
  readonly #stopping = new AbortController();

  /** `onSent` is called for each notification that a sender has sent. */
  constructor(
    deps: Pick<JobsDeps, 'clock' | 'log'>,
    writes: AlertWrites,
    senders: readonly AlertSender[],
    onSent: (notification: Notification) => void = () => undefined,
  ) {
    this.#deps = deps;
    this.#onSent = onSent;
    this.#writes = writes;
    this.#lines = senders.map((sender) => ({
      ...{ sender, waiting: new Map(), lastSentAt: null, failure: null, failures: 0, running: null },
      cancel: () => undefined,
    }));
  }

  /** Queues a notification, and stores it; `pump` sends it. `left`: the senders that have not sent it yet; absent: all. */
  add(notification: Notification, scope: string, left?: readonly string[]): void {
    const lines = this.#lines.filter(({ sender }) => left === undefined || left.includes(sender.name));
    if (left === undefined && lines.length > 0) {
      const names = lines.map(({ sender }) => sender.name);
      this.#writes.put(outgoingRecord({ notification, left: names }, scope));
    }
    // None of the senders left is configured any more: the notification is dropped.
    if (lines.length === 0 && left !== undefined) this.#writes.remove('alert-outbox', notification.id);
    if (lines.length > 0) this.#scopes.set(notification.id, scope);
    for (const { waiting } of lines) waiting.set(notification.id, notification);
  }

  /** Queues the stored notifications that an earlier process did not send. */
  takeOver(outgoing: readonly Outgoing[], scope: string): void {
    for (const { notification, left } of outgoing) {
      if (!this.#scopes.has(notification.id)) this.add(notification, scope, left);
    }
  }

  pump(): void {
    for (const line of this.#lines) if (line.failures === 0) this.#start(line);
  }

  states(): readonly SenderState[] {
    return this.#lines.map(({ sender, lastSentAt, failure, waiting }) => ({
      ...{ name: sender.name, kind: sender.kind, to: sender.describe() },
      ...{ lastSentAt, failure, waiting: waiting.size },
    }));
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new AppError('SHUTTING_DOWN', 'camlease is stopping.'));
    for (const line of this.#lines) line.cancel();
    for (const { running } of this.#lines) await running;
  }

  #start(line: Line): void {
    if (line.running !== null || line.waiting.size === 0 || this.#stopping.signal.aborted) return;
    line.cancel();
    line.running = this.#send(line).finally(() => {
      line.running = null;
      if (line.failures > 0) this.#retry(line);
      else this.#start(line);
    });
  }

  #retry(line: Line): void {
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(line.failures - 1, 10));
    line.cancel = this.#deps.clock.after(waitMs, () => this.#start(line));
  }

  /** Sends what waits, one after the other, until one fails. Never throws. */
  async #send(line: Line): Promise<void> {
    const { clock, log } = this.#deps;
    for (const [id, notification] of [...line.waiting]) {
      if (clock.now().getTime() - notification.at.getTime() > GIVE_UP_MS) {
        log.warn(`An alert was not sent within a day and is dropped: ${notification.title}`, {
          sender: line.sender.name,
        });
        this.#done(line, id);
        continue;
      }
      try {
        await line.sender.send(notification, this.#stopping.signal);
        this.#onSent(notification);
        this.#done(line, id);
        Object.assign(line, { lastSentAt: clock.now(), failure: null, failures: 0 });
      } catch (thrown) {
        if (this.#stopping.signal.aborted) return;
        line.waiting.delete(id);
        line.waiting.set(id, notification);
        line.failure = { message: messageOf(thrown), cure: cureOf(thrown), at: clock.now() };
        line.failures += 1;
        log.warn(`An alert could not be sent: ${messageOf(thrown)}`, {
          sender: line.sender.name,
          cure: cureOf(thrown),
        });
        return;
      }
    }
  }

  #done(line: Line, id: string): void {
    const notification = line.waiting.get(id);
    line.waiting.delete(id);
    const left = this.#lines.filter(({ waiting }) => waiting.has(id)).map(({ sender }) => sender.name);
    if (left.length === 0 || notification === undefined) {
      this.#scopes.delete(id);
      this.#writes.remove('alert-outbox', id);
    } else this.#writes.put(outgoingRecord({ notification, left }, this.#scopes.get(id) ?? ''));
    // The next check reports a store that is away.
    void this.#writes.flush();
  }
}

export function cureOf(thrown: unknown): string | null {
  return thrown instanceof AppError ? (thrown.cure ?? null) : null;
}
