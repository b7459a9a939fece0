import { SendFault } from '../../delivery/fault.js';
import { statusFault } from '../../delivery/post.js';
import { heading, textWithLink } from '../../delivery/wording.js';
import { PushUrlMistake, replyFields, type PushService } from './service.js';

const FORM = 'tgram://bot-token/chat-id, tgram://bot-token/@channel, with ?topic=… for a topic of a group';
/** core.telegram.org/bots/api#sendmessage */
const LONGEST = 4096;

/** The beginnings of Telegram's `description`, each with its meaning and cure. */
const REFUSALS: readonly (readonly [RegExp, string, string])[] = [
  [
    /chat not found/i,
    'it knows no such chat',
    'Write to the bot once (or add it to the group), and check the id of the chat.',
  ],
  [/blocked by the user|user is deactivated/i, 'the person has blocked the bot', 'Let the person start the bot again.'],
  [
    /kicked|not a member|have no rights|CHAT_WRITE_FORBIDDEN/i,
    'the bot may not write there',
    'Add the bot to the group or channel, with the right to write.',
  ],
  [
    /initiate conversation/i,
    'the person has not started the bot yet',
    'Let the person press Start in the chat with the bot.',
  ],
  [
    /upgraded to a supergroup/i,
    'the group has a new id',
    'Write the new id of the group (it begins with -100) into camlease.yml.',
  ],
  [/thread not found|topic_closed/i, 'the topic does not exist or is closed', 'Correct ?topic= in the address.'],
];

/** Telegram, by the Bot API's `sendMessage`; plain text, so that nothing in a name can be markup. */
export const telegram: PushService = {
  schemes: ['tgram'],
  hostIs: 'a key',
  form: FORM,
  target(url) {
    const [secret, chat, ...more] = url.path;
    const topic = url.query.get('topic');
    // Bot tokens look like 123456:AA…; `parsePushUrl` has split them.
    if (!/^\d+$/.test(url.host) || !secret || !/^[A-Za-z0-9_-]+$/.test(secret) || !chat || more.length > 0)
      throw new PushUrlMistake(`it should name one bot and one chat: ${FORM}`);
    if (topic !== null && !/^\d+$/.test(topic)) throw new PushUrlMistake('?topic= should be a number');
    return {
      place: 'Telegram',
      request: (notification) => {
        const head = `${heading(notification)}\n\n`;
        return {
          url: `https://api.telegram.org/bot${url.host}:${secret}/sendMessage`,
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({
            chat_id: /^-?\d+$|^@/.test(chat) ? chat : `@${chat}`,
            ...(topic !== null && { message_thread_id: Number(topic) }),
            text: head + textWithLink(notification, LONGEST - head.length),
            disable_notification: notification.severity === 'info',
            link_preview_options: { is_disabled: true },
          }),
        };
      },
      judge(reply) {
        const { description, parameters } = replyFields(reply.text);
        const said = typeof description === 'string' ? description : '';
        const refusal = REFUSALS.find(([words]) => words.test(said));
        if (refusal) return new SendFault(`${refusal[1]} (HTTP ${reply.status}).`, { cure: refusal[2] });
        if (reply.status === 401 || reply.status === 404)
          return new SendFault(`it does not know the bot (HTTP ${reply.status}).`, {
            cure: 'Copy the token of the bot again from @BotFather into camlease.yml.',
          });
        return statusFault({ ...reply, retryAfterMs: waitOf(parameters) ?? reply.retryAfterMs });
      },
    };
  },
};

/** `parameters.retry_after` (seconds) in milliseconds. */
function waitOf(parameters: unknown): number | undefined {
  if (typeof parameters !== 'object' || parameters === null || !('retry_after' in parameters)) return undefined;
  return typeof parameters.retry_after === 'number' ? parameters.retry_after * 1000 : undefined;
}
