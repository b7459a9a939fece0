import { CAMERA_NAMED } from '../../core/camera/cameraId.js';
import { z } from 'zod';
import { CAMERA_STATUSES } from '../../core/camera/camera.js';

/** Shapes of requests and replies about outages, availability, and what each party reports. */

const moment = z.iso.datetime();
const success = z.literal(true);
const milliseconds = z.int().min(0);
const percent = z.number().min(0).max(100).nullable();

const subject = z.union([
  z.object({ kind: z.literal('camera'), id: z.string() }),
  z.object({ kind: z.literal('account'), name: z.string() }),
]);

export const outageReply = z
  .object({
    id: z.string(),
    subject,
    account: z.string().nullable().meta({ description: "The camera's account when it began, or the account itself." }),
    reason: z.string().meta({ description: 'A code; that of its beginning.' }),
    message: z.string(),
    isOurs: z.boolean().meta({ description: 'False: the cloud calls the camera offline, which no renewal can mend.' }),
    beganAt: moment,
    endedAt: moment.nullable().meta({ description: 'null: it goes on.' }),
  })
  .meta({ id: 'Outage', description: 'A time in which something that should work did not. Kept for 90 days.' });

export const outagesReply = z.object({
  success,
  outages: z.array(outageReply),
  total: z.int().min(0).meta({ description: 'All that match; the newest are shown.' }),
});

const period = z
  .object({
    percent: percent.meta({ description: 'null: nobody pulled it, and nothing was expected of it.' }),
    percentOurs: percent.meta({
      description: 'The same without the time in which the cloud called the camera offline.',
    }),
    observedMs: milliseconds.meta({
      description:
        'What `percent` is of: time in which it was pulled or should have been, and somebody looked; of several the sum.',
    }),
    observedPart: z.number().min(0).max(1).meta({
      description:
        'The same as a part of the period (times the cameras): 1 is all of it. The rest is idle, or was not observed.',
    }),
    upMs: milliseconds,
    downMs: milliseconds.meta({ description: 'Without `offlineMs`.' }),
    offlineMs: milliseconds,
    unknownMs: milliseconds.meta({
      description: 'In neither part of the ratio: nobody looked, or the media server did not answer.',
    }),
  })
  .meta({ id: 'Availability' });

export const availabilityReply = z.object({
  success,
  subject: z.union([subject, z.object({ kind: z.literal('all') })]),
  at: moment,
  day: period.meta({ description: 'The last 24 hours.' }),
  week: period.meta({ description: 'The last 7 days.' }),
  month: period.meta({ description: 'The last 30 days.' }),
});

export const saidReply = z
  .object({
    cloud: z.object({
      status: z.enum(CAMERA_STATUSES).meta({ description: 'As the listing, or the operator, had it last.' }),
      answeredAt: moment
        .nullable()
        .meta({ description: 'When the account was last served; null: not since the start.' }),
      refusal: z.string().nullable().meta({ description: 'The code by which the cloud refuses the account.' }),
    }),
    engine: z
      .object({
        flow: z.enum(['flowing', 'starting', 'idle', 'stopped', 'unknown']),
        viewers: z.int().min(0).nullable(),
        bytesMovedAt: moment.nullable().meta({ description: 'When bytes were last seen to have grown.' }),
        at: moment,
      })
      .nullable()
      .meta({ description: 'null: it was not asked yet.' }),
    store: z.object({
      lease: z.enum(['none', 'valid', 'expired']),
      revision: z.int().min(1).nullable(),
      expiresAt: moment.nullable(),
      isThere: z
        .boolean()
        .nullable()
        .meta({ description: 'Whether the store answers now; null: it was not asked yet.' }),
      at: moment.nullable().meta({ description: 'When the store last answered.' }),
    }),
  })
  .meta({ id: 'Said', description: 'What each party says, apart, and when that was last known.' });

const id = z.string().regex(CAMERA_NAMED, 'is not a camera id');
const account = z.string().min(1).max(100);
const when = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const whenInput = { override: { type: 'string' as const, format: 'date-time' } };

export const outagesQuery = z
  .strictObject({
    camera: id.optional(),
    account: account.optional().meta({ description: 'Its own outages and those of its cameras.' }),
    from: when.optional().meta({ description: 'Only those that had not ended by then.', ...whenInput }),
    to: when.optional().meta({ description: 'Only those that had begun by then.', ...whenInput }),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  })
  .refine(({ camera, account }) => camera === undefined || account === undefined, 'takes a camera or an account');

export const availabilityQuery = z
  .strictObject({ camera: id.optional(), account: account.optional() })
  .refine(({ camera, account }) => camera === undefined || account === undefined, 'takes a camera or an account');
