import { z } from 'zod';

/** Both clouds send numbers as text here and there. */
export const looseInteger = z
  .union([z.number(), z.string().regex(/^-?\d{1,16}$/)])
  .transform(Number)
  .refine(Number.isSafeInteger);

/** Ids and codes: text, or a number where a page of the documents differs. */
export const looseText = z.union([z.string(), z.number()]).transform(String);

/** A moment as epoch seconds or milliseconds: both are seen, even for one field. */
export const epoch = looseInteger.refine((value) => value > 0).transform((value) => epochDate(value));

/** 1 online, 0 offline, anything else says nothing. */
export const onlineFlag = z
  .unknown()
  .optional()
  .transform((value) => {
    const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
    return text === '1' ? true : text === '0' ? false : null;
  });

/** Seconds reach eleven digits in the year 5138; milliseconds have had twelve since 1973. */
function epochDate(value: number): Date {
  return new Date(value < 100_000_000_000 ? value * 1000 : value);
}
