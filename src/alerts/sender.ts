import type { Notification } from '../core/alerts/notification.js';

export type { AlertSubject, Notification, NotificationKind, Severity } from '../core/alerts/notification.js';

/** One way by which notifications leave camlease. Knows nothing of cameras, and repeats failed attempts for a while. */
export interface AlertSender {
  /** Unique among the senders; the operator chose it. */
  readonly name: string;
  readonly kind: SenderSettings['kind'];
  /** The receiver, for people: without any secret (of a URL the host only). */
  describe(): string;
  /** Resolves when the receiver took the notification; throws `AppError` ALERT_NOT_SENT with a sentence and a cure. */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}

/** `alerts.senders` of camlease.yml, each with a name of its own. URLs and passwords are secrets. */
export type SenderSettings = WebhookSettings | EmailSettings | PushSettings;

export interface WebhookSettings {
  readonly kind: 'webhook';
  readonly name: string;
  /** http or https. */
  readonly url: string;
  /** The signing secret of Standard Webhooks, with or without `whsec_`; null: unsigned. */
  readonly secret: string | null;
  /** Headers to send besides camlease's own; values are secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON with `{{placeholders}}`, sent in place of the documented body; null or absent: the documented body. */
  readonly body?: string | null;
}

export interface EmailSettings {
  readonly kind: 'email';
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /**
   * `implicit`: TLS from the first byte (port 465); `starttls`: TLS is required (587); `none`: TLS if the server offers it, for
   * a mail relay nearby.
   */
  readonly tls: 'implicit' | 'starttls' | 'none';
  /** null: no login. */
  readonly user: string | null;
  readonly password: string | null;
  readonly from: string;
  /** The name in the greeting (EHLO); null or absent: this machine's full name, else the domain of `from`. */
  readonly hello?: string | null;
  /** At least one recipient. */
  readonly to: readonly string[];
}

export interface PushSettings {
  readonly kind: 'push';
  readonly name: string;
  /** An Apprise- or ntfy-style URL: `ntfy://…`, `ntfys://…`, `apprises://host/key`, … */
  readonly url: string;
}
