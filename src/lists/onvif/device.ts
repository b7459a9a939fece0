import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import onvif from 'onvif';
import type { Cam } from 'onvif';
import { z } from 'zod';
import { limited } from '../../core/async/deadline.js';
import { sourceHost, type SourceNetworks } from '../../core/camera/sourceNetworks.js';
import { readSourceUrl } from '../../core/camera/sourceUrl.js';
import type { Clock } from '../../core/clock.js';
import type { FoundDevice, FoundStream, NetworkWish } from '../../core/passes/networkReport.js';
import { checkedLookup } from '../checkedLookup.js';

interface Deps {
  readonly clock: Clock;
  readonly networks: SourceNetworks;
}

/** For each address of a device that may be dead, and for the whole talk with one that answers. */
const ANSWER_MS = 3_000;
const TALK_MS = 15_000;
const MOST_STREAMS = 8;

const information = z.object({ manufacturer: z.coerce.string(), model: z.coerce.string() }).partial();
const size = z.object({ width: z.coerce.number().int(), height: z.coerce.number().int() });
const encoder = z.object({ encoding: z.coerce.string(), resolution: size }).partial();
const profile = z.object({
  $: z.object({ token: z.coerce.string() }),
  name: z.coerce.string().optional(),
  /** ONVIF's media service of version 1, and of version 2. */
  videoEncoderConfiguration: encoder.optional().catch(undefined),
  configurations: z.object({ videoEncoder: encoder }).partial().optional().catch(undefined),
});

/**
 * Asks a device for its streams, at the first of its addresses that answers. The camera's clock is read first, without a login,
 * and used for the login, since a clock that differs makes the device refuse it; the login goes by WS-Security, and by HTTP
 * Digest where the device asks for that. Never rejects: what goes wrong is the device's problem.
 */
export async function askDevice(
  addresses: readonly string[],
  login: NetworkWish['login'],
  deps: Deps,
): Promise<FoundDevice> {
  const nothing = { name: null, maker: null, model: null, clockAheadS: null, streams: [] };
  let forbidden = false;
  for (const address of addresses) {
    const url = new URL(address);
    const host = sourceHost(url.hostname);
    if (host === null || (host.kind === 'address' && !deps.networks.isAllowed(host.host))) {
      forbidden = true;
      continue;
    }
    const cam = camOf(url, login, deps.networks);
    const at = await within(deps, ANSWER_MS, () => clockOf(cam, deps.clock));
    if (at === null) continue;
    const clockAheadS = Math.round((at.getTime() - deps.clock.now().getTime()) / 1000);
    const talk = await within(deps, TALK_MS, () => talkTo(cam, url));
    return { ...nothing, address: url.host, clockAheadS, ...(talk ?? SILENT) };
  }
  const address = URL.canParse(addresses[0] ?? '') ? new URL(addresses[0] ?? '').host : '';
  if (!forbidden) return { ...nothing, address, ...NOBODY };
  return { ...nothing, address, ...FORBIDDEN };
}

const SILENT = { problem: 'The device began to answer, and then fell silent.', cure: 'Search again.' };
const NOBODY = {
  problem: 'Nothing that speaks ONVIF answers at the address.',
  cure: 'Switch ONVIF on in the settings of the camera, and check the port: 80, 8000, 8080 and 8899 are usual.',
};
const FORBIDDEN = {
  problem: 'The address is of a network to which camlease may not connect.',
  cure: 'If the camera really is there, name its network in SOURCE_NETWORKS.',
};
const REFUSED = {
  problem: 'The device refuses this user or password for ONVIF.',
  cure: 'Give user and password of the camera. Some cameras have users of their own for ONVIF: make one there.',
};
const NO_STREAMS = { problem: 'The device names no stream.', cure: 'Give its RTSP address by hand.' };

