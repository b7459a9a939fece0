import { z } from 'zod';
import { cleanName } from '../../core/camera/cameraName.js';

/** An integer; both clouds send some numbers as text. */
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

/** Ids and codes: text, or a number where a page of the documents says so. */
export const looseText = z.union([z.string(), z.number()]).transform((value) => String(value).trim());

/** An id that is sent back to the cloud. A number beyond the safe integers has lost digits when it was parsed. */
export const idText = z
  .union([z.string(), z.number().refine(Number.isSafeInteger)])
  .transform((value) => String(value).trim())
  .refine((text) => /^[\x21-\x7e]{1,128}$/.test(text));

/** A device's serial: printable, without blanks. */
export const serialText = idText.refine((text) => text.length <= 64);

/** Channels count from 1 (recorders have some hundreds at most); 0 is a recorder's overview of all channels. */
export const channelNumber = looseInteger.refine((value) => value >= 0 && value <= 10_000);

/** A camera's name as people may see it; empty when it has none. */
export const nameText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' || typeof value === 'number' ? cleanName(String(value)) : ''));

/** A moment as epoch seconds or milliseconds: clouds send both, even for one field. */
export const epoch = looseInteger.refine((value) => value > 0).transform((value) => epochDate(value));

/** When a token expires; null when the reply has no number: the token is then used until the cloud calls it dead. */
export const tokenExpiry = epoch.nullish().catch(null);

/** The address for later calls; null when the reply names none. */
export const areaText = z
  .unknown()
  .optional()
  .transform((value) => (typeof value === 'string' && value.trim() !== '' ? value.trim() : null));

/** True for 1 or true, false for 0 or false, null for anything else; numbers, texts and booleans all occur. */
export const looseFlag = z
  .unknown()
  .optional()
  .transform((value) => {
    const text = ['number', 'string', 'boolean'].includes(typeof value) ? String(value).trim().toLowerCase() : '';
    return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : null;
  });

/** 1 online, 0 offline. */
export const onlineFlag = looseFlag;

/** Epoch seconds have eleven digits from the year 5138 on; milliseconds have had twelve since 1973. */
function epochDate(value: number): Date {
  return new Date(value < 100_000_000_000 ? value * 1000 : value);
}
