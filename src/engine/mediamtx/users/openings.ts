import type { GlobalConfigReply } from '../api/replies.js';

/** A warning for the operator: what MediaMTX lets others do, and the lines that change it. */
export interface Opening {
  readonly message: string;
  readonly cure: string;
}

export interface OpeningFacts {
  /** MediaMTX's settings in force, from its file and its environment. */
  readonly config: GlobalConfigReply;
  /** True: MediaMTX runs on this machine, so its addresses are this machine's. */
  readonly isHere: boolean;
  readonly hlsBaseUrl: string;
  readonly webrtcBaseUrl: string;
  /** The path of the file with our users' lines, for the operator to copy. */
  readonly linesPath: string;
}

/** An id as cameras have them. */
export const A_CAMERA = '5f0c2a9e41d7b8063c1f2e4d';
const A_LEASE = `_lease/${A_CAMERA}/1`;

/** What this MediaMTX lets others do that they should not, as sentences for the operator. */
export function openingsOf(facts: OpeningFacts): readonly Opening[] {
  return [...methodOf(facts), ...rightsOf(facts.config), ...addressesOf(facts)];
}

function methodOf({ config: { authMethod }, linesPath }: OpeningFacts): readonly Opening[] {
  if (authMethod === 'internal') return [];
  const rights = `the action api; the action read of paths that begin with _lease/; the action publish of paths that do not begin with an underscore`;
  const cure =
    authMethod === 'http'
      ? `Let the server at authHTTPAddress allow camlease's users of ${linesPath}: ${rights}. No other user needs these rights.`
      : `Put a token that may do ${rights} into MEDIAMTX_API_PASS (any name into MEDIAMTX_API_USER). Everybody could use a token in mediamtx.yml: with jwt, cameras that are pulled all the time need authMethod: internal or http.`;
  return [{ message: `MediaMTX does not use its list of users (authMethod: ${authMethod}).`, cure }];
}

function rightsOf({ authMethod, authInternalUsers }: GlobalConfigReply): readonly Opening[] {
  if (authMethod !== 'internal') return [];
  return authInternalUsers.flatMap(({ user, ips, permissions }) => {
    if (user !== 'any') return [];
    const may = (action: string, path: string): boolean =>
      permissions.some((one) => one.action === action && (action === 'api' || covers(one.path, path)));
    const rights = [
      ...(may('api', '') ? ['use its API, which starts any program'] : []),
      ...(may('publish', A_CAMERA) ? ['publish over cameras'] : []),
      ...(may('publish', A_LEASE) || may('read', A_LEASE)
        ? ['use the internal paths that begin with an underscore']
        : []),
    ];
    if (rights.length === 0) return [];
    const lines = [
      ...(may('api', '') ? ['- action: api'] : []),
      ...(may('publish', A_CAMERA) || may('publish', A_LEASE) ? ['- action: publish'] : []),
    ];
    const read = may('read', A_LEASE)
      ? " and write its reading as: - {action: read, path: '~^([^_]|_sound/|_h264/)'}"
      : '';
    const taken = lines.length > 0 ? `take away ${lines.map((line) => `'${line}'`).join(' and ')}` : 'keep it';
    const who = ips.length === 0 ? 'everybody' : `everybody at ${ips.map(withoutMask).join(', ')}`;
    const proxied =
      ips.length === 0 ? '' : ' (behind a proxy there, that is each viewer; and any page in a browser there)';
    return [
      {
        message: `MediaMTX lets ${who}${proxied} ${listed(rights)}, without a password.`,
        cure: `camlease has users of its own and needs none of this: in authInternalUsers of mediamtx.yml, at the user 'any' ${ips.length === 0 ? 'without ips' : `with these ips`}, ${taken}${read}.`,
      },
    ];
  });
}

function addressesOf({ config, isHere, hlsBaseUrl, webrtcBaseUrl }: OpeningFacts): readonly Opening[] {
  if (!isHere) return [];
  const open = [
    ...(config.hls && isForHere(hlsBaseUrl) ? [['hlsAddress', config.hlsAddress] as const] : []),
    ...(config.webrtc === true && isForHere(webrtcBaseUrl) ? [['webrtcAddress', config.webrtcAddress] as const] : []),
    ...(config.rtsp ? [['rtspAddress', config.rtspAddress] as const] : []),
  ].filter(([, address]) => /^(?:|0\.0\.0\.0|\[?::\]?):\d+$/.test(address));
  if (open.length === 0) return [];
  const lines = open.map(([name, address]) => `${name}: 127.0.0.1${address.slice(address.lastIndexOf(':'))}`);
  return [
    {
      message: `Other machines can watch cameras: MediaMTX listens on all addresses (${open.map(([name]) => name).join(', ')}). A camera's id is no secret: it is derived from the serial number on its sticker.`,
      cure: `If nobody on the network should watch, write into mediamtx.yml: ${lines.join(' and ')}. If people there should watch, set HLS_BASE_URL and WEBRTC_BASE_URL to this machine's name on the network.`,
    },
  ];
}

/** True when this address leads to this machine only. */
export function isForHere(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127\./.test(hostname);
}

/** Compares a permission's path as MediaMTX does: empty covers all, `~` begins a regular expression. */
export function covers(pattern: string, path: string): boolean {
  if (pattern === '') return true;
  if (!pattern.startsWith('~')) return pattern === path;
  try {
    return new RegExp(pattern.slice(1)).test(path);
  } catch {
    return false;
  }
}

function withoutMask(ip: string): string {
  return ip.replace(/\/(?:32|128)$/, '');
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
