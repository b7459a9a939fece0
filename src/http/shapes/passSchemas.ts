import { z } from 'zod';
import { JOBS, SKIP_REASONS } from '../../core/passes/pass.js';
import { accountNote, count, moment, success, trouble } from './replySchemas.js';

/** Shapes of passes and of their reports. */

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
      .meta({ description: 'What is strange about accounts that were listed; absent in old passes.' }),
    pass: z.string(),
  })
  .meta({ id: 'InitializeReport' });
export const renewReply = z
  .object({
    success: z.boolean(),
    renewed: count.meta({ description: 'Their new leases are in force, and their pictures were seen.' }),
    held: count.meta({ description: 'They have a new lease, which waits; `heldCameras` says which and why.' }),
    heldCameras: z
      .array(
        z.object({
          cameraId: z.string(),
          reason: z.string().meta({ description: 'A word from a fixed list, or the code of what the look met.' }),
          until: moment.nullable().meta({ description: 'When it goes on at the latest; null: not known.' }),
          sentence: z.string(),
        }),
      )
      .optional()
      .meta({ description: 'Absent in passes of the schedule, which wait for no outcome, and in old ones.' }),
    skipped: count.meta({ description: 'Nothing was asked for them.' }),
    skippedCameras: z
      .array(z.object({ cameraId: z.string(), reason: z.enum(SKIP_REASONS) }))
      .optional()
      .meta({ description: 'Absent like `heldCameras`.' }),
    bypassed: z
      .object({
        notDue: count.meta({ description: 'Their leases are good for a while yet.' }),
        backingOff: count.meta({ description: 'They failed, and their next try lay ahead.' }),
        failedForGood: count.meta({ description: 'Nothing would have been tried until something changed.' }),
        offline: count.meta({ description: 'The cloud calls them offline, and they have no lease.' }),
        held: count.meta({ description: 'Their new lease waited until nobody watches.' }),
      })
      .optional()
      .meta({
        description: 'Cameras that were renewed all the same, and why they would not have been; absent in old passes.',
      }),
    failed,
    pass: z.string(),
  })
  .meta({ id: 'RenewReport' });
const snapshotReport = z
  .object({ success: z.boolean(), taken: count, reused: count, skipped: count, failed, pass: z.string() })
  .meta({ id: 'SnapshotReport' });
export const runningReply = z.object({ success, pass: z.string(), state: z.literal('running') });

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
      report: z.union([initializeReply, renewReply, snapshotReport]).nullable(),
      error: z.object({ code: z.string(), message: z.string(), cure: z.string().optional() }).nullable(),
    })
    .meta({ id: 'Pass' }),
});
