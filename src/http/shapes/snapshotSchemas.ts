import { z } from 'zod';
import { isSnapshotDay } from '../../core/pictures/snapshotNames.js';

const day = z
  .string()
  .refine(isSnapshotDay, 'must be a day such as 2026-01-05')
  .meta({ description: 'A day in the time zone of the machine that camlease runs on.', example: '2026-01-05' });

export const snapshotsQuery = z.strictObject({ day: day.optional() });

const snapshot = z.object({
  takenAt: z.iso.datetime(),
  url: z.string().meta({ description: 'The address of the picture on this server.' }),
  bytes: z.int(),
});
export type SnapshotJson = z.input<typeof snapshot>;

export const snapshotsReply = z.object({
  success: z.literal(true),
  day: z.string().nullable().meta({ description: 'The day of `snapshots`; null: no snapshot is kept.' }),
  snapshots: z.array(snapshot),
  days: z.array(z.object({ day: z.string(), count: z.int() })).meta({ description: 'Newest first.' }),
});

const bound = z
  .union([day, z.iso.datetime({ offset: true }).transform((text) => new Date(text))])
  .meta({ description: 'A day, which counts as a whole, or a moment.' });

export const guideSnapshotsQuery = z.strictObject({
  date: day.optional(),
  from: bound.optional(),
  to: bound.optional(),
});

const guideSnapshot = z.object({
  _id: z.string(),
  cameraId: z.string(),
  imagePath: z.string(),
  url: z.string(),
  createdAt: z.iso.datetime(),
});
export type GuideSnapshotJson = z.input<typeof guideSnapshot>;

export const guideSnapshotsReply = z.array(guideSnapshot);

export const snapshotDatesReply = z.object({
  success: z.literal(true),
  cameraId: z.string(),
  dates: z.array(z.object({ date: z.string(), count: z.int() })),
});

export const latestSnapshotReply = z.object({
  success: z.literal(true),
  image: z.object({ filename: z.string(), url: z.string(), cameraId: z.string() }),
});
