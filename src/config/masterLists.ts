import { z } from 'zod';
import { ENTRY_FIELDS } from '../core/feeds/feedEntry.js';
import type { MasterList } from '../core/feeds/masterItems.js';

/** Names of feeds that are no master list: the cameras of the file itself, imports, discovery, and the older systems. */
const RESERVED = ['file', 'import', 'network', 'sparka', 'mtx', 'viewer'];
const SECOND_MS = 1_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: SECOND_MS, min: 60 * SECOND_MS, h: 3_600 * SECOND_MS };

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 lower-case letters, digits and dashes')
  .refine((text) => !RESERVED.includes(text), `must be none of ${RESERVED.join(', ')}, which mean other things`);

const url = z
  .string('must be an http or https address')
  .max(2_048, 'must be at most 2048 characters')
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http or https address');

/** `30 s`, `2 min`, or a number of seconds. */
function duration(fallbackMs: number, leastMs: number, mostMs: number): z.ZodType<number> {
  const sentence = `must be a time such as 30 s or 2 min, from ${leastMs / SECOND_MS} s to ${mostMs / SECOND_MS} s`;
  return z
    .union([z.number(), z.string()], sentence)
    .transform((value) => {
      const [, digits, unit] = /^\s*(\d{1,6})\s*(s|min|h)?\s*$/.exec(String(value)) ?? [];
      return Number(digits ?? NaN) * (UNIT_MS[unit ?? 's'] ?? NaN);
    })
    .refine((ms) => ms >= leastMs && ms <= mostMs, sentence)
    .default(fallbackMs);
}

const header = 'must be a name of letters, digits and dashes';
const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9-]{1,64}$/, header),
    z.string('must be text: in quotes if it looks like a number').regex(/^[\x20-\x7e]{0,4096}$/, 'must be plain text'),
  )
  .default({});

const pathText = z
  .string('must be the name of a field of the answer')
  .regex(/^[^\s.][^.]*(\.[^.]+)*$/, 'must be the name of a field of the answer, with dots where it lies deeper')
  .max(200, 'must be at most 200 characters');

/** `id` is another word for `key`. */
const FIELD_NAMES = ['id', ...ENTRY_FIELDS] as const;

const fields = z
  .partialRecord(
    z.enum(FIELD_NAMES, `must be of ${FIELD_NAMES.join(', ')}`),
    pathText,
    'must be a map such as url: rtspUrl',
  )
  .refine((map) => map.url !== undefined, 'must say which field is the url')
  .refine((map) => map.id !== undefined || map.key !== undefined, 'must say which field is the id')
  .transform(({ id, ...map }): MasterList['fields'] => ({ ...map, key: map.key ?? id ?? '' }));

const login = z.strictObject({
  user: z.string('must be text: in quotes if it looks like a number').min(1).max(256),
  password: z.string('must be text: in quotes if it looks like a number').max(256).default(''),
});

/** `lists:` of `camlease.yml`. */
export const masterLists = z
  .array(
    z
      .strictObject({
        ...{ name, url, headers, fields },
        every: duration(30 * SECOND_MS, 5 * SECOND_MS, 24 * 3_600 * SECOND_MS),
        timeout: duration(10 * SECOND_MS, SECOND_MS, 120 * SECOND_MS),
        items: pathText.nullish().transform((path) => path ?? null),
        login: login.nullish().transform((own) => own ?? null),
      })
      .transform(({ every, timeout, ...rest }): MasterList => ({ ...rest, everyMs: every, timeoutMs: timeout })),
    'must be a list, each entry beginning with a dash',
  )
  .superRefine((lists, context) => {
    const seen = new Set<string>();
    for (const [index, list] of lists.entries()) {
      if (seen.has(list.name)) context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is given twice' });
      seen.add(list.name);
    }
  });
