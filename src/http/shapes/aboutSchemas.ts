import { z } from 'zod';
import {
  ATTRIBUTE_KEY,
  isCoordinates,
  LONGEST_MEMBER,
  LONGEST_NOTE,
  MOST_ATTRIBUTES,
  MOST_MEMBERS,
} from '../../core/camera/cameraAbout.js';
import { CAMERA_STATUSES } from '../../core/camera/camera.js';
import { UNPRINTABLE } from '../../core/camera/cameraName.js';

/** Text for people; empty or null takes it back. */
function note(description: string) {
  return z
    .string()
    .normalize('NFC')
    .trim()
    .max(LONGEST_NOTE, `must have at most ${LONGEST_NOTE} characters`)
    .refine((text) => !UNPRINTABLE.test(text), 'must not hold control characters')
    .nullable()
    .transform((text) => (text === '' ? null : text))
    .meta({ description });
}

/** Clients of the Hikvision guide send lists and objects as JSON text, also inside JSON. */
function orJsonText<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);
}

const degrees = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,3}(?:\.\d{1,20})?$/, 'must be a number')
    .transform(Number),
]);
const nowhere = z.object({ lat: z.null(), lng: z.null() }).transform(() => null);
const place = z
  .strictObject({ lat: degrees, lng: degrees })
  .refine(isCoordinates, 'must be degrees: lat from -90 to 90, lng from -180 to 180');

/** An address is what a form read in the camera: it changes nothing. The file itself is a part of a form, or a request of its own. */
const image = z
  .string()
  .regex(/^(?:\/images\/[\w./-]{1,200})?$/, 'must be null or a file; send the picture with PUT /api/camera/:id/image')
  .nullable()
  .transform((address) => (address === null || address === '' ? null : undefined))
  .meta({ description: 'null takes the uploaded picture away; an address that a reply showed changes nothing.' });

/** The fields of a request that note something about a camera. All may be left out. */
export const aboutShape = {
  location: note('Where the camera hangs, in words.').optional(),
  city: note('The city that the camera is in.').optional(),
  coordinates: orJsonText(z.union([z.null(), nowhere, place]))
    .optional()
    .meta({
      description: 'Where the camera is on a map, in degrees; null takes it back. JSON text is taken, too.',
    }),
  image: image.optional(),
  members: orJsonText(
    z.array(z.string().regex(new RegExp(`^[0-9A-Za-z_.:@-]{1,${LONGEST_MEMBER}}$`), 'is not an id')).max(MOST_MEMBERS),
  )
    .optional()
    .meta({
      description: 'Ids of people in the system that the dashboard belongs to. JSON text is taken, too.',
    }),
  attributes: orJsonText(
    z
      .record(z.string().regex(ATTRIBUTE_KEY, 'is not a key of an attribute'), z.string().max(LONGEST_NOTE))
      .refine((all) => Object.keys(all).length <= MOST_ATTRIBUTES, `must have at most ${MOST_ATTRIBUTES} keys`),
  )
    .optional()
    .meta({
      description: `Up to ${MOST_ATTRIBUTES} texts of your own, all of them at once. A key is a letter, then up to 39 of 0-9 A-Z a-z _ and -.`,
    }),
  aqi_api_key: note('A key of the dashboard for a service on air quality. No reply shows it.')
    .optional()
    .meta({ writeOnly: true }),
};

/** What clients of the Hikvision guide send as a status, and our own words, which they send back. */
export const sentStatus = z.enum(['inactive', ...CAMERA_STATUSES]).meta({
  description:
    'For clients of the Hikvision guide. In a change, `inactive` disables an active camera, and `active` ends that; what a listing says (`offline`, `missing`) stays. A new camera is active.',
});

export const coordinatesReply = z
  .union([z.object({ lat: z.number(), lng: z.number() }), z.object({ lat: z.null(), lng: z.null() })])
  .meta({ description: 'Always an object; both null: no place is noted.' });

/** What replies show of it. */
export const aboutReplyShape = {
  location: z.string().nullable(),
  city: z.string().nullable(),
  coordinates: coordinatesReply,
  image: z.string().nullable().meta({ description: 'The address of the uploaded picture on this server; null: none.' }),
  members: z.array(z.string()),
  attributes: z.record(z.string(), z.string()),
  aqiData: z.null().meta({ description: 'Clients of the Hikvision guide read it; camlease asks no service.' }),
};
