import type { z } from 'zod';
import type { OddRecord } from '../../core/passes/accountNotes.js';
import { serialText } from './replyFields.js';

/** An unreadable record within its page: `index` counts from 0. */
export type OddOnPage = Omit<OddRecord, 'listing' | 'position'> & { readonly index: number };

/**
 * Reads records one by one, so that an unreadable record affects no other. `serialAt` is the path to the serial in a record,
 * which is reported even when the rest cannot be read.
 */
export function readRecords<T>(
  records: readonly unknown[],
  record: z.ZodType<T>,
  serialAt: readonly string[],
): { readonly items: readonly T[]; readonly odd: readonly OddOnPage[] } {
  const items: T[] = [];
  const odd: OddOnPage[] = [];
  for (const [index, one] of records.entries()) {
    const parsed = record.safeParse(one);
    if (parsed.success) items.push(parsed.data);
    else {
      const path = parsed.error.issues[0]?.path ?? [];
      odd.push({
        index,
        deviceSerial: serialIn(one, serialAt),
        field: path.map(String).join('.') || 'the whole record',
      });
    }
  }
  return { items, odd };
}

function serialIn(record: unknown, way: readonly string[]): string | null {
  let value = record;
  for (const name of way) {
    if (typeof value !== 'object' || value === null) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  const serial = serialText.safeParse(value);
  return serial.success ? serial.data : null;
}
