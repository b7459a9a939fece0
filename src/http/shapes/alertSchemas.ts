import { z } from 'zod';
import { ALERT_RULES } from '../../core/alerts/alertSettings.js';
import { SENDER_KINDS } from '../../core/alerts/senderState.js';
import { plainText } from './schemas.js';

/** Requests and replies about alerts and maintenance windows. */

const moment = z.iso.datetime();
const anyMoment = z.iso.datetime({ offset: true });
const success = z.literal(true);
const LONGEST_MINUTES = 31 * 24 * 60;

const senderName = z.string().min(1).max(60).meta({ description: "The sender's name, as GET /api/alerts shows it." });

export const testAlertBody = z
  .strictObject({ sender: senderName.optional().meta({ description: 'Absent: all senders.' }) })
  .meta({ id: 'AlertTest' });

const duration = `must be a whole number of minutes from 1 to ${LONGEST_MINUTES}`;
const names = z.array(plainText(100)).max(200);

export const maintenanceBody = z
  .strictObject({
    from: anyMoment.optional().meta({ description: 'When the window begins; absent: now.' }),
    to: anyMoment.optional().meta({ description: 'When the window ends. Give either this or `minutes`.' }),
    minutes: z.int(duration).min(1, duration).max(LONGEST_MINUTES, duration).optional(),
    weekly: z
      .boolean()
      .default(false)
      .meta({ description: 'True: the window comes again every seven days, at the same time in UTC.' }),
    everything: z.boolean().default(false).meta({
      description: 'True: the window is for all cameras and accounts, the store, the media server and the disk.',
    }),
    cameraIds: z.array(z.string().max(64)).max(1_000).default([]),
    labels: names.default([]),
    accounts: names.default([]),
    note: plainText(200).optional().meta({ description: 'The reason for the window, for people to read.' }),
  })
  .refine(({ to, minutes }) => (to === undefined) !== (minutes === undefined), 'needs either "to" or "minutes"')
  .refine(
    ({ everything, cameraIds, labels, accounts }) =>
      everything || cameraIds.length + labels.length + accounts.length > 0,
    'names nothing: give cameraIds, labels or accounts, or set everything to true',
  )
  .meta({ id: 'NewMaintenance' });

export const windowParams = z.object({
  id: z.string().meta({ description: "The window's id, as GET /api/maintenance shows it." }),
});

const subject = z.object({ kind: z.string(), id: z.string(), name: z.string() });

const alert = z
  .object({
    rule: z.enum(ALERT_RULES),
    subject,
    severity: z.enum(['warning', 'critical']),
    title: z.string(),
    text: z.string().meta({ description: 'What is wrong, and what to do about it.' }),
    beganAt: moment.meta({ description: 'When the trouble began.' }),
    openedAt: moment.meta({ description: 'When the trouble had lasted long enough to become an alert.' }),
    endedAt: moment.nullable(),
    toldAt: moment.nullable().meta({
      description:
        'When a receiver last accepted a message about the alert; null: none has (there is no sender, the sender fails, a maintenance window or a larger alert covers it, or camlease still waits a moment).',
    }),
    clearing: z
      .boolean()
      .meta({ description: 'The trouble seems to be over; camlease closes the alert if it stays away.' }),
  })
  .meta({ id: 'Alert' });

const failure = z.object({ message: z.string(), cure: z.string().nullable() });

export const alertsReply = z
  .object({
    success,
    open: z.array(alert),
    closed: z.array(alert).meta({ description: 'The alerts that were closed in the last seven days, newest first.' }),
    senders: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(SENDER_KINDS),
        to: z.string().meta({ description: 'Where the sender sends to, without any secret.' }),
        lastSentAt: moment.nullable(),
        failure: failure.extend({ at: moment }).nullable(),
        waiting: z.int().min(0),
      }),
    ),
  })
  .meta({ id: 'AlertsReply' });

export const alertTestReply = z
  .object({
    success,
    results: z.array(z.object({ sender: z.string(), to: z.string(), sent: z.boolean(), failure: failure.nullable() })),
  })
  .meta({ id: 'AlertTestReply' });

const window = z
  .object({
    id: z.string(),
    from: moment,
    to: moment,
    active: z.boolean(),
    weekly: z.boolean(),
    everything: z.boolean(),
    cameraIds: z.array(z.string()),
    labels: z.array(z.string()),
    accounts: z.array(z.string()),
    note: z.string(),
  })
  .meta({
    id: 'Maintenance',
    description:
      'A maintenance window. `from` and `to` of a weekly window are those of the present or the next occurrence.',
  });

export const maintenanceReply = z.object({ success, windows: z.array(window) }).meta({ id: 'MaintenanceReply' });
export const oneMaintenanceReply = z.object({ success, window }).meta({ id: 'OneMaintenanceReply' });
export const endedMaintenanceReply = z.object({ success }).meta({ id: 'EndedMaintenanceReply' });
