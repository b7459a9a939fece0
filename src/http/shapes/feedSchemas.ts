import { z } from 'zod';
import { CAMERA_MODES } from '../../core/camera/camera.js';
import { count, moment, success } from './replySchemas.js';

/** Shapes of lists of cameras. */

const feed = z
  .object({
    name: z.string(),
    kind: z.enum(['file', 'list']),
    readAt: moment.nullable().meta({ description: 'When it was last read and taken; null: not since the start.' }),
    entries: count.meta({ description: 'Entries that were taken, of the latest reading that was.' }),
    created: count,
    changed: count,
    missing: count.meta({ description: 'Cameras that it named before, and does not name any more.' }),
    skipped: count.meta({ description: 'Items without an id or an address.' }),
    deleted: count.meta({ description: 'Entries of cameras that a person deleted; they stay deleted.' }),
    refused: count.meta({ description: 'Entries that cannot be taken.' }),
    faults: z.array(z.string()).meta({ description: 'The first of them: a sentence each.' }),
    problem: z.string().nullable().meta({ description: 'Why the latest reading changed nothing; null: it was taken.' }),
    cure: z.string().nullable(),
    problemSince: moment.nullable(),
  })
  .meta({ id: 'Feed' });

const importEntry = z
  .object({
    key: z.string().optional().meta({ description: 'What the table calls the camera; absent: its name.' }),
    name: z.string().optional(),
    url: z.string(),
    user: z.string().optional(),
    password: z.string().optional().meta({ writeOnly: true }),
    mode: z.enum(CAMERA_MODES).optional(),
    labels: z.array(z.string()).optional(),
    enabled: z.boolean().optional(),
  })
  .meta({ id: 'ImportEntry' });

/** For the document: entries are read one by one, so that a wrong one costs the others nothing. */
export const importBody = z.object({ cameras: z.array(importEntry) });

export const importPlanReply = z.object({
  success,
  rows: z.array(
    z.object({
      place: z.string().meta({ description: 'The line of the table, or the number of the entry.' }),
      key: z.string().nullable(),
      action: z.enum(['create', 'change', 'none', 'refuse']),
      changes: z.array(z.string()).meta({ description: 'The fields that would change.' }),
      message: z.string().nullable().meta({ description: 'Why it would be refused.' }),
    }),
  ),
  summary: z.object({ create: count, change: count, none: count, refuse: count }),
});

export const feedsReply = z.object({ success, feeds: z.array(feed), total: count });
