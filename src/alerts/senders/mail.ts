import { utcTime } from '../../core/zonedTime.js';
import type { SendMailOptions } from 'nodemailer';
import { heading, oneLine, plainId } from '../delivery/wording.js';
import type { EmailSettings, Notification } from '../sender.js';

/**
 * The mail of a notification. Its Message-ID comes from the notification's id, so that a mail server can tell a repetition;
 * reminders and the recovery refer to the mail that opened the alert, so that mail programs show them together.
 */
export function mailOf(notification: Notification, settings: Pick<EmailSettings, 'from' | 'to'>): SendMailOptions {
  const domain = domainOf(settings.from) ?? 'camlease.invalid';
  const idOf = (id: string): string => `<${plainId(id)}@${domain}>`;
  const opened = notification.openedBy === undefined ? null : idOf(notification.openedBy);
  return {
    from: settings.from,
    to: [...settings.to],
    subject: heading(notification),
    messageId: idOf(notification.id),
    date: notification.at,
    ...(opened !== null && { inReplyTo: opened, references: opened }),
    ...(notification.severity === 'critical' && notification.kind !== 'recovery' && { priority: 'high' }),
    // RFC 3834: keeps out-of-office replies from coming back.
    headers: { 'Auto-Submitted': 'auto-generated' },
    text: plainText(notification),
    html: html(notification),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The domain of an address with or without a name; null: the address has no domain that can be written without escapes. */
export function domainOf(address: string): string | null {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(address)?.[1] ?? null;
}

function plainText({ text, link, at }: Notification): string {
  return [text, ...(link === null ? [] : [link]), `camlease, ${utcTime(at)}`].join('\n\n');
}

function html(notification: Notification): string {
  const { title, text, link, at } = notification;
  const paragraphs = text.split(/\n{2,}/).map((part) => `<p>${escapeHtml(part).replaceAll('\n', '<br>')}</p>`);
  const linked =
    link !== null && /^https?:\/\//.test(link) ? `<p><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></p>` : '';
  return `<!doctype html><html><body><h2>${escapeHtml(oneLine(title))}</h2>${paragraphs.join('')}${linked}<p>camlease, ${utcTime(at)}</p></body></html>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
