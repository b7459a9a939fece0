import { z } from 'zod';
import type { FeedSettings } from '../../core/feeds/entrySettings.js';
import { readEntry, type FeedRow } from '../../core/feeds/feedEntry.js';
import { MOST_ITEMS, type MasterList } from '../../core/feeds/masterItems.js';
import { MTX_FEED } from './streams.js';

/** What the old system's `config.json` says of cameras. */
export interface OldConfig {
  /** Its `streams`. */
  readonly rows: readonly FeedRow[];
  /** Its `cctv_master_url`: what that lists stands in place of `streams`; null: it names none. Secret. */
  readonly master: MasterList | null;
  /** Gives the entries of the master list what `stream_defaults` says. */
  readonly withDefaults: (rows: readonly FeedRow[]) => FeedRow[];
  /** The STUN servers among its `ice_servers`, by which the player's page learns its own address. */
  readonly iceServers: readonly string[];
}

const SECOND_MS = 1_000;
const LONGEST_SECONDS = 24 * 3_600;
const LEAST_EVERY_S = 5;

const flag = z.boolean().optional();
const streamSettings = z.object({ on_demand: flag, disable_audio: flag });
/** Its times are seconds, as numbers, or as Go writes them (`30s`). */
const seconds = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,6}s?$/)
      .transform((text) => Number(text.replace('s', ''))),
  ])
  .refine((value) => value > 0 && value <= LONGEST_SECONDS);
const master = z.object({
  cctv_master_url: z.string().optional(),
  timeout: seconds.default(10),
  retry_interval: seconds.default(30),
});
const oldConfig = z.object({
  server: z.object({ ice_servers: z.array(z.string()).nullish() }).nullish(),
  api: master.nullish(),
  // In versions without `api` it stands by itself.
  cctv_master_url: z.string().optional(),
  stream_defaults: streamSettings.nullish(),
  streams: z.record(z.string(), z.unknown()).nullish(),
});

type StreamSettings = z.output<typeof streamSettings>;

/**
 * Reads the text of a `config.json`. `problem` (the rest of a sentence, which repeats no value) says why it cannot be taken at all; a
 * stream that cannot be taken costs the others nothing.
 */
export function readOldConfig(text: string): OldConfig | { readonly problem: string } {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { problem: 'is not valid JSON' };
  }
  const read = oldConfig.safeParse(content);
  if (!read.success) {
    const [first] = read.error.issues;
    const place = first?.path.slice(0, 2).map(String).join('.') ?? '';
    return { problem: place === '' ? 'is no object' : `has a wrong value in "${place}"` };
  }
  const { server, api, stream_defaults: defaults, streams } = read.data;
  const listed = Object.entries(streams ?? {});
  if (listed.length > MOST_ITEMS) return { problem: `lists more than ${MOST_ITEMS} streams` };
  const url = api?.cctv_master_url ?? read.data.cctv_master_url ?? '';
  if (url !== '' && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
    return { problem: 'has a cctv_master_url that is no http address' };
  return {
    rows: listed.map(([id, stream], index) => rowOf(id, stream, defaults ?? {}, `stream ${index + 1}`)),
    master: url === '' ? null : masterList(url, api?.timeout ?? 10, api?.retry_interval ?? 30),
    withDefaults: (rows) => rows.map((row) => withSettings(row, cameraSettings(defaults ?? {}, {}))),
    iceServers: (server?.ice_servers ?? []).filter((address) => /^stuns?:[\w.:-]{1,200}$/.test(address)),
  };
}

function masterList(url: string, timeoutS: number, everyS: number): MasterList {
  return {
    ...{ name: MTX_FEED, url, headers: {}, items: null, login: null },
    fields: { key: 'equipId', url: 'rtspUrl' },
    timeoutMs: timeoutS * SECOND_MS,
    everyMs: Math.max(LEAST_EVERY_S, everyS) * SECOND_MS,
  };
}

function rowOf(id: string, stream: unknown, defaults: StreamSettings, place: string): FeedRow {
  const own = streamSettings.extend({ url: z.string() }).safeParse(stream);
  if (own.success) return readEntry({ key: id, url: own.data.url, ...cameraSettings(defaults, own.data) }, place);
  const isWithoutUrl = own.error.issues.some(({ path }) => path[0] === 'url' || path.length === 0);
  const message = isWithoutUrl ? 'has no url' : 'has a setting that is neither true nor false';
  return { place, entry: null, fault: { key: id.normalize('NFC').trim(), place, message } };
}

/**
 * What neither says stays as the camera has it. As in the old system a stream cannot take back a default that is true, and one that
 * is not on demand is pulled all the time.
 */
function cameraSettings(defaults: StreamSettings, own: StreamSettings): Pick<FeedSettings, 'mode' | 'sound'> {
  const onDemand = either(defaults.on_demand, own.on_demand);
  const isSilent = either(defaults.disable_audio, own.disable_audio);
  return {
    ...(onDemand !== undefined && { mode: onDemand ? 'on-demand' : 'always-on' }),
    ...(isSilent !== undefined && { sound: isSilent ? 'off' : 'on' }),
  };
}

function either(a: boolean | undefined, b: boolean | undefined): boolean | undefined {
  return a === undefined && b === undefined ? undefined : a === true || b === true;
}

function withSettings(row: FeedRow, settings: Pick<FeedSettings, 'mode' | 'sound'>): FeedRow {
  if (row.fault !== null) return row;
  return { ...row, entry: { ...row.entry, settings: { ...settings, ...row.entry.settings } } };
}
