import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { OpenAlert } from '../../core/alerts/alert.js';
import { ALERT_RULES, type AlertRule } from '../../core/alerts/alertSettings.js';
import type { MaintenanceWindow } from '../../core/alerts/maintenance.js';
import type { Notification } from '../../core/alerts/notification.js';
import type { StoredRecord } from '../../store/recordTable.js';

export type NewRecord = Omit<StoredRecord, 'version'>;

/** Rules about what only one process sees: another one may reach the same store, and has another disk. */
const OF_ONE_PROCESS: ReadonlySet<AlertRule> = new Set(['store-unreachable', 'engine-unreachable', 'disk-full']);

/** The record group of an alert: `SHARED` for the process that alerts for all, else one process's own. */
export const SHARED = 'shared';
export const scopeOfProcess = (owner: string): string => `process/${owner}`;
export const isOfOneProcess = (rule: AlertRule): boolean => OF_ONE_PROCESS.has(rule);

const subject = z.object({ kind: z.string(), id: z.string(), name: z.string() });
const severity = z.enum(['warning', 'critical']);
const date = z.coerce.date();

const alertBody = z.object({
  id: z.string(),
  rule: z.enum(ALERT_RULES),
  subject,
  severity,
  title: z.string(),
  text: z.string(),
  cameraIds: z.array(z.string()),
  groupSize: z.number().optional(),
  beganAt: date,
  opensAt: date,
  openedAt: date.nullable(),
  told: z.object({ at: date, severity, times: z.number(), remindAt: date.nullable() }).nullable(),
  sentAt: date.nullable().optional(),
  clearSince: date.nullable(),
  endedAt: date.nullable(),
});

/**
 * The record's id for one opening of an alert. When the alert opens again it gets another record, so that the old one
 * stays as history.
 */
export function alertRecordId({ id, openedAt }: Pick<OpenAlert, 'id' | 'openedAt'>): string {
  return createHash('sha256')
    .update(`${id} ${openedAt?.getTime() ?? 0}`)
    .digest('hex')
    .slice(0, 24);
}

export function alertRecord(alert: OpenAlert, group: string, now: Date): NewRecord {
  return { kind: 'alert', id: alertRecordId(alert), group, at: now, body: plain(alert) };
}

/** null: the record cannot be read. */
export function alertOf({ body }: Pick<StoredRecord, 'body'>): OpenAlert | null {
  const read = alertBody.safeParse(body);
  if (!read.success) return null;
  const { groupSize, sentAt, ...rest } = read.data;
  return { ...rest, ...(groupSize !== undefined && { groupSize }), ...(sentAt !== undefined && { sentAt }) };
}

const notification = z.object({
  id: z.string(),
  alertIds: z.array(z.string()).optional(),
  openedBy: z.string().optional(),
  kind: z.enum(['alert', 'reminder', 'recovery', 'summary', 'test']),
  severity: z.enum(['info', 'warning', 'critical']),
  title: z.string(),
  text: z.string(),
  at: date,
  rule: z.string(),
  subjects: z.array(subject),
  link: z.string().nullable(),
});
const outboxBody = z.object({ notification, left: z.array(z.string()) });

/** A notification, and the senders that have not sent it yet. */
export interface Outgoing {
  readonly notification: Notification;
  readonly left: readonly string[];
}

export function outgoingRecord(outgoing: Outgoing, group: string): NewRecord {
  const { id, at } = outgoing.notification;
  return { kind: 'alert-outbox', id, group, at, body: plain(outgoing) };
}

export function outgoingOf({ body }: StoredRecord): Outgoing | null {
  const read = outboxBody.safeParse(body);
  if (!read.success) return null;
  const { openedBy, alertIds, ...rest } = read.data.notification;
  const more = { ...(openedBy !== undefined && { openedBy }), ...(alertIds !== undefined && { alertIds }) };
  return { notification: { ...rest, ...more }, left: read.data.left };
}

const windowBody = z.object({
  from: date,
  to: date,
  weekly: z.boolean(),
  everything: z.boolean(),
  cameraIds: z.array(z.string()),
  labels: z.array(z.string()),
  accounts: z.array(z.string()),
  note: z.string(),
});

export function windowRecord({ id, ...body }: MaintenanceWindow): NewRecord {
  return { kind: 'maintenance', id, group: '', at: body.to, body: plain(body) };
}

export function windowOf({ id, body }: StoredRecord): MaintenanceWindow | null {
  const read = windowBody.safeParse(body);
  return read.success ? { id, ...read.data } : null;
}

/** With dates as text, as in JSON, so that both databases store the same. */
function plain(body: object): unknown {
  return JSON.parse(JSON.stringify(body));
}
