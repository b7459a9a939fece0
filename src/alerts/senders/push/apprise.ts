import { SendFault } from '../../delivery/fault.js';
import { oneLine, textWithLink } from '../../delivery/wording.js';
import { appriseType, baseUrl, basicLogin, pathOf, PushUrlMistake, type PushService } from './service.js';

const FORM = 'apprises://host/key or apprises://user:password@host/key, with ?tags=… to choose among its services';
/** Each service behind it shortens the text by itself; this only bounds a summary of thousands of cameras. */
const LONGEST = 32_000;

/** An Apprise API server, which forwards to the services stored under the key (caronc/apprise-api: `POST /notify/{KEY}`). */
export const apprise: PushService = {
  schemes: ['apprise', 'apprises'],
  hostIs: 'a server',
  form: FORM,
  target(url) {
    const key = url.path.at(-1);
    if (key === undefined || !/^[A-Za-z0-9_-]{1,128}$/.test(key))
      throw new PushUrlMistake(`it lacks the key of the configuration: ${FORM}`);
    const base = baseUrl(url);
    const endpoint = `${base}/${pathOf([...url.path.slice(0, -1), 'notify', key])}`;
    const tag = url.query.get('tags') ?? url.query.get('tag');
    return {
      place: `Apprise at ${new URL(base).host}`,
      request: (notification) => ({
        url: endpoint,
        headers: { 'Content-Type': 'application/json', ...basicLogin(url) },
        body: JSON.stringify({
          title: oneLine(notification.title),
          body: textWithLink(notification, LONGEST),
          type: appriseType(notification),
          format: 'text',
          ...(tag !== null && { tag }),
        }),
      }),
      judge({ status }) {
        if (status === 204)
          return new SendFault('it knows no services under this key (HTTP 204).', {
            cure: 'Store a configuration under the key in the Apprise server, or correct the key in camlease.yml.',
          });
        // Not repeated: the services that Apprise did reach would get the alert twice.
        if (status === 424)
          return new SendFault('it could not reach all of its services (HTTP 424).', {
            cure: 'The log of the Apprise server names the service; check the tags, too.',
          });
        return undefined;
      },
    };
  },
};
