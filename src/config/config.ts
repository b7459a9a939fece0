import path from 'node:path';
import type { z } from 'zod';
import { LineCounter, parseDocument, type ErrorCode } from 'yaml';
import { completeSenders } from '../alerts/senders/settings.js';
import type { SenderSettings } from '../alerts/sender.js';
import { DEFAULT_ALERT_SETTINGS, type AlertSettings } from '../core/alerts/alertSettings.js';
import { withoutTrailing } from '../core/boundedText.js';
import { VENDORS } from '../cloud/vendors/registry.js';
import type { CloudVendor } from '../core/camera/camera.js';
import { Vendors, type VendorFacts } from '../core/camera/vendors.js';
import type { ProxySettings } from '../core/outboundProxy.js';
import { environmentSchema, fileSchema, type FileCamera, type FileLabel, type SettingsFile } from './configSchemas.js';
import { readCameraList } from './cameraList.js';
import { mistakeIn, type FileAccount } from './fileAccount.js';
import type { FeedRow } from '../core/feeds/feedEntry.js';
import type { MasterList } from '../core/feeds/masterItems.js';

/** One login at one vendor's cloud. */
export interface AccountConfig {
  /** Unique; shown in the API. Accounts from the environment are called `hikvision` and `ezviz`. */
  readonly name: string;
  readonly vendor: CloudVendor;
  readonly appKey: string;
  readonly secret: string;
  /** Login hosts, tried in turn until one knows the key; empty: all regions of the vendor. */
  readonly baseUrls: readonly string[];
  /** How many cloud streams camlease's own proofs may have open at once. */
  readonly streamBudget: number;
  /** How many cloud streams the vendor allows the account at once, watched ones and proofs together; null or absent: unknown. */
  readonly streamCap?: number | null;
}

