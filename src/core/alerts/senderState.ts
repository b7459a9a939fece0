export const SENDER_KINDS = ['webhook', 'email', 'push'] as const;

/** The state of one alert sender; no secrets. */
export interface SenderState {
  readonly name: string;
  readonly kind: (typeof SENDER_KINDS)[number];
  /** Where it sends to, without any secret. */
  readonly to: string;
  readonly lastSentAt: Date | null;
  /** Set while the latest attempt failed. */
  readonly failure: { readonly message: string; readonly cure: string | null; readonly at: Date } | null;
  /** Notifications that wait to be sent by it. */
  readonly waiting: number;
}
