import { CAMERA_ID } from '../core/camera/cameraIdForm.js';
import { z } from 'zod';
import { sendersSchema } from '../alerts/senders/settings.js';
import { ALERT_RULES, DEFAULT_ALERT_SETTINGS } from '../core/alerts/alertSettings.js';
import { withoutTrailing } from '../core/boundedText.js';
import { cronMistake, cronPeriodMs } from './cronExpression.js';
import { VENDORS } from '../cloud/vendors/registry.js';
import { CAMERA_MODES, QUALITY_SETTINGS } from '../core/camera/camera.js';
import type { VendorFacts } from '../core/camera/vendors.js';
import { fileAccount } from './fileAccount.js';
import { masterLists } from './masterLists.js';
import { WHEN_GONE } from '../core/camera/whenGone.js';
import { proxyMistake } from '../core/outboundProxy.js';
import { DEFAULT_RELAY_PORT, relaySecret, sourceNetworksText, transcodesMax } from '../relay/wire/settings.js';

const wholeNumber = (least: number, most: number, unit = ''): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,12}$/, `must be a whole number${unit && ' of'}${unit}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be from ${least} to ${most}${unit}`);

const yesNo = z
  .string()
  .toLowerCase()
  .refine((text) => ['yes', 'true', '1', 'no', 'false', '0'].includes(text), 'must be yes or no')
  .transform((text) => ['yes', 'true', '1'].includes(text));

const httpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'must be an http or https address')
  .transform((text) => withoutTrailing(text, '/'));

/** Appears in the links of alerts, which other parties' servers receive. */
const publicUrl = httpUrl.refine((text) => {
  if (!URL.canParse(text)) return true;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === '';
}, 'must be an address without a login, ? or #: camlease puts it into the links of alerts');

const cron = z.string().superRefine((text, context) => {
  const mistake = cronMistake(text);
  if (mistake !== null) context.addIssue({ code: 'custom', message: mistake });
});

/** Each picture is a call of the account, and a vendor refuses captures that come too fast. */
const SHORTEST_SNAPSHOT_MS = 60_000;

const snapshotCron = cron.refine(
  (text) => cronMistake(text) !== null || cronPeriodMs(text) >= SHORTEST_SNAPSHOT_MS,
  'must not run more often than once a minute: each picture of a camera costs its account a call',
);

const gigabytes = z
  .string()
  .regex(/^\d{1,6}(?:\.\d{1,3})?$/, 'must be a number of gigabytes, such as 2 or 0.5')
  .transform(Number)
  .refine((size) => size > 0, 'must be more than 0');

const proxy = z.string().superRefine((text, context) => {
  const mistake = proxyMistake(text);
  if (mistake !== null) context.addIssue({ code: 'custom', message: mistake });
});

/** The parts between commas, in lower case, without empty ones. */
const commaList = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== ''),
);

/** `8005, 8010` -> ports, each one once. 0 takes a free port. */
const ports = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .refine(
    (list) => list.every((part) => /^\d{1,5}$/.test(part) && Number(part) <= 65_535),
    'must be ports from 0 to 65535, separated by commas',
  )
  .transform((list) => [...new Set(list.map(Number))]);

/** A host name or its ending, without scheme or port. */
const hosts = commaList.refine(
  (list) => list.every((host) => /^[a-z0-9.-]+$|^\[?[0-9a-f:]+\]?$/.test(host) && host !== '.'),
  'must be host names separated by commas, without scheme or port',
);

/** `https://wall.example.org, http://10.0.0.5:3000` -> origins as browsers send them. */
const origins = commaList
  .refine(
    (list) => list.every((origin) => URL.canParse(origin) && originOf(origin) !== null),
    'must be origins separated by commas, each http:// or https:// with a host and no path; * is not allowed',
  )
  .transform((list) => list.map((origin) => originOf(origin) ?? origin));

