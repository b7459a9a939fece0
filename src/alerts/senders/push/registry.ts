import type { HttpTarget } from '../../delivery/httpSender.js';
import { apprise } from './apprise.js';
import { discord } from './discord.js';
import { gotify } from './gotify.js';
import { json } from './json.js';
import { ntfy } from './ntfy.js';
import { pushover } from './pushover.js';
import { PushUrlMistake, type PushService, type PushUrl } from './service.js';
import { slack } from './slack.js';
import { telegram } from './telegram.js';

/** Every push service. A new one is a file and a word here. */
const SERVICES: readonly PushService[] = [apprise, discord, gotify, json, ntfy, pushover, slack, telegram];

export const PUSH_SCHEMES: readonly string[] = SERVICES.flatMap(({ schemes }) => schemes).sort();

/** The receiver of a push address. Throws `PushUrlMistake` with a sentence that does not repeat the address. */
export function pushTarget(address: string): HttpTarget {
  const native = URL.canParse(address) ? fromNative(new URL(address)) : undefined;
  const url = parsePushUrl(native ?? address);
  const service = SERVICES.find(({ schemes }) => schemes.includes(url.scheme));
  if (service) return service.target(url);
  throw new PushUrlMistake(
    /^https?$/.test(url.scheme)
      ? 'camlease recognizes an http address only of ntfy.sh, Discord and Slack; write ntfys://host/topic for an ntfy of your own, ' +
          'or make a sender of kind webhook'
      : `its beginning is unknown; it must be one of ${PUSH_SCHEMES.map((scheme) => `${scheme}://`).join(', ')}`,
  );
}

/** The parts of a push address that may be secret, decoded; empty and short ones among them. Throws `PushUrlMistake`. */
export function pushSecrets(address: string): string[] {
  const { scheme, user, host, path, query } = parsePushUrl(address);
  const service = SERVICES.find(({ schemes }) => schemes.includes(scheme));
  return [user, ...path, ...query.values(), ...(service?.hostIs === 'a key' ? [host] : [])];
}

function fromNative(url: URL): string | undefined {
  if (url.protocol !== 'https:') return undefined;
  for (const service of SERVICES) {
    const own = service.fromNative?.(url);
    if (own !== undefined) return own;
  }
  return undefined;
}

/** Takes apart an address in Apprise's form. */
export function parsePushUrl(address: string): PushUrl {
  // A bot token holds a colon, which would need a port after it: tgram://123:AA…/chat is read as tgram://123/AA…/chat.
  const text = address.trim().replace(/^(tgram:\/\/)(?:bot)?(\d+)(?::|%3A)/i, '$1$2/');
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || !URL.canParse(text))
    throw new PushUrlMistake('it is not an address of the form scheme://host/…');
  const url = new URL(text);
  try {
    return {
      scheme: url.protocol.slice(0, -1),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      host: url.host,
      path: url.pathname
        .split('/')
        .filter((part) => part !== '')
        .map(decodeURIComponent),
      query: url.searchParams,
    };
  } catch {
    throw new PushUrlMistake('a % in it is not followed by two hexadecimal digits');
  }
}
