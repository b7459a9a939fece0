import { z } from 'zod';
import { JOBS, SKIP_REASONS } from '../../core/passes/pass.js';
import { accountNote, count, moment, success, trouble } from './replySchemas.js';

/** Shapes of passes and of their reports. */

const message = z.string().optional().meta({ description: 'The outcome in a few words; only in the reply itself.' });
const failed = z.array(z.object({ cameraId: z.string(), ...trouble.shape }));
export const initializeReply = z
  .object({
    success: z.boolean(),
    discovered: count,
    created: count,
    updated: count,
    missing: count,
    leased: count,
    failed,
    failedAccounts: z.array(z.object({ account: z.string(), ...trouble.shape })),
    notes: z
      .array(z.object({ account: z.string(), ...accountNote.shape }))
      .optional()
      .meta({
        description: 'What is strange about the listings of the accounts; absent in passes of earlier versions.',
      }),
    pass: z.string(),
    message,
  })
  .meta({ id: 'InitializeReport' });
export const renewReply = z
  .object({
    success: z.boolean(),
    renewed: count.meta({ description: 'Cameras whose new lease is in force and brought a picture.' }),
    held: count.meta({ description: 'Cameras whose new lease waits; `heldCameras` lists them with the reason.' }),
    heldCameras: z
      .array(
        z.object({
          cameraId: z.string(),
          reason: z.string().meta({ description: 'A word from a fixed list, or the code of the failed proof.' }),
          until: moment
            .nullable()
            .meta({ description: 'When the new lease takes over at the latest; null: not known.' }),
          sentence: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Absent in scheduled passes, which do not wait for the outcome, and in old passes.' }),
    skipped: count.meta({ description: 'Cameras for which camlease did not ask the cloud.' }),
    skippedCameras: z
      .array(z.object({ cameraId: z.string(), reason: z.enum(SKIP_REASONS) }))
      .optional()
      .meta({ description: 'Absent in the same passes as `heldCameras`.' }),
    bypassed: z
      .object({
        notDue: count.meta({ description: 'Cameras whose lease is not due yet.' }),
        backingOff: count.meta({ description: 'Cameras that failed and whose next try comes later.' }),
        failedForGood: count.meta({ description: 'Cameras that failed for good, until something changes.' }),
        offline: count.meta({ description: 'Cameras without a lease that the cloud lists as offline.' }),
        held: count.meta({ description: 'Cameras whose new lease waits until nobody watches.' }),
      })
      .optional()
      .meta({
        description:
          'Cameras that were renewed only because of `force`, with the reason why they were not due; absent in old passes.',
      }),
    failed,
    pass: z.string(),
    message,
  })
  .meta({ id: 'RenewReport' });
const snapshotReport = z
  .object({ success: z.boolean(), taken: count, reused: count, skipped: count, failed, pass: z.string() })
  .meta({ id: 'SnapshotReport' });
export const importReport = z
  .object({
    success: z.boolean(),
    created: count,
    changed: count,
    unchanged: count.meta({ description: 'Rows whose camera is stored as they say.' }),
    failed: z.array(z.object({ place: z.string(), key: z.string().nullable(), message: z.string() })),
    pass: z.string(),
  })
  .meta({ id: 'ImportReport' });
export const networkReport = z
  .object({
    success: z.boolean(),
    found: z.array(
      z.object({
        address: z.string().meta({ description: 'Host and port that answered, or that were asked.' }),
        name: z.string().nullable(),
        maker: z.string().nullable(),
        model: z.string().nullable(),
        clockAheadS: z.int().nullable().meta({ description: "How far the device's clock is ahead, in seconds." }),
        streams: z.array(
          z.object({
            profile: z.string(),
            codec: z.string().nullable(),
            width: z.number().nullable(),
            height: z.number().nullable(),
            url: z.string().meta({
              description: '`source.url` of a new camera (`POST /api/camera`); give `user` and `password` beside it.',
            }),
          }),
        ),
        problem: z.string().nullable().meta({ description: 'Why it has no streams.' }),
        cure: z.string().nullable(),
      }),
    ),
    notes: z.array(z.string()).meta({ description: 'What limits the search.' }),
    failed: z.array(z.never()),
    pass: z.string(),
  })
  .meta({ id: 'NetworkReport' });
export const runningReply = z.object({ success, message: z.string(), pass: z.string(), state: z.literal('running') });

export const passReply = z.object({
  success,
  pass: z
    .object({
      id: z.string(),
      job: z.enum(JOBS),
      state: z.enum(['running', 'succeeded', 'failed']),
      startedAt: moment,
      endedAt: moment.nullable(),
      total: count,
      done: count,
      failed: count,
      skipped: count,
      report: z.union([initializeReply, renewReply, snapshotReport, importReport, networkReport]).nullable(),
      error: z.object({ code: z.string(), message: z.string(), cure: z.string().optional() }).nullable(),
    })
    .meta({ id: 'Pass' }),
});
