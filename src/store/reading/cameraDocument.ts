import { z } from 'zod';
import { CAMERA_MODES, CAMERA_STATUSES, QUALITY_SETTINGS, SOUND_SETTINGS } from '../../core/camera/camera.js';
import type { CameraId, CameraSource, SoundSetting, UrlSource } from '../../core/camera/camera.js';
import { neverKind } from '../../core/camera/cameraSource.js';
import type { Vendors } from '../../core/camera/vendors.js';
import { WHEN_GONE } from '../../core/camera/whenGone.js';
import { decodeAbout, encodeAbout, type AboutFields } from './aboutFields.js';
import type { CameraRecord } from './cameraRecord.js';
import { dueAtOf, identityOf } from './cameraRecord.js';
import { DocumentFault, HandMadeFields, textOf } from './handMadeFields.js';

/** MongoDB returns dates, SQLite's JSON their ISO text. */
const date = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);
const streamQuality = z.enum(['main', 'sub']);

export const tracksSchema = z.object({
  video: z.object({ codec: z.string(), width: z.int(), height: z.int() }),
  audio: z.object({ codec: z.string(), sampleRate: z.int(), channels: z.int() }).nullable(),
});

export const leaseSchema = z.object({
  revision: z.int(),
  /** The same as `rtmpPath` for the lease in force: kept twice, so that a foreign rewrite of `rtmpPath` is noticed. */
  url: z.string(),
  urlId: z.string().nullable(),
  quality: streamQuality,
  obtainedAt: date,
  expiresAt: date,
  renewAt: date,
  proof: z.enum(['pending', 'proven', 'failed', 'unproven']),
  provenAt: date.nullable(),
  /** Absent in documents from before tracks were stored. */
  tracks: tracksSchema.nullish().transform((tracks) => tracks ?? null),
});

const failureSchema = z.object({
  code: z.string(),
  failureClass: z.enum(['permanent', 'retry', 'reauth', 'quota', 'camera-state']),
  message: z.string(),
  cure: z.string(),
  since: date,
  at: date,
  attempts: z.int(),
  nextLookAt: date.nullable(),
});

/** What a document says of a device at a cloud; operators know the first two fields by these names. */
const cloudSchema = z.object({
  hikvisionDeviceSerial: z.string(),
  hikvisionResourceId: z.string(),
  vendor: z.string(),
  account: z.string().nullable(),
  channel: z.int().nullable(),
});

/**
 * What a document says of a camera with an address of its own. The field's presence tells the two kinds apart: such a
 * document has no field of `cloudSchema`, so that an older camlease, which cannot serve it, leaves it out and alone.
 */
const urlSchema = z.object({
  urlSource: z.object({
    /** Not `url`: a camlease that knows `{url, revision}` alone would write the login away; so it leaves the document alone. */
    address: z.string(),
    login: z.object({ user: z.string(), password: z.string() }).nullable(),
    otherLogin: z.object({ user: z.string(), password: z.string() }).optional(),
    revision: z.int(),
    tracks: tracksSchema.nullish().transform((tracks) => tracks ?? null),
    openedAt: date.nullish().transform((at) => at ?? null),
  }),
});

/** The same from before address and login were kept apart: a login is inside the address. */
const wholeUrlSchema = z.object({ urlSource: z.object({ url: z.string(), revision: z.int() }) });

