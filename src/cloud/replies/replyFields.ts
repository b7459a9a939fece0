import { z } from 'zod';
import { cleanName } from '../../core/camera/cameraName.js';

/** Both clouds send numbers as text here and there. */
export const looseInteger = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^-?\d{1,16}(?:\.0{1,6})?$/),
  ])
  .transform(Number)
  .refine(Number.isSafeInteger);

/** Ids and codes: text, or a number where a page of the documents differs. */
export const looseText = z.union([z.string(), z.number()]).transform((value) => String(value).trim());

/** An id that is sent back to the cloud. A number beyond the safe ones has lost digits on its way. */
export const idText = z
  .union([z.string(), z.number().refine(Number.isSafeInteger)])
  .transform((value) => String(value).trim())
  .refine((text) => /^[\x21-\x7e]{1,128}$/.test(text));

/** A device's serial: printable, without blanks. */
export const serialText = idText.refine((text) => text.length <= 64);

/** Channels count from 1 (recorders have some hundreds at most); 0 is a recorder's overview of all. */
export const channelNumber = looseInteger.refine((value) => value >= 0 && value <= 10_000);

/** A camera's name as people may see it; empty when there is none. */
export const nameText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' || typeof value === 'number' ? cleanName(String(value)) : ''));

/** A moment as epoch seconds or milliseconds: both are seen, even for one field. */
export const epoch = looseInteger.refine((value) => value > 0).transform((value) => epochDate(value));

/** When a login ends; null where the reply does not say it as a number: the token is used until the cloud calls it dead. */
export const tokenExpiry = epoch.nullish().catch(null);

/** Where later calls go; null where the reply names nothing. */
export const areaText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null));

/** 1 or true; 0 or false; anything else says nothing. Numbers, texts and booleans are all seen. */
export const looseFlag = z
  .unknown()
  .optional()
  .transform((value) => {
    const text = ['number', 'string', 'boolean'].includes(typeof value) ? String(value).trim().toLowerCase() : '';
    return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : null;
  });

/** 1 online, 0 offline. */
export const onlineFlag = looseFlag;

/** Seconds reach eleven digits in the year 5138; milliseconds have had twelve since 1973. */
function epochDate(value: number): Date {
  return new Date(value < 100_000_000_000 ? value * 1000 : value);
}
