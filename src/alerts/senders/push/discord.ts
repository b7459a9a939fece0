import { statusFault } from '../../delivery/post.js';
import { oneLine, shorten } from '../../delivery/wording.js';
import { PushUrlMistake, replyFields, type PushService } from './service.js';

const FORM =
  'discord://webhook-id/webhook-token, or the address that Discord shows (https://discord.com/api/webhooks/…)';
/** Limits of an embed (docs.discord.com, Message resource). */
const LONGEST_TITLE = 256;
const LONGEST_TEXT = 4096;
const COLOUR = { info: 0x3b82f6, warning: 0xf59e0b, critical: 0xdc2626, recovery: 0x16a34a } as const;

/** Discord, by an incoming webhook (docs.discord.com: Execute Webhook). */
export const discord: PushService = {
  schemes: ['discord'],
  hostIs: 'a key',
  form: FORM,
  target(url) {
    const [token, ...more] = url.path;
    if (!/^\d+$/.test(url.host) || !token || !/^[\w-]+$/.test(token) || more.length > 0)
      throw new PushUrlMistake(`it should hold the id and the token of a webhook: ${FORM}`);
    return {
      place: 'Discord',
      request: (notification) => ({
        // Without wait=true Discord reports no error for a message that it does not keep.
        url: `https://discord.com/api/webhooks/${url.host}/${token}?wait=true`,
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          // Mentions nobody, so that a camera named @everyone wakes nobody.
          allowed_mentions: { parse: [] },
          embeds: [
            {
              title: shorten(unmarked(oneLine(notification.title)), LONGEST_TITLE),
              description: shorten(unmarked(notification.text), LONGEST_TEXT),
              color: COLOUR[notification.kind === 'recovery' ? 'recovery' : notification.severity],
              timestamp: notification.at.toISOString(),
              ...(notification.link !== null && { url: notification.link }),
            },
          ],
        }),
      }),
      judge(reply) {
        const { retry_after: seconds } = replyFields(reply.text);
        const waitMs = typeof seconds === 'number' ? seconds * 1000 : undefined;
        return statusFault({ ...reply, retryAfterMs: waitMs ?? reply.retryAfterMs });
      },
    };
  },
  fromNative(url) {
    if (!/^(?:[a-z]+\.)?discord(?:app)?\.com$/.test(url.hostname)) return undefined;
    const parts = /^\/api\/(?:v\d+\/)?webhooks\/(\d+)\/([\w-]+)\/?$/.exec(url.pathname);
    return parts ? `discord://${parts[1] ?? ''}/${parts[2] ?? ''}` : undefined;
  },
};

/** Escapes markdown, so that names and texts appear as they are. */
function unmarked(text: string): string {
  return text.replace(/[\\*_~`|<>[\]#]/g, '\\$&');
}