/** The relay beside MediaMTX, which pulls on-demand and seamless cameras. */
export interface RelayConfig {
  /** `off`: MediaMTX pulls those cameras itself. */
  readonly use: 'auto' | 'off';
  /** The control port of a relay that camlease does not start; null: camlease starts one if MediaMTX is on this machine. */
  readonly url: string | null;
  /** The port on which MediaMTX reads from the relay that camlease starts. */
  readonly port: number;
  /** The secret of the relay at `url`; null: the one in the relay's file in `DATA_DIR/relay`. */
  readonly secret: string | null;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly mongodbUri: string | null;
  readonly accounts: readonly AccountConfig[];
  readonly streamLifetimeSeconds: number;
  readonly renewCron: string;
  readonly snapshotCron: string;
  /** Days for which each picture is kept as a file; 0: only the latest picture is kept. */
  readonly snapshotKeepDays: number;
  readonly snapshotsMaxBytes: number;
  readonly discoverCron: string;
  readonly allowUnauthenticated: boolean;
  readonly publicUrl: string | null;
  /** Origins of other sites whose pages may call the API. */
  readonly allowedOrigins: readonly string[];
  readonly engine: 'auto' | 'mediamtx' | 'embedded';
  readonly mediamtxApiUrl: string;
  /** True: the operator set MEDIAMTX_API_URL; camlease then waits for the MediaMTX there and never starts one. */
  readonly mediamtxApiUrlGiven: boolean;
  /** Name of a user that the operator made for camlease in MediaMTX; set together with its password. null: camlease makes its own users. */
  readonly mediamtxApiUser: string | null;
  readonly mediamtxApiPass: string | null;
  readonly mediamtxConfigPath: string;
  readonly mediamtxBin: string | null;
  /** Absent: off. */
  readonly relay?: RelayConfig;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  readonly cloudExtraHosts: readonly string[];
  /** Networks that may be dialled for cameras by URL beside the usual ones (see `sourceNetworks`). */
  readonly sourceNetworks: string;
  /** How many streams' pictures the relay transcodes at once. */
  readonly mostTranscodes: number;
  /** HLS for clients of SPARKA: a segment ends at the first key frame after `segmentMs`, and a playlist names `listed` of them; absent: 2 s, 3. */
  readonly sparkaHls?: { readonly segmentMs: number; readonly listed: number };
  /** Ports of the listeners for older systems' clients; absent: all are off. */
  readonly compat?: {
    readonly sparka: readonly number[];
    readonly mtx: readonly number[];
    readonly viewer: readonly number[];
  };
  /** The `config.json` of MTX-STREAMING whose streams become cameras; null or absent: none. */
  readonly mtxConfigFile?: string | null;
  /** The most cameras whose video is transcoded at once for clients of the RTSP Stream Viewer; absent: 4. */
  readonly mostViewerStreams?: number;
  readonly alerts: AlertSettings;
  /** The senders of alerts. Holds secrets. */
  readonly alertSenders: readonly SenderSettings[];
  /** Settings of single cameras, by id. */
  readonly cameras: Readonly<Record<string, FileCamera>>;
  /** The cameras that the file lists; null or absent: it lists none. May hold logins. */
  readonly cameraList?: readonly FeedRow[] | null;
  /** Addresses that are asked for lists of cameras; absent: none. */
  readonly lists?: readonly MasterList[];
  /** Settings of all cameras with a label, by label. */
  readonly labels: Readonly<Record<string, FileLabel>>;
  /** Proxies for outgoing requests; absent: none. May hold a login. */
  readonly proxies?: ProxySettings;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export type ConfigResult =
  | { readonly config: Config; readonly mistakes: null }
  | { readonly config: null; readonly mistakes: readonly string[] };

/**
 * Turns the environment and the text of `camlease.yml` (null: there is none) into a frozen configuration, or the list of all
 * mistakes as sentences. A sentence names a value only where it cannot be a secret.
 */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  fileText: string | null,
  vendors: readonly VendorFacts[] = VENDORS,
): ConfigResult {
  const mistakes: string[] = [];
  // The lower-case name of a proxy variable wins: most programs use it, and curl does not read HTTP_PROXY in capitals.
  const named = { ...environment };
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])
    named[name] = environment[name.toLowerCase()] || environment[name];
  // An empty value means 'not set': compose files and .env templates leave variables empty.
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) mistakes.push(...parsed.error.issues.map(sentence));
  const file = readFile(fileText, vendors, mistakes);
  if (!parsed.success) return { config: null, mistakes };

  const env = parsed.data;
  const accounts = [
    ...accountsFromEnvironment(given, vendors, mistakes),
    ...(file?.accounts ?? []).map(accountFromFile),
  ];
  checkAccounts(accounts, new Vendors(vendors, env.CLOUD_EXTRA_HOSTS), mistakes);
  if (!isLoopback(env.HOST) && !env.ALLOW_UNAUTHENTICATED) {
    mistakes.push(
      `HOST is ${env.HOST}, so other machines can reach camlease, which has no sign-in yet. Keep HOST=127.0.0.1 behind a ` +
        'proxy that asks for a password, or set ALLOW_UNAUTHENTICATED=yes if the network is trusted.',
    );
  }
  if ((env.MEDIAMTX_API_USER === undefined) !== (env.MEDIAMTX_API_PASS === undefined)) {
    mistakes.push('MEDIAMTX_API_USER and MEDIAMTX_API_PASS belong together: set both or none.');
  }
  const { senders: fileSenders, ...alerts } = file?.alerts ?? { senders: [], ...DEFAULT_ALERT_SETTINGS };
  const completed = completeSenders(fileSenders, env);
  mistakes.push(...completed.mistakes);
  if (mistakes.length > 0) return { config: null, mistakes };

  const dataDir = path.resolve(env.DATA_DIR);
  return {
    mistakes: null,
    config: deepFreeze({
      port: env.PORT,
      host: env.HOST,
      dataDir,
      mongodbUri: env.MONGODB_URI ?? null,
      accounts,
      streamLifetimeSeconds: env.STREAM_LIFETIME_SECONDS,
      renewCron: env.RENEW_CRON,
      snapshotCron: env.SNAPSHOT_CRON,
      snapshotKeepDays: env.SNAPSHOT_KEEP_DAYS,
      snapshotsMaxBytes: env.SNAPSHOTS_MAX_GB * 1024 ** 3,
      discoverCron: env.DISCOVER_CRON,
      allowUnauthenticated: env.ALLOW_UNAUTHENTICATED,
      publicUrl: env.PUBLIC_URL ?? null,
      allowedOrigins: env.ALLOWED_ORIGINS,
      engine: env.ENGINE,
      mediamtxApiUrl: env.MEDIAMTX_API_URL ?? 'http://127.0.0.1:9997',
      mediamtxApiUrlGiven: env.MEDIAMTX_API_URL !== undefined,
      mediamtxApiUser: env.MEDIAMTX_API_USER ?? null,
      mediamtxApiPass: env.MEDIAMTX_API_PASS ?? null,
      mediamtxConfigPath: env.MEDIAMTX_CONFIG_PATH
        ? path.resolve(env.MEDIAMTX_CONFIG_PATH)
        : path.join(dataDir, 'mediamtx.yml'),
      mediamtxBin: env.MEDIAMTX_BIN ?? null,
      relay: {
        use: env.RELAY,
        url: env.RELAY_URL ?? null,
        port: env.RELAY_PORT,
        secret: env.RELAY_SECRET ?? null,
      },
      hlsBaseUrl: env.HLS_BASE_URL,
      webrtcBaseUrl: env.WEBRTC_BASE_URL,
      cloudExtraHosts: env.CLOUD_EXTRA_HOSTS,
      sourceNetworks: env.SOURCE_NETWORKS,
      mostTranscodes: env.TRANSCODES_MAX,
      sparkaHls: { segmentMs: env.SEGMENT_DURATION * 1_000, listed: env.PLAYLIST_SIZE },
      compat: { sparka: env.COMPAT_SPARKA_PORT, mtx: env.COMPAT_MTX_PORT, viewer: env.COMPAT_VIEWER_PORT },
      mtxConfigFile: env.COMPAT_MTX_CONFIG ?? null,
      mostViewerStreams: env.MAX_CONCURRENT_STREAMS,
      alerts,
      alertSenders: completed.senders,
      cameras: file?.cameras ?? {},
      cameraList: file?.cameraList ?? null,
      lists: file?.lists ?? [],
      labels: file?.labels ?? {},
      proxies: { HTTPS_PROXY: env.HTTPS_PROXY, HTTP_PROXY: env.HTTP_PROXY, NO_PROXY: env.NO_PROXY },
      logLevel: env.LOG_LEVEL,
    }),
  };
}

