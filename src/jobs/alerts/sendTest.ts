import type { AlertSender } from '../../alerts/sender.js';
import { limited } from '../../core/async/deadline.js';
import { AppError, messageOf } from '../../core/errors.js';
import { orAborted } from '../../core/async/orAborted.js';
import type { Notification } from '../../core/alerts/notification.js';
import { cureOf } from './alertOutbox.js';
import type { JobsDeps } from '../run/deps.js';

/** Longer than one attempt of any sender takes. */
const PATIENCE_MS = 25_000;

/** The result of one sender's test. */
export interface SenderTest {
  readonly sender: string;
  readonly to: string;
  /** null: the test was sent. */
  readonly failure: { readonly message: string; readonly cure: string | null } | null;
}

/** Sends a test through all these senders at once; never rejects, and returns each one's result. */
export function testSenders(
  { clock, newId }: Pick<JobsDeps, 'clock' | 'newId'>,
  senders: readonly AlertSender[],
  link: string | null,
  signal: AbortSignal,
): Promise<readonly SenderTest[]> {
  const notification: Notification = {
    id: `alert_test_${newId()}`,
    kind: 'test',
    severity: 'info',
    title: 'A test of camlease',
    text: 'Alerts from camlease arrive here. Nothing is wrong, and there is nothing to do.',
    at: clock.now(),
    rule: 'test',
    subjects: [],
    link,
  };
  const one = async (sender: AlertSender): Promise<SenderTest> => {
    const about = { sender: sender.name, to: sender.describe() };
    const late = new AppError('ALERT_NOT_SENT', `${about.to} did not accept the test within ${PATIENCE_MS / 1000} s.`, {
      cure: 'Check that its address is right and that this machine can reach it.',
    });
    try {
      await limited({ clock, ms: PATIENCE_MS, late: () => late }, (over) =>
        orAborted(sender.send(notification, AbortSignal.any([signal, over])), over),
      );
      return { ...about, failure: null };
    } catch (thrown) {
      return { ...about, failure: { message: messageOf(thrown), cure: cureOf(thrown) } };
    }
  };
  return Promise.all(senders.map(one));
}
