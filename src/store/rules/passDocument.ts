import { z } from 'zod';
import type { Pass } from '../../core/passes/pass.js';
import { JOBS } from '../../core/passes/pass.js';
import type { PassReport } from '../../core/passes/pass.js';
import type { PassDocument } from '../driver.js';

const date = z.iso.datetime().transform((text) => new Date(text));

const passSchema = z.object({
  id: z.string(),
  job: z.enum(JOBS),
  state: z.enum(['running', 'succeeded', 'failed']),
  startedAt: date,
  endedAt: date.nullable(),
  total: z.int(),
  done: z.int(),
  failed: z.int(),
  skipped: z.int(),
  // camlease wrote it and only sends it on, so its shape is not checked.
  report: z.custom<PassReport>((value) => typeof value === 'object' && value !== null).nullable(),
  error: z.object({ code: z.string(), message: z.string(), cure: z.string().exactOptional() }).nullable(),
});

export function encodePass(pass: Pass, owner: string): PassDocument {
  return { id: pass.id, owner, state: pass.state, startedAt: pass.startedAt, body: JSON.stringify(pass) };
}

/** null: another version of camlease wrote the pass in a form that this one cannot read. */
export function decodePass(document: PassDocument): Pass | null {
  try {
    const parsed = passSchema.safeParse(JSON.parse(document.body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
