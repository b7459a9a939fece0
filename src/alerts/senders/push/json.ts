import { oneLine } from '../../delivery/wording.js';
import { appriseType, baseUrl, basicLogin, pathOf, type PushService } from './service.js';

/** Any program that accepts the body of Apprise's `json://`: title, message and type. */
export const json: PushService = {
  schemes: ['json', 'jsons'],
  hostIs: 'a server',
  form: 'jsons://host/path or jsons://user:password@host/path',
  target(url) {
    const base = baseUrl(url);
    const query = url.query.size > 0 ? `?${url.query.toString()}` : '';
    return {
      place: `the JSON receiver at ${new URL(base).host}`,
      request: (notification) => ({
        url: `${base}/${pathOf(url.path)}${query}`,
        headers: { 'Content-Type': 'application/json', ...basicLogin(url) },
        body: JSON.stringify({
          version: '1.0',
          title: oneLine(notification.title),
          message: notification.text,
          attachments: [],
          type: appriseType(notification),
        }),
      }),
    };
  },
};
