import { z } from 'zod';
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

export const feedsReply = z.object({ success, feeds: z.array(feed), total: count });
