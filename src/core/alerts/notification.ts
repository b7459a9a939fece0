export type NotificationKind = 'alert' | 'reminder' | 'recovery' | 'summary' | 'test';
export type Severity = 'info' | 'warning' | 'critical';

/** What a notification is about: a camera, a group of cameras, an account, or a part of the installation. */
export interface AlertSubject {
  /** `camera`, `label`, `account`, `store`, `engine`, `disk`, … */
  readonly kind: string;
  readonly id: string;
  /** For people. */
  readonly name: string;
}

/** One message to people. Holds no secret, because it leaves the installation. */
export interface Notification {
  /** The same however often it is sent, so that a receiver can drop what it has already. */
  readonly id: string;
  /** Ids of the alerts that it is about; absent: none, or made by an older version. Not sent to receivers. */
  readonly alertIds?: readonly string[];
  /** On reminders and recoveries: the id of the notification that opened the alert, so that receivers can group them. */
  readonly openedBy?: string;
  readonly kind: NotificationKind;
  readonly severity: Severity;
  readonly title: string;
  /** Plain sentences, with what to do about it. */
  readonly text: string;
  readonly at: Date;
  /** The alert's rule; `summary` and `test` for notifications that are not of one rule. */
  readonly rule: string;
  readonly subjects: readonly AlertSubject[];
  /** The page of camlease about it; null: camlease does not know its own address. */
  readonly link: string | null;
}
