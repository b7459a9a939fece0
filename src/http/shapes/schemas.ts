import { CAMERA_NAMED } from '../../core/camera/cameraIdForm.js';
import { z } from 'zod';
import { CAMERA_MODES, QUALITY_SETTINGS, UNNAMED_VENDOR } from '../../core/camera/camera.js';
import { LONGEST_NAME, UNPRINTABLE } from '../../core/camera/cameraName.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import { aboutShape, sentStatus } from './aboutSchemas.js';
import { changeSourceBody, keep, newSourceBody, sound } from './sourceSchemas.js';
import { vendorWord } from './vendorWord.js';

/** Text for people in composed form (NFC), so that two ways to write one Hangul syllable are one name. */
export function plainText(maxLength: number) {
  return z
    .string()
    .normalize('NFC')
    .trim()
    .min(1, 'must not be empty')
    .max(maxLength, `must have at most ${maxLength} characters`)
    .refine((text) => !UNPRINTABLE.test(text), 'must not hold control characters');
}

function word(maxLength: number, description: string) {
  return z
    .string()
    .regex(/^[0-9A-Za-z_.:-]+$/, 'must be made of letters, digits and _ . : -')
    .max(maxLength, `must have at most ${maxLength} characters`)
    .meta({ description });
}

const name = plainText(LONGEST_NAME).meta({ description: 'The name of the camera for people.', example: 'Gate' });
const labels = z
  .array(plainText(50))
  .max(50)
  .meta({ description: 'Words to search for the camera by, and to give settings to many cameras at once.' });
const mode = z.enum(CAMERA_MODES).meta({
  description:
    'How camlease pulls the camera. `on-demand`: only while somebody watches; the relay pulls it, so ' +
    'that viewers do not notice when a new lease takes over, and they see the last picture while nothing comes, with a caption after 5 s. Without a relay (the log ' +
    'and `/ready` report that) it is treated as `direct`. `direct`: pulled only while somebody watches, by the media server itself, with no ' +
    'relay between it and the cloud; a new lease waits until nobody watches, or interrupts the picture shortly before the old one ' +
    'expires. `always-on`: pulled all the time, which costs one cloud stream and its traffic day and night; a new lease takes over while ' +
    'people watch, and they see a freeze of about a second at most; while nothing comes, they see the last picture with a caption. `seamless`: ' +
    'pulled all the time, too, by the relay, so that viewers do not notice a new lease; treated as `always-on` while there is no relay.',
});
const errorClipCheck = z.boolean().meta({
  description:
    "False: camlease takes this camera's picture for real even when it has every sign of the error clip that a cloud plays in place of H.265.",
});
const whenGone = z.enum(WHEN_GONE).meta({
  description:
    'What viewers get when nothing has come from the camera for a minute, if the relay pulls it: `slate` continues with its last ' +
    'picture and a caption; `end` ends the stream, so that players notice.',
});
const quality = z.enum(QUALITY_SETTINGS).meta({
  description:
    "Which of the camera's two streams is leased. `auto`: the main stream, or the sub stream if the main stream is H.265.",
});
const enabled = z
  .boolean()
  .meta({ description: 'False: the camera is disabled, so camlease neither leases nor serves it.' });
const account = plainText(100).meta({
  description: "The account's name; may be absent when only one account of the vendor is configured.",
});
const resourceId = word(
  128,
  "The vendor's id of the camera. Hik-Connect needs it, and may give the camera another one later.",
);

export const createCameraBody = z
  .strictObject({
    name,
    hikvisionDeviceSerial: word(64, 'The serial number of the device, of either vendor.'),
    channel: z
      .int()
      .min(1)
      .max(1024)
      .default(1)
      .meta({ description: 'The channel of the device, from 1; 1 for a camera that is no recorder.' }),
    hikvisionResourceId: resourceId.optional(),
    vendor: vendorWord.default(UNNAMED_VENDOR),
    account: account.optional(),
    rtmpPath: z.string().max(2048).optional().meta({
      description:
        "A live URL made by hand: rtmp or rtmps on a vendor's host, with an `expire` in the future. No reply shows it.",
      writeOnly: true,
    }),
    mode: mode.optional(),
    sound: sound.optional(),
    errorClipCheck: errorClipCheck.optional(),
    whenGone: whenGone.optional(),
    quality: quality.optional(),
    labels: labels.optional(),
    hikvisionEnabled: enabled.optional(),
    status: sentStatus.optional(),
    ...aboutShape,
  })
  .meta({ id: 'NewCamera' });

/** A camera with an address of its own: `source` stands in place of the fields of a cloud. */
export const createUrlCameraBody = z
  .strictObject({
    name,
    source: newSourceBody,
    keep: keep.optional(),
    mode: mode.optional(),
    sound: sound.optional(),
    whenGone: whenGone.optional(),
    labels: labels.optional(),
    hikvisionEnabled: enabled.optional(),
    status: sentStatus.optional(),
    ...aboutShape,
  })
  .meta({ id: 'NewUrlCamera' });

export const changeCameraBody = z
  .strictObject({
    name: name.optional(),
    hikvisionResourceId: resourceId.optional(),
    account: account.optional(),
    source: changeSourceBody.optional(),
    keep: keep.optional(),
    rtmpPath: z.string().max(2048).optional().meta({
      description:
        "A new lease made by hand for a cloud camera: a live URL on a vendor's host with an `expire` in the future. What replies show in its place, or an empty text, means the stored one.",
      writeOnly: true,
    }),
    mode: mode.optional(),
    sound: sound.optional(),
    errorClipCheck: errorClipCheck.optional(),
    whenGone: whenGone.optional(),
    quality: quality.optional(),
    labels: labels.optional(),
    hikvisionEnabled: enabled.optional(),
    status: sentStatus.optional(),
    ...aboutShape,
  })
  .refine(
    (change) => Object.entries(change).some(([field, value]) => field !== 'keep' && value !== undefined),
    'names nothing to change',
  )
  .meta({ id: 'CameraChange' });

