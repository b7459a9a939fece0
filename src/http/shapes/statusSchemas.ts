import { CAMERA_NAMED } from '../../core/camera/cameraIdForm.js';
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
    account: z
      .string()
      .nullable()
      .meta({ description: "The camera's account when the outage began, or the account itself." }),
    reason: z.string().meta({ description: 'The code with which the outage began.' }),
    message: z.string(),
    isOurs: z
      .boolean()
      .meta({ description: 'False: the cloud lists the camera as offline, which no renewal can cure.' }),
    beganAt: moment,
    endedAt: moment.nullable().meta({ description: 'null: the outage has not ended.' }),
  })
  .meta({
    id: 'Outage',
    description: 'A time in which a camera or an account did not work though it should have. Kept for 90 days.',
  });

export const outagesReply = z.object({
  success,
  outages: z.array(outageReply),
  total: z.int().min(0).meta({ description: 'How many outages match; the reply has the newest of them.' }),
});

const period = z
  .object({
    percent: percent.meta({ description: 'null: nobody pulled the camera, and it did not have to be pulled.' }),
    percentOurs: percent.meta({
      description: 'The same without the time in which the cloud listed the camera as offline.',
    }),
    observedMs: milliseconds.meta({
      description:
        'The time that `percent` refers to: the camera was pulled or should have been, and camlease was watching it; for several cameras the sum.',
    }),
    observedPart: z.number().min(0).max(1).meta({
      description:
        'The same as a part of the period (times the cameras): 1 is all of it. In the rest, nobody pulled the camera or camlease was not watching it.',
    }),
    upMs: milliseconds,
    downMs: milliseconds.meta({ description: 'The time without pictures, `offlineMs` not included.' }),
    offlineMs: milliseconds,
    unknownMs: milliseconds.meta({
      description: 'Time that does not count: camlease was not watching, or the media server did not answer.',
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

export const reportedStateReply = z
  .object({
    cloud: z.object({
      status: z.enum(CAMERA_STATUSES).meta({ description: 'What the last listing, or the operator, reported.' }),
      answeredAt: moment
        .nullable()
        .meta({ description: 'When the cloud last served the account; null: not since the start.' }),
      refusal: z.string().nullable().meta({ description: 'The code by which the cloud refuses the account.' }),
    }),
    engine: z
      .object({
        flow: z.enum(['flowing', 'starting', 'idle', 'stopped', 'unknown']),
        viewers: z.int().min(0).nullable(),
        bytesMovedAt: moment
          .nullable()
          .meta({ description: 'When camlease last saw that bytes had come from the camera.' }),
        at: moment,
      })
      .nullable()
      .meta({ description: 'null: camlease has not asked yet.' }),
    store: z.object({
      lease: z.enum(['none', 'valid', 'expired']),
      revision: z.int().min(1).nullable(),
      expiresAt: moment.nullable(),
      isThere: z
        .boolean()
        .nullable()
        .meta({ description: 'Whether the store answers now; null: camlease has not asked yet.' }),
      at: moment.nullable().meta({ description: 'When the store last answered.' }),
    }),
  })
  .meta({ id: 'Said', description: 'What the cloud, the media server and the store each report, and when.' });

const id = z.string().regex(CAMERA_NAMED, 'is not a camera id');
const account = z.string().min(1).max(100);
const when = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const whenInput = { override: { type: 'string' as const, format: 'date-time' } };

export const outagesQuery = z
  .strictObject({
    camera: id.optional(),
    account: account.optional().meta({ description: 'Only outages of this account and of its cameras.' }),
    from: when.optional().meta({ description: 'Only outages that had not ended at this time.', ...whenInput }),
    to: when.optional().meta({ description: 'Only outages that had begun by this time.', ...whenInput }),
    limit: z.coerce.number().int().min(1).max(1_000).default(100),
  })
  .refine(
    ({ camera, account }) => camera === undefined || account === undefined,
    'takes either a camera or an account',
  );

export const availabilityQuery = z
  .strictObject({ camera: id.optional(), account: account.optional() })
  .refine(
    ({ camera, account }) => camera === undefined || account === undefined,
    'takes either a camera or an account',
  );
