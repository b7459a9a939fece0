import { SendFault } from '../../delivery/fault.js';
import { oneLine, shorten } from '../../delivery/wording.js';
import { PushUrlMistake, replyFields, type PushService } from './service.js';

const FORM = 'pover://user-key@application-token or pover://user-key@application-token/device';
/** pushover.net/api: limits of title, message and supplementary address. */
const LONGEST_TITLE = 250;
const LONGEST_TEXT = 1024;
const LONGEST_LINK = 512;
/** 1 passes quiet hours. 2 repeats until somebody confirms, which camlease does not use. */
const PRIORITY = { info: '-1', warning: '0', critical: '1' } as const;

/** Pushover, by its message API. */
export const pushover: PushService = {
  schemes: ['pover'],
  hostIs: 'a key',
  form: FORM,
  target(url) {
    const { user, host: token } = url;
    if (!/^[A-Za-z0-9]{30}$/.test(user) || !/^[A-Za-z0-9]{30}$/.test(token))
      throw new PushUrlMistake(`user key and token have 30 letters and digits each: ${FORM}`);
    return {
      place: 'Pushover',
      request: (notification) => {
        const { link } = notification;
        const fields = new URLSearchParams({
          token,
          user,
          title: shorten(oneLine(notification.title), LONGEST_TITLE),
          message: shorten(notification.text, LONGEST_TEXT),
          priority: PRIORITY[notification.severity],
          timestamp: String(Math.floor(notification.at.getTime() / 1000)),
        });
        if (url.path.length > 0) fields.set('device', url.path.join(','));
        if (link !== null && link.length <= LONGEST_LINK) fields.set('url', link);
        return {
          url: 'https://api.pushover.net/1/messages.json',
          headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
          body: fields.toString(),
        };
      },
      judge({ status, text }) {
        if (status === 429)
          return new SendFault('the application has used up its messages of this month (HTTP 429).', {
            cure: 'Wait for the next month, or buy more at pushover.net.',
          });
        const { token: badToken, user: badUser } = replyFields(text);
        const invalid = badToken === 'invalid' ? 'application token' : badUser === 'invalid' ? 'user key' : null;
        if (status < 400 || invalid === null) return undefined;
        return new SendFault(`it does not know the ${invalid} (HTTP ${status}).`, {
          cure: `Copy the ${invalid} again from pushover.net into camlease.yml.`,
        });
      },
    };
  },
};