/** null: not an origin of a page. A star is no wildcard in an origin, and would never match. */
function originOf(text: string): string | null {
  if (text.includes('*')) return null;
  const { protocol, origin, pathname, search, hash, username } = new URL(text);
  const isPlain = pathname === '/' && search === '' && hash === '' && username === '';
  return isPlain && (protocol === 'http:' || protocol === 'https:') ? origin : null;
}

/** The names of all variables that camlease reads: those of the schema, and those of the vendors' accounts. */
export function environmentNames(vendors: readonly VendorFacts[] = VENDORS): readonly string[] {
  const ofAccounts = vendors.flatMap(({ accounts: { prefix, key, secret } }) =>
    [key.variable, secret.variable, 'BASE_URL'].map((name) => `${prefix}_${name}`),
  );
  return [...Object.keys(environmentSchema.shape), ...ofAccounts];
}

/** The environment, but for the accounts. `.env.example` explains each variable; a test keeps the two equal. */
export const environmentSchema = z.object({
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().trim().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  MONGODB_URI: z
    .string()
    .refine((text) => /^mongodb(\+srv)?:\/\//.test(text), 'must begin with mongodb:// or mongodb+srv://')
    .optional(),
  // Both vendors grant 30 s to 720 days (Hik-Connect's OpenAPI Developer Guide 2.15, section 5.5; open.ys7.com/help/1414).
  STREAM_LIFETIME_SECONDS: wholeNumber(30, 62_208_000, ' seconds').default(604_800),
  RENEW_CRON: cron.default('*/10 * * * * *'),
  SNAPSHOT_CRON: snapshotCron.default('*/30 * * * *'),
  SNAPSHOT_KEEP_DAYS: wholeNumber(0, 3_650, ' days').default(0),
  SNAPSHOTS_MAX_GB: gigabytes.default(2),
  DISCOVER_CRON: cron.default('*/15 * * * *'),
  ALLOW_UNAUTHENTICATED: yesNo.default(false),
  PUBLIC_URL: publicUrl.optional(),
  ALLOWED_ORIGINS: origins.default([]),
  ENGINE: z.enum(['auto', 'mediamtx', 'embedded'], 'must be auto, mediamtx or embedded').default('auto'),
  MEDIAMTX_API_URL: httpUrl.optional(),
  MEDIAMTX_API_USER: z.string().optional(),
  MEDIAMTX_API_PASS: z.string().optional(),
  MEDIAMTX_CONFIG_PATH: z.string().optional(),
  MEDIAMTX_BIN: z.string().optional(),
  RELAY: z.enum(['auto', 'off'], 'must be auto or off').default('auto'),
  RELAY_URL: httpUrl.optional(),
  RELAY_PORT: wholeNumber(1, 65_535).default(DEFAULT_RELAY_PORT),
  RELAY_SECRET: relaySecret.optional(),
  HLS_BASE_URL: httpUrl.default('http://localhost:8888'),
  WEBRTC_BASE_URL: httpUrl.default('http://localhost:8889'),
  ALERT_URLS: z.string().optional(),
  ALERT_WEBHOOK_SECRET: z.string().optional(),
  ALERT_SMTP_PASSWORD: z.string().optional(),
  CLOUD_EXTRA_HOSTS: hosts.default([]),
  SOURCE_NETWORKS: sourceNetworksText.default(''),
  TRANSCODES_MAX: transcodesMax,
  COMPAT_SPARKA_PORT: ports.default([]),
  // The old server's own names, and the values of its document.
  SEGMENT_DURATION: wholeNumber(1, 10, ' seconds').default(2),
  PLAYLIST_SIZE: wholeNumber(2, 20, ' segments').default(3),
  COMPAT_MTX_PORT: ports.default([]),
  COMPAT_VIEWER_PORT: ports.default([]),
  COMPAT_MTX_CONFIG: z.string().optional(),
  MAX_CONCURRENT_STREAMS: wholeNumber(1, 100).default(4),
  HTTPS_PROXY: proxy.optional(),
  HTTP_PROXY: proxy.optional(),
  NO_PROXY: z.string().optional(),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'must be trace, debug, info, warn, error or silent')
    .default('info'),
});

