import { z } from 'zod';
import { CAMERA_MODES, SOUND_SETTINGS } from '../../core/camera/camera.js';
import { count, moment, success } from './replySchemas.js';

/** Shapes of lists of cameras. */

const feed = z
  .object({
    name: z.string(),
    kind: z
      .enum(['file', 'list', 'compat'])
      .meta({ description: '`compat`: the configuration file of an older system.' }),
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
    sound: z.enum(SOUND_SETTINGS).optional(),
    labels: z.array(z.string()).optional(),
    enabled: z.boolean().optional(),
    location: z.string().optional(),
    city: z.string().optional(),
    coordinates: z.object({ lat: z.number(), lng: z.number() }).optional(),
    attributes: z.record(z.string(), z.string()).optional(),
  })
  .meta({ id: 'ImportEntry' });

/** For the document: entries are read one by one, so that a wrong one costs the others nothing. */
export const importBody = z.object({ cameras: z.array(importEntry) });

const NOT_AN_ADDRESS = 'must be a host such as 192.168.1.64 or 192.168.1.64:8000, or an http address';

/** A host with a port if need be, or the address of a device's service; without a login, which has fields of its own. */
const deviceAddress = z
  .string()
  .trim()
  .max(300)
  .refine((text) => {
    const whole = /^https?:\/\//i.test(text) ? text : `http://${text}/`;
    return URL.canParse(whole) && !/[\s@\\]/.test(text) && (whole === text || !/[/?#]/.test(text));
  }, NOT_AN_ADDRESS);

const login = z
  .string()
  .max(200)
  .regex(/^\P{Cc}*$/u, 'must not hold control characters');

export const networkBody = z
  .strictObject({
    addresses: z.array(deviceAddress).min(1).max(64).optional().meta({
      description: 'Which devices to ask; absent: all that answer on the networks of this machine.',
    }),
    user: login.min(1).optional(),
    password: login.optional().meta({ writeOnly: true }),
  })
  .refine(({ user, password }) => password === undefined || user !== undefined, 'a password needs a user');

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