/** The place of `camlease.yml`, needed before the rest of the configuration can be read. */
export function configFilePath(environment: Readonly<Record<string, string | undefined>>): string {
  return path.join(path.resolve(environment['DATA_DIR'] || './data'), 'camlease.yml');
}

/** Words for the common mistakes, in place of the YAML parser's own sentences, which quote the line and so perhaps a secret. */
const YAML_MISTAKES: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_INDENT: 'indented differently from the lines around it',
  DUPLICATE_KEY: 'a name occurs twice',
  MISSING_CHAR:
    'a character is missing here or in the line above (a colon, comma, bracket or quote), or the indentation differs',
  BAD_SCALAR_START: 'a text that begins with %, @ or ` must be in quotes',
  MULTIPLE_DOCS: 'a line of three dashes begins a second document, which would not be read',
  NON_STRING_KEY: 'a name is not plain text',
  TAB_AS_INDENT: 'indented with a tab; YAML takes spaces only',
};

type ReadFile = SettingsFile & { readonly cameraList: readonly FeedRow[] | null };

function readFile(text: string | null, vendors: readonly VendorFacts[], mistakes: string[]): ReadFile | null {
  if (text === null || text.trim() === '') return null;
  // Not `logLevel: 'silent'`, which would ignore a second document without an error. `stringKeys`: a camera's id 0123 stays
  // text and does not become the number 123.
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, stringKeys: true, lineCounter: lines });
  const broken = document.errors[0];
  if (broken) {
    const line = broken.linePos?.[0].line;
    const why = YAML_MISTAKES[broken.code] ?? broken.code;
    mistakes.push(`camlease.yml is not valid YAML${line === undefined ? '' : ` (line ${line})`}: ${why}.`);
    return null;
  }
  let content: unknown;
  try {
    content = document.toJS() ?? {};
  } catch {
    // The parser's sentence quotes the text after the asterisk, which may be an unquoted secret.
    mistakes.push(
      'camlease.yml: a text that begins with * refers to an anchor (&name), but no such anchor comes before it, or there are too many. ' +
        'Put the text in quotes if it is a secret or a name.',
    );
    return null;
  }
  if (typeof content !== 'object' || Array.isArray(content)) {
    mistakes.push(
      'camlease.yml: must begin with `accounts:`, `alerts:`, `labels:`, `lists:` or `cameras:`, with their entries indented below.',
    );
    return null;
  }
  const { rows, settings } = readCameraList(document, lines, content as object);
  const parsed = fileSchema(vendors).safeParse(rows === null ? content : { ...(content as object), cameras: settings });
  if (parsed.success) return { ...parsed.data, cameraList: rows };
  mistakes.push(...parsed.error.issues.map((issue) => `camlease.yml: ${sentence(issue)}`));
  return null;
}

function accountsFromEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  vendors: readonly VendorFacts[],
  mistakes: string[],
): AccountConfig[] {
  const accounts: AccountConfig[] = [];
  for (const { name: vendor, accounts: form } of vendors) {
    const { name, prefix } = form;
    const appKey = env[`${prefix}_${form.key.variable}`]?.trim();
    const secret = env[`${prefix}_${form.secret.variable}`]?.trim();
    const baseUrls = splitList(env[`${prefix}_BASE_URL`]).map(withoutTrailingSlash);
    for (const [credential, value] of [[form.key, appKey] as const, [form.secret, secret] as const]) {
      const mistake = value ? mistakeIn(credential, value) : null;
      if (mistake !== null) mistakes.push(`${prefix}_${credential.variable} ${mistake}.`);
    }
    if (appKey && secret) accounts.push({ name, vendor, appKey, secret, baseUrls, streamBudget: 3 });
    else if (appKey || secret) {
      const names = [form.key.variable, form.secret.variable];
      const [have, lack] = appKey ? names : names.reverse();
      mistakes.push(`${prefix}_${have} is set but ${prefix}_${lack} is not: an account needs both.`);
    }
  }
  return accounts;
}

function accountFromFile(account: FileAccount): AccountConfig {
  const { baseUrl, ...rest } = account;
  return { ...rest, baseUrls: [baseUrl].flat().map(withoutTrailingSlash) };
}

function checkAccounts(accounts: readonly AccountConfig[], vendors: Vendors, mistakes: string[]): void {
  const seen = new Set<string>();
  const keyOf = new Map<string, string>();
  for (const { name, vendor, appKey, baseUrls } of accounts) {
    if (seen.has(name)) mistakes.push(`Two accounts are named '${name}': give each a name of its own.`);
    seen.add(name);
    const other = keyOf.get(`${vendor} ${appKey}`);
    if (other !== undefined && other !== name)
      mistakes.push(
        `Accounts '${other}' and '${name}' have the same key, so their cameras would appear twice. Remove one of them.`,
      );
    keyOf.set(`${vendor} ${appKey}`, name);
    for (const url of baseUrls) {
      if (vendors.isApiUrlAllowed(url, vendor)) continue;
      mistakes.push(
        `The base URL of account '${name}' is not https on a host of ${vendor}. Correct it, or name its host in ` +
          'CLOUD_EXTRA_HOSTS if it is a simulator of yours.',
      );
    }
  }
}

/** Names the field, the mistake and what is expected; no values, because they may be secrets. */
function sentence(issue: z.core.$ZodIssue): string {
  const name = issue.path.map((part) => shownName(String(part))).join('.') || 'the file';
  if (issue.code === 'unrecognized_keys') return `${name}: unknown setting ${issue.keys.map(shownName).join(', ')}.`;
  if (issue.code === 'invalid_key') return `${name}: ${issue.issues[0]?.message ?? issue.message}.`;
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input'))
    return `${name}: must be ${EXPECTED[issue.expected] ?? issue.expected}.`;
  return `${name}: ${issue.message}.`;
}

/** What is expected of a field whose schema has no sentence of its own. */
const EXPECTED: Readonly<Record<string, string>> = {
  object: 'entries indented below it',
  record: 'entries indented below it',
  array: 'a list, each entry beginning with a dash',
  string: 'text: in quotes if it looks like a number',
};

/**
 * The setting's name, if it looks like a name. It may be a secret: YAML reads `{secret:abc}`, without a blank after the colon, as one
 * long name, and so it reads a value that stands in a name's place.
 */
function shownName(name: string): string {
  return /^[A-Za-z0-9_<-]{1,24}$/.test(name) ? name : '(a name that is not shown)';
}

export function splitList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function withoutTrailingSlash(url: string): string {
  return withoutTrailing(url, '/');
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