const fileCamera = z
  .strictObject({
    name: z.string().min(1).max(200),
    enabled: z.boolean('must be true or false'),
    quality: z.enum(QUALITY_SETTINGS, `must be ${QUALITY_SETTINGS.join(', ')}`),
    mode: z.enum(CAMERA_MODES, `must be ${CAMERA_MODES.join(', ')}`),
    errorClipCheck: z.boolean('must be true or false'),
    whenGone: z.enum(WHEN_GONE, `must be ${WHEN_GONE.join(' or ')}`),
    labels: z.array(z.string().min(1).max(64)).max(20),
  })
  .partial();

export type FileCamera = z.infer<typeof fileCamera>;

/** Settings of every camera with a label; the camera's own settings win. */
const fileLabel = fileCamera.pick({ quality: true, mode: true, whenGone: true });

export type FileLabel = z.infer<typeof fileLabel>;

const cameraId = z.string().regex(CAMERA_ID, "must be a camera's id, as GET /api/camera shows it");

/** A number of the alert settings, in the unit that its name says. */
function alertNumber(fallback: number, least: number, most: number) {
  const sentence = `must be a number from ${least} to ${most}`;
  return z.number(sentence).min(least, sentence).max(most, sentence).default(fallback);
}

const defaults = DEFAULT_ALERT_SETTINGS;

/** When an alert is sent, and to whom. */
const fileAlerts = z.strictObject({
  senders: sendersSchema,
  cameraDarkMinutes: alertNumber(defaults.cameraDarkMinutes, 0, 1440),
  groupDarkCameras: alertNumber(defaults.groupDarkCameras, 2, 10_000),
  groupDarkPercent: alertNumber(defaults.groupDarkPercent, 1, 100),
  accountRefusedMinutes: alertNumber(defaults.accountRefusedMinutes, 0, 1440),
  accountAwayMinutes: alertNumber(defaults.accountAwayMinutes, 0, 1440),
  quotaPercent: alertNumber(defaults.quotaPercent, 1, 100),
  unreachableMinutes: alertNumber(defaults.unreachableMinutes, 0, 1440),
  diskFreeMegabytes: alertNumber(defaults.diskFreeMegabytes, 0, 10_000_000),
  settleMinutes: alertNumber(defaults.settleMinutes, 0, 120),
  remindHours: alertNumber(defaults.remindHours, 0, 720),
  summaryAbove: alertNumber(defaults.summaryAbove, 1, 1000),
  off: z.array(z.enum(ALERT_RULES, `must be of ${ALERT_RULES.join(', ')}`), 'must be a list of rules').default([]),
});

/** `DATA_DIR/camlease.yml`. A heading with nothing below it counts as absent. */
export function fileSchema(vendors: readonly VendorFacts[]) {
  return z.strictObject({
    accounts: z
      .array(fileAccount(vendors), 'must be a list, each entry beginning with a dash')
      .nullish()
      .transform((list) => list ?? []),
    alerts: fileAlerts.nullish().transform((alerts) => alerts ?? fileAlerts.parse({})),
    /** Settings of all cameras with a label. */
    labels: z
      .record(z.string().min(1).max(64), fileLabel)
      .nullish()
      .transform((byLabel) => byLabel ?? {}),
    /** Settings of single cameras by id; a list of cameras is taken out before (`cameraList.ts`). */
    cameras: z
      .record(cameraId, fileCamera)
      .nullish()
      .transform((byId) => byId ?? {}),
    lists: masterLists.nullish().transform((lists) => lists ?? []),
  });
}

export type SettingsFile = z.infer<ReturnType<typeof fileSchema>>;