function camOf(url: URL, login: NetworkWish['login'], networks: SourceNetworks): Cam {
  const useSecure = url.protocol === 'https:';
  const lookup = checkedLookup(networks);
  return new onvif.Cam({
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (useSecure ? 443 : 80) : Number(url.port),
    path: url.pathname === '/' ? '/onvif/device_service' : `${url.pathname}${url.search}`,
    // Cameras make their own certificates.
    ...{ useSecure, secureOpts: { rejectUnauthorized: false }, timeout: TALK_MS, autoconnect: false },
    ...(login && { username: login.user, password: login.password }),
    agent: useSecure ? new SecureAgent({ lookup }) : new Agent({ lookup }),
  });
}

/** Rejects where nothing that speaks ONVIF answers. */
function clockOf(cam: Cam, clock: Clock): Promise<Date> {
  return new Promise((resolve, reject) => {
    cam.getSystemDateAndTime((error, date: unknown) => {
      if (date instanceof Date && !Number.isNaN(date.getTime())) resolve(date);
      // A device that wants a login for its clock as well is a device all the same; the talk with it says why it refuses.
      else if (error && /authori|401|digest/i.test(error.message)) resolve(clock.now());
      else reject(error ?? new Error('no date'));
    });
  });
}

type Talk = Pick<FoundDevice, 'name' | 'maker' | 'model' | 'streams' | 'problem' | 'cure'>;

async function talkTo(cam: Cam, url: URL): Promise<Talk> {
  let warning = '';
  cam.on('warning', (text: unknown) => (warning = String(text)));
  const error = await new Promise<Error | null>((resolve) => {
    cam.connect((fault) => resolve(fault instanceof Error ? fault : null));
  });
  const unknown = { name: null, maker: null, model: null, streams: [] };
  if (/authori|401|digest/i.test(`${error?.message ?? ''} ${warning}`)) return { ...unknown, ...REFUSED };
  if (error) return { ...unknown, ...SILENT };
  const said = information.safeParse(await asked((answer) => cam.getDeviceInformation(answer)));
  const { manufacturer: maker = null, model = null } = said.success ? said.data : {};
  const streams: FoundStream[] = [];
  for (const raw of (cam.profiles ?? []).slice(0, MOST_STREAMS)) {
    const read = profile.safeParse(raw);
    if (!read.success) continue;
    const { token } = read.data.$;
    const answer = await asked((done) => cam.getStreamUri({ protocol: 'RTSP', profileToken: token }, done));
    const stream = streamOf(read.data, answer, url);
    if (stream) streams.push(stream);
  }
  const name = [maker, model].filter((part) => part !== null).join(' ');
  const fault = streams.length === 0 ? NO_STREAMS : { problem: null, cure: null };
  return { name: name === '' ? null : name, maker, model, streams, ...fault };
}

/** null: the device does not answer the question. */
function asked(ask: (answer: (error: Error | null, data?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve) => ask((error, data) => resolve(error ? null : data)));
}

/** null: the device names no address that can be one. */
function streamOf(of: z.infer<typeof profile>, answer: unknown, { hostname }: URL): FoundStream | null {
  const uri = z.object({ uri: z.string() }).safeParse(answer);
  const read = uri.success ? readSourceUrl(uri.data.uri) : null;
  if (read?.kind !== 'address' || !/^rtsps?:/.test(read.url)) return null;
  const video = of.videoEncoderConfiguration ?? of.configurations?.videoEncoder;
  return {
    profile: of.name ?? of.$.token,
    codec: video?.encoding ?? null,
    width: video?.resolution?.width ?? null,
    height: video?.resolution?.height ?? null,
    // A camera behind an address translation, or with two networks, names a host that cannot be reached from here.
    url: read.url.replace(/^(rtsps?:\/\/)(\[[^\]]*\]|[^:/?#]*)/, `$1${hostname}`),
  };
}

/** null: not in time, or it failed. */
async function within<T>({ clock }: Deps, ms: number, work: () => Promise<T>): Promise<T | null> {
  return limited({ clock, ms }, (signal) => {
    const late = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
    return Promise.race([work().catch(() => null), late]);
  });
}