/** `?plan=true`. Strict: a misspelt request for a plan must not carry out the change. */
export const planQuery = z.strictObject({
  plan: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({
      description: 'True: the reply shows what would change, and nothing is written.',
      override: { type: 'boolean', default: false },
    }),
});

export const emptyBody = z.strictObject({});

export const enableBody = z
  .strictObject({ deviceSerial: word(64, 'The serial number of the device.'), resourceId })
  .meta({ id: 'EnabledDevice' });

const cameraId = z.string().regex(CAMERA_NAMED, 'is not a camera id').meta({ example: '0123456789abcdef01234567' });

/** As many ids as fit into a body, however long they are. */
const MOST_RENEWED = 1_000;

export const renewBody = z
  .strictObject({
    cameraIds: z
      .array(cameraId)
      .min(1)
      .max(MOST_RENEWED)
      .optional()
      .meta({ description: 'Only these cameras; absent: all cameras.' }),
    force: z.boolean().optional().meta({
      description:
        'True: also renews cameras that are not due or wait after a failure, and puts new leases that wait into force.',
    }),
  })
  .meta({ id: 'RenewRequest' });

export const planBody = z
  .strictObject({
    action: z.enum(['renew', 'update', 'delete']),
    cameraIds: z
      .array(cameraId)
      .min(1)
      .max(MOST_RENEWED)
      .optional()
      .meta({ description: 'Only these cameras; absent: all cameras.' }),
    force: z
      .boolean()
      .optional()
      .meta({ description: 'Only for `renew`: the same as `force` of POST /api/hikvision/renew.' }),
    change: changeCameraBody
      .optional()
      .meta({ description: 'Only for `update`, and required there: the fields to change.' }),
  })
  .refine(({ action, change }) => (action === 'update') === (change !== undefined), {
    path: ['change'],
    message: 'belongs to "update", and is required there',
  })
  .refine(({ action, force }) => action === 'renew' || force === undefined, {
    path: ['force'],
    message: 'belongs to "renew" only',
  })
  .meta({ id: 'PlanRequest' });

export const tryAccountBody = z
  .strictObject({
    vendor: vendorWord,
    appKey: z.string().min(1).max(200).meta({ writeOnly: true }),
    secret: z.string().min(1).max(200).meta({ writeOnly: true }),
    baseUrl: z
      .string()
      .max(200)
      .optional()
      .meta({ description: "One of the vendor's API addresses; absent: camlease tries all regions." }),
  })
  .meta({ id: 'AccountKeys' });

function wholeNumber(min: number, max: number, otherwise: number, description: string) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .default(String(otherwise))
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`))
    .meta({ description, override: { type: 'integer', minimum: min, maximum: max, default: otherwise } });
}

export const listQuery = z.strictObject({
  limit: wholeNumber(1, 1_000, 1_000, 'How many cameras at most; more are got page by page.'),
  offset: wholeNumber(0, 999_999_999, 0, 'How many cameras to leave out at the beginning of the list.'),
  search: z
    .string()
    .normalize('NFC')
    .max(100)
    .optional()
    .meta({ description: 'Part of a name, label, serial or id, of location, city, a member or an attribute.' }),
  health: z
    .string()
    .regex(/^[a-z-]{1,40}(?:,[a-z-]{1,40})*$/, 'must be states of health, separated by commas')
    .optional()
    .meta({ description: 'Only cameras in one of these states of health.' }),
  includeAQI: z.enum(['true', 'false']).optional().meta({
    description: 'Clients of the Hikvision guide send it; it changes nothing, since `aqiData` is always null.',
  }),
});

/** Ids contain codes of vendors, so their form is not restricted further. */
const eventId = z.string().regex(/^[^\p{Cc}]{1,300}$/u, 'is not the id of an event');

export const eventsQuery = z.strictObject({
  limit: wholeNumber(1, 500, 50, 'How many steps at most.'),
  before: eventId.optional().meta({ description: 'Only steps older than this one: the `next` of the previous page.' }),
});

export const streamQuery = z.strictObject({
  camera: cameraId.optional().meta({ description: 'Only the steps of this camera.' }),
  after: eventId.optional().meta({
    description:
      'The same as the header Last-Event-ID, for clients that cannot send headers. If both are given, the header counts.',
  }),
});

/** An empty header counts as absent: the browser has seen no event yet. */
export const lastEventIdHeader = z.union([z.literal(''), eventId]);

export const streamHeaders = z.object({
  'Last-Event-ID': eventId.optional().meta({
    description:
      'The id of the last step that the client received: the steps after it come first. An id that camlease no longer knows has no effect.',
  }),
});

export const idParams = z.object({ id: cameraId });
export const passParams = z.object({ id: z.string().meta({ example: 'p-1' }) });
export const fileParams = z.object({
  id: cameraId,
  file: z
    .string()
    .regex(/^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,127}$/)
    .meta({ example: 'index.m3u8' }),
});
export const imageParams = z.object({ file: fileParams.shape.file.meta({ example: 'yard.1767225600000.jpg' }) });
export const sessionParams = z.object({ id: cameraId, session: z.string().regex(/^[0-9A-Za-z_-]{1,64}$/) });
