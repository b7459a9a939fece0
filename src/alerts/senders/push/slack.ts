import { SendFault } from '../../delivery/fault.js';
import { heading, shorten } from '../../delivery/wording.js';
import { PushUrlMistake, type PushService } from './service.js';

const FORM = 'slack://T…/B…/…, or the address that Slack shows (https://hooks.slack.com/services/…)';
/** Slack cuts messages at 40,000 characters and asks for less than 4,000 (docs.slack.dev, chat.postMessage). */
const LONGEST = 3900;

/** Slack's answers to a refused message (docs.slack.dev, Incoming webhooks), each with its meaning and cure. */
const REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  channel_is_archived: ['the channel is archived', 'Restore the channel, or make a webhook for another channel.'],
  channel_not_found: ['the channel was deleted', 'Make a new webhook for another channel.'],
  no_service: ['the webhook was revoked', 'Make a new webhook in the settings of the Slack app.'],
  no_team: ['it does not know the workspace', 'Make a new webhook in the settings of the Slack app.'],
  invalid_token: ['it does not know the webhook', 'Copy the address of the webhook again.'],
  action_prohibited: ['the workspace forbids posting there', 'Ask an administrator of the workspace.'],
  posting_to_general_channel_denied: ['the workspace forbids posting there', 'Ask an administrator of the workspace.'],
};

/** Slack, by an incoming webhook. */
export const slack: PushService = {
  schemes: ['slack'],
  hostIs: 'a key',
  form: FORM,
  target(url) {
    const parts = [url.host, ...url.path];
    if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9]+$/.test(part)))
      throw new PushUrlMistake(`it should hold the three parts of a webhook: ${FORM}`);
    return {
      place: 'Slack',
      request: (notification) => {
        const link = notification.link === null ? '' : `\n${escaped(notification.link)}`;
        const text = `${heading(notification)}\n${notification.text}`;
        return {
          url: `https://hooks.slack.com/services/${parts.join('/')}`,
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ text: shorten(escaped(text), LONGEST) + link, mrkdwn: false, unfurl_links: false }),
        };
      },
      judge({ status, text }) {
        const refusal = REFUSALS[text.trim()];
        if (!refusal || status < 400) return undefined;
        return new SendFault(`${refusal[0]} (HTTP ${status}).`, { cure: refusal[1], gone: status === 410 });
      },
    };
  },
  fromNative(url) {
    if (url.hostname !== 'hooks.slack.com') return undefined;
    const parts = /^\/services\/(\w+\/\w+\/\w+)\/?$/.exec(url.pathname);
    return parts ? `slack://${parts[1] ?? ''}` : undefined;
  },
};

/** Escapes the three characters that Slack reads as markup even in plain text, so that a camera's name cannot call `<!channel>`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
