import { z } from 'zod';
import { ACCOUNT_NOTE_CODES } from '../../core/passes/accountNotes.js';

/** An account's note in a record that replicas of several versions read. */
export const accountNoteBody = z.object({
  code: z.enum(ACCOUNT_NOTE_CODES),
  message: z.string(),
  cure: z.string(),
  records: z.array(
    z.object({
      listing: z.enum(['cameras', 'devices']),
      position: z.number(),
      deviceSerial: z.string().nullable(),
      field: z.string(),
    }),
  ),
});
