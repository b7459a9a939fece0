import { createTransport } from 'nodemailer';
import type { Clock, Random } from '../../core/clock.js';
import { SendFault } from '../delivery/fault.js';
import type { SenderLog } from '../delivery/httpSender.js';
import { notSent, retrying } from '../delivery/retrying.js';
import type { AlertSender, EmailSettings, Notification } from '../sender.js';
import { domainOf, mailOf } from './mail.js';
import { mailFault } from './mailFault.js';

/** Mail servers let unknown clients wait on purpose before they greet. */
const ATTEMPT_MS = 30_000;
const TOTAL_MS = 90_000;

export interface EmailDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: SenderLog;
  /** This machine's name, for the greeting; absent: the domain of the sender's address. */
  readonly hostName?: string | undefined;
  /** Certificates (PEM) to trust, in place of the machine's own list. */
  readonly authorities?: readonly string[] | undefined;
}

/** A sender over SMTP: one connection for each mail. A mail that some of the recipients got counts as sent. */
export function createEmailSender(settings: EmailSettings, deps: EmailDeps): AlertSender {
  const { name, host, tls, user, password, to } = settings;
  const { clock, random, log, authorities } = deps;
  const transport = createTransport({
    host,
    port: settings.port,
    secure: tls === 'implicit',
    name: greetingName(settings, deps.hostName),
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(user !== null && { auth: { user, pass: password ?? '' }, forceAuth: true }),
    ...(authorities && { tls: { ca: [...authorities] } }),
    // nodemailer's own limits run on the real clock; camlease's limits end an attempt first.
    socketTimeout: ATTEMPT_MS * 2,
  });
  const place = `${to.join(', ')} by the mail server ${host}${tls === 'none' ? ' (not encrypted)' : ''}`;

  const attempt = async (notification: Notification, signal: AbortSignal): Promise<void> => {
    const sent = await transport.sendMail({ ...mailOf(notification, settings), signal }).catch((thrown: unknown) => {
      throw mailFault(thrown);
    });
    if (sent.rejected.length > 0)
      log.warn('The mail server refused some of the recipients of an alert.', { sender: name, refused: sent.rejected });
  };

  return {
    name,
    kind: 'email',
    describe: () => place,
    async send(notification, signal) {
      const onRetry = (fault: SendFault, attempts: number, waitMs: number): void =>
        log.debug(`An alert could not be sent; camlease tries again soon: ${fault.message}`, {
          sender: name,
          attempts,
          waitMs,
        });
      try {
        const limits = { attemptMs: ATTEMPT_MS, totalMs: TOTAL_MS, once: notification.kind === 'test' };
        await retrying((within) => attempt(notification, within), { clock, random, onRetry, ...limits }, signal);
      } catch (thrown) {
        throw thrown instanceof SendFault ? notSent(place, thrown) : thrown;
      }
    },
  };
}

/**
 * The name in the greeting (EHLO). RFC 5321, 4.1.4 requires a full host name, and many servers take anything else for spam: a
 * machine's short name, and `[127.0.0.1]`, nodemailer's default. So where neither the operator nor the machine gives a full
 * name, the greeting has the domain of the sender's address.
 */
export function greetingName({ hello, from }: Pick<EmailSettings, 'hello' | 'from'>, hostName = ''): string {
  if (hello) return hello;
  const isFull = /^(?=.{4,253}$)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z0-9-]+$/.test(hostName);
  if (isFull && !/\.(?:local|localdomain|internal|lan)$/i.test(hostName)) return hostName;
  return domainOf(from) ?? 'camlease.invalid';
}
