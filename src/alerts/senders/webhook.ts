import { Webhook } from 'standardwebhooks';
import type { HttpTarget } from '../delivery/httpSender.js';
import { plainId } from '../delivery/wording.js';
import type { Notification, WebhookSettings } from '../sender.js';
import { fillTemplate } from './webhookTemplate.js';

/**
 * A receiver by the Standard Webhooks specification: three headers, a body that says what happened, and, if there is a secret, a
 * signature over id, time and body. The id is the same for each attempt; the time is that of the attempt.
 */
export function createWebhookTarget(settings: WebhookSettings): HttpTarget {
  const signer = settings.secret === null ? null : new Webhook(settings.secret);
  const { host, protocol } = new URL(settings.url);
  const plain = protocol === 'http:' ? ' (not encrypted)' : '';
  return {
    place: `the webhook at ${host}${plain}`,
    request(notification, now) {
      // The specification forbids a dot in the id, because dots separate the signed parts.
      const id = plainId(notification.id);
      const body =
        settings.body === null || settings.body === undefined
          ? JSON.stringify(webhookBody(notification))
          : fillTemplate(settings.body, notification);
      return {
        url: settings.url,
        body,
        headers: {
          ...settings.headers,
          'Content-Type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          ...(signer && { 'webhook-signature': signer.sign(id, now, body) }),
        },
      };
    },
  };
}

/** The documented body (docs/concepts/alert-senders.md); fields may be added, but no field changes its meaning. */
export function webhookBody(notification: Notification): object {
  const { id, kind, severity, title, text, rule, subjects, link } = notification;
  return {
    type: 'camlease.alert',
    timestamp: notification.at.toISOString(),
    data: { id, openedBy: notification.openedBy ?? null, kind, severity, title, text, rule, subjects, link },
  };
}
