import { bytesOf, shorten, textWithLink, oneLine } from '../../delivery/wording.js';
import type { Notification } from '../../sender.js';
import { basicLogin, baseUrl, PushUrlMistake, type PushService, type PushUrl } from './service.js';

const FORM =
  'ntfys://topic (at ntfy.sh), ntfys://host/topic, ntfys://user:password@host/topic or ntfys://tk_token@host/topic';
/** Longer messages become an attachment (docs.ntfy.sh/publish, Limitations). */
const LONGEST_BYTES = 4096;
const LONGEST_TITLE = 250;
const PRIORITY = { info: 3, warning: 4, critical: 5 } as const;

/** ntfy, by "publish as JSON" (docs.ntfy.sh/publish): POST to the root of the server. */
export const ntfy: PushService = {
  schemes: ['ntfy', 'ntfys'],
  hostIs: 'a server',
  form: FORM,
  target(url) {
    const [first, ...more] = url.path;
    const topic = first ?? url.host;
    if (more.length > 0 || !/^[-_A-Za-z0-9]{1,64}$/.test(topic))
      throw new PushUrlMistake(`it should name one topic of letters, digits, _ and -: ${FORM}`);
    const base = first === undefined ? 'https://ntfy.sh' : baseUrl(url);
    return {
      place: `ntfy at ${new URL(base).host}`,
      request: (notification) => ({
        url: `${base}/`,
        headers: { 'Content-Type': 'application/json', ...login(url) },
        body: JSON.stringify({
          topic,
          title: shorten(oneLine(notification.title), LONGEST_TITLE),
          message: textWithLink(notification, LONGEST_BYTES, bytesOf),
          priority: PRIORITY[notification.severity],
          tags: [tagOf(notification)],
          ...(notification.link !== null && { click: notification.link }),
        }),
      }),
    };
  },
  fromNative(url) {
    if (url.hostname !== 'ntfy.sh') return undefined;
    const secret = url.username === '' ? '' : `${url.username}${url.password && `:${url.password}`}@`;
    return `ntfys://${secret}ntfy.sh${url.pathname}${url.search}`;
  },
};

/** A token (`tk_…`) may stand as user, as password, or as `?token=`. */
function login(url: PushUrl): Readonly<Record<string, string>> {
  const token = url.query.get('token') ?? [url.user, url.password].find((part) => part.startsWith('tk_'));
  return token === undefined ? basicLogin(url) : { Authorization: `Bearer ${token}` };
}

/** ntfy shows tags with these names as a picture before the title. */
function tagOf({ kind, severity }: Notification): string {
  if (kind === 'recovery') return 'white_check_mark';
  if (kind === 'test') return 'bell';
  return { info: 'information_source', warning: 'warning', critical: 'rotating_light' }[severity];
}