/** One camera of any source as both databases keep it; operators know the first four fields by these names. */
const documentSchema = z.object({
  name: z.string(),
  rtmpPath: z
    .string()
    .nullish()
    .transform((path) => path ?? ''),
  hikvisionEnabled: z.boolean(),
  status: z.enum(CAMERA_STATUSES),
  mode: z.enum(CAMERA_MODES),
  quality: z.enum(QUALITY_SETTINGS),
  learnedQuality: streamQuality.nullable(),
  /** Absent in documents from before the sound could be switched off. */
  sound: z
    .enum(SOUND_SETTINGS)
    .nullish()
    .transform((wish) => wish ?? 'on'),
  /** Absent in documents from before the check could be switched off. */
  errorClipCheck: z
    .boolean()
    .nullish()
    .transform((isOn) => isOn ?? true),
  /** Absent in documents from before there was a relay. */
  whenGone: z
    .enum(WHEN_GONE)
    .nullish()
    .transform((wish) => wish ?? 'slate'),
  labels: z.array(z.string()),
  origin: z.enum(['discovered', 'hand-made']),
  /** Absent in documents from before there were lists; another program's field of this name is no feed. */
  feed: z
    .object({ name: z.string(), key: z.string(), said: z.record(z.string(), z.string()).optional().catch(undefined) })
    .nullable()
    .catch(null),
  lease: leaseSchema.nullable(),
  candidate: leaseSchema.nullable(),
  lastRevision: z.int(),
  failure: failureSchema.nullable(),
  notice: z.string().nullable(),
  missingSince: date.nullable(),
  retiredUrlIds: z.array(z.string()),
  createdAt: date,
  updatedAt: date,
  claimOwner: z.string().nullable(),
  fence: z.int(),
  deletedAt: date.nullable(),
  version: z.int(),
});

/** The fields of a document; `identity` and `dueAt` are computed from the others, for searches. */
export type CameraDocument = z.output<typeof documentSchema> &
  SourceFields &
  AboutFields & {
    readonly identity: string | null;
    readonly dueAt: Date | null;
  };

/** The fields of one kind of source; those of the other kinds are absent. */
export type SourceFields = Partial<z.output<typeof cloudSchema>> & Partial<z.output<typeof urlSchema>>;

/** Throws a `DocumentFault` that names the field when the document does not have camlease's form. */
export function decodeCamera(id: CameraId, fields: Readonly<Record<string, unknown>>): CameraRecord {
  const parsed = documentSchema.safeParse(fields);
  if (!parsed.success) throw firstFault(parsed.error, fields);
  const { rtmpPath, hikvisionEnabled: enabled, claimOwner, fence, deletedAt, version, ...rest } = parsed.data;
  const source = decodeSource(fields);
  const about = decodeAbout(fields);
  const camera = { id, source, enabled, about, ...rest };
  return { camera, aboutAsRead: about, rtmpPath, claimOwner, fence, deletedAt, version };
}

function decodeSource(fields: Readonly<Record<string, unknown>>): CameraSource {
  if (isUrlDocument(fields)) {
    return decodeUrlSource(fields);
  }
  const parsed = cloudSchema.safeParse(fields);
  if (!parsed.success) throw firstFault(parsed.error, fields);
  const { vendor, account, channel, hikvisionDeviceSerial, hikvisionResourceId } = parsed.data;
  return {
    ...{ kind: 'cloud', vendor, account, deviceSerial: hikvisionDeviceSerial },
    ...{ channel, resourceId: hikvisionResourceId },
  };
}

function decodeUrlSource(fields: Readonly<Record<string, unknown>>): UrlSource {
  const { urlSource } = fields;
  if (typeof urlSource === 'object' && urlSource !== null && 'url' in urlSource && !('address' in urlSource)) {
    const whole = wholeUrlSchema.safeParse(fields);
    if (!whole.success) throw firstFault(whole.error, fields);
    return { kind: 'url', ...whole.data.urlSource, login: null, tracks: null, openedAt: null };
  }
  const parsed = urlSchema.safeParse(fields);
  if (!parsed.success) throw firstFault(parsed.error, fields);
  const { address: url, ...rest } = parsed.data.urlSource;
  return { kind: 'url', url, ...rest };
}

/** True for a camera with an address of its own. */
export function isUrlDocument({ urlSource }: Readonly<Record<string, unknown>>): boolean {
  return urlSource !== undefined && urlSource !== null;
}

function encodeSource(source: CameraSource): SourceFields {
  switch (source.kind) {
    case 'cloud':
      return {
        hikvisionDeviceSerial: source.deviceSerial,
        hikvisionResourceId: source.resourceId,
        vendor: source.vendor,
        account: source.account,
        channel: source.channel,
      };
    case 'url':
      return {
        urlSource: {
          address: source.url,
          login: source.login && { user: source.login.user, password: source.login.password },
          ...(source.otherLogin && { otherLogin: source.otherLogin }),
          revision: source.revision,
          tracks: source.tracks,
          openedAt: source.openedAt,
        },
      };
    default:
      return neverKind(source);
  }
}

