import { oneLine } from '../../delivery/wording.js';
import { baseUrl, pathOf, PushUrlMistake, type PushService } from './service.js';

const FORM = 'gotifys://host/token';
/** From 4 on the app makes a sound, from 8 on it pops up (gotify/android). */
const PRIORITY = { info: 3, warning: 5, critical: 8 } as const;

/** Gotify, by `POST /message` with an application's token (gotify.net/api-docs). */
export const gotify: PushService = {
  schemes: ['gotify', 'gotifys'],
  hostIs: 'a server',
  form: FORM,
  target(url) {
    const token = url.path.at(-1);
    if (token === undefined) throw new PushUrlMistake(`it lacks the token of the application: ${FORM}`);
    const base = baseUrl(url);
    const prefix = url.path.slice(0, -1);
    const endpoint = `${base}/${pathOf([...prefix, 'message'])}`;
    return {
      place: `Gotify at ${new URL(base).host}`,
      request: (notification) => ({
        url: endpoint,
        headers: { 'Content-Type': 'application/json', 'X-Gotify-Key': token },
        body: JSON.stringify({
          title: oneLine(notification.title),
          message: notification.text,
          priority: PRIORITY[notification.severity],
          ...(notification.link !== null && {
            extras: { 'client::notification': { click: { url: notification.link } } },
          }),
        }),
      }),
    };
  },
};
