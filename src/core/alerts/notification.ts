export type NotificationKind = 'alert' | 'reminder' | 'recovery' | 'summary' | 'test';
export type Severity = 'info' | 'warning' | 'critical';

/** What a notification is about: a camera, a group of them, an account, or a part of the installation. */
export interface AlertSubject {
  /** `camera`, `label`, `account`, `store`, `engine`, `disk`, … */
  readonly kind: string;
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** One message to people. Holds no secret: it leaves the house. */
export interface Notification {
  /** The same however often it is sent, so that the receiver can drop what it has already. */
  readonly id: string;
  /** The alerts that it tells of, by id; absent: none, or an older version made it. For us alone: no receiver is sent it. */
  readonly alertIds?: readonly string[];
  /** The id of the notification that opened the same alert, on its reminders and its recovery: receivers put them together. */
  readonly openedBy?: string;
  readonly kind: NotificationKind;
  readonly severity: Severity;
  readonly title: string;
  /** Plain sentences, with what to do about it. */
  readonly text: string;
  readonly at: Date;
  /** Which rule spoke; `summary` and `test` for what is of no single one. */
  readonly rule: string;
  readonly subjects: readonly AlertSubject[];
  /** A page of camlease about it; null: camlease does not know its own address. */
  readonly link: string | null;
}