/** The stored form of a record. `rtmpPath` becomes the URL of the lease in force, whatever was there before. */
export function encodeCamera(record: CameraRecord): CameraDocument {
  const { source, enabled, labels, about, retiredUrlIds, ...camera } = record.camera;
  return {
    name: camera.name,
    status: camera.status,
    mode: camera.mode,
    quality: camera.quality,
    learnedQuality: camera.learnedQuality,
    sound: camera.sound,
    errorClipCheck: camera.errorClipCheck,
    whenGone: camera.whenGone,
    origin: camera.origin,
    feed: camera.feed,
    lease: camera.lease,
    candidate: camera.candidate,
    lastRevision: camera.lastRevision,
    failure: camera.failure,
    notice: camera.notice,
    missingSince: camera.missingSince,
    createdAt: camera.createdAt,
    updatedAt: camera.updatedAt,
    rtmpPath: camera.lease?.url ?? record.rtmpPath,
    hikvisionEnabled: enabled,
    ...encodeSource(source),
    labels: [...labels],
    ...encodeAbout(about, record.aboutAsRead),
    retiredUrlIds: [...retiredUrlIds],
    claimOwner: record.claimOwner,
    fence: record.fence,
    deletedAt: record.deletedAt,
    version: record.version,
    identity: identityOf(record),
    dueAt: dueAtOf(record),
  };
}

/** True for a document that camlease wrote; a `version`, or even a `fence`, alone may be another program's. */
export function isOurs({ version, fence, lastRevision }: Readonly<Record<string, unknown>>): boolean {
  return [version, fence, lastRevision].every((field) => field !== undefined && field !== null);
}

/**
 * The same document, with hand-written values of the fields that people know (and of ours that they set) in the form that
 * camlease writes. Throws `DocumentFault` for a value that cannot be read even so.
 */
export function withPlainFields(
  fields: Readonly<Record<string, unknown>>,
  vendors: Vendors,
): Readonly<Record<string, unknown>> {
  const read = new HandMadeFields(fields);
  const { rtmpPath } = fields;
  return {
    ...fields,
    name: read.name('name', read.text('hikvisionDeviceSerial')),
    rtmpPath: typeof rtmpPath === 'string' ? rtmpPath : '',
    ...(!isUrlDocument(fields) && {
      hikvisionDeviceSerial: textOf(fields['hikvisionDeviceSerial']) ?? fields['hikvisionDeviceSerial'],
      hikvisionResourceId: read.text('hikvisionResourceId'),
      vendor: read.vendor('vendor', vendors),
      account: read.text('account') === '' ? null : read.text('account'),
      channel: read.channel('channel', null),
    }),
    hikvisionEnabled: read.flag('hikvisionEnabled', true),
    status: read.status('status'),
    mode: read.choice('mode', CAMERA_MODES, 'on-demand'),
    quality: read.choice('quality', QUALITY_SETTINGS, 'auto'),
    sound: soundOf(fields),
    errorClipCheck: read.preference('errorClipCheck', true),
    whenGone: read.choice('whenGone', WHEN_GONE, 'slate'),
    labels: read.words('labels'),
    // A version of text is another program's counter; ours starts at 0.
    version: typeof fields['version'] === 'string' ? 0 : fields['version'],
    ...(read.remarks.length > 0 && { notice: read.remarks.join(' ') }),
  };
}

/** Only our own word counts: another program may mean anything by a field of this name. */
export function soundOf({ sound }: Readonly<Record<string, unknown>>): SoundSetting {
  return sound === 'off' ? 'off' : 'on';
}

/** A fault that names the field and shows its value, as far as that may be shown. */
function firstFault(error: z.ZodError, fields: Readonly<Record<string, unknown>>): DocumentFault {
  const path = error.issues[0]?.path ?? [];
  const value = path.reduce<unknown>(
    (part, key) => (typeof part === 'object' && part !== null ? Reflect.get(part, key) : undefined),
    fields,
  );
  return DocumentFault.of(path.join('.'), value, 'what camlease wrote there, or delete the document');
}
