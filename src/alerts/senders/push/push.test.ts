import { describe, expect, it } from 'vitest';
import { aNotification, nowClock, senderRig } from '../../../../test/support/alerts/senderRig.js';
import { startFakeCloud, type FakeReply } from '../../../../test/support/clouds/cloudHarness.js';
import { pushTarget } from './registry.js';

const KEY = 'k'.repeat(30);
const BASIC = `Basic ${Buffer.from('me:p@ss').toString('base64')}`;

/** `{host}` stands for the fake server; requests to a service's https host are diverted to it as `/<host>/…`. */
async function pushTo(address: string, answer: (index: number) => FakeReply | 'drop' = () => ({})) {
  const clock = nowClock();
  const service = await startFakeCloud((_request, index) => answer(index), clock);
  const url = address.replace('{host}', new URL(service.url).host);
  return { ...senderRig({ kind: 'push', name: 'phone', url }, { clock, divertTo: service.url }), service };
}

const TEXT = 'No picture for 10 minutes.\n\nLook at its power.';
const LINK = 'https://cams.example.org/camera/abc';
const LINKED = `${TEXT}\n\n${LINK}`;
const NTFY = {
  topic: 'cams',
  title: 'Gate is dark',
  message: LINKED,
  priority: 5,
  tags: ['rotating_light'],
  click: LINK,
};
const TGRAM = { disable_notification: false, link_preview_options: { is_disabled: true } };

describe('a push address', () => {
  it.each([
    ['ntfy://{host}/cams', 'ntfy at 127.0.0.1', '/', {}, NTFY],
    ['ntfy://me:p%40ss@{host}/cams', 'ntfy at 127.0.0.1', '/', { authorization: BASIC }, NTFY],
    ['ntfy://tk_abc@{host}/cams', 'ntfy at 127.0.0.1', '/', { authorization: 'Bearer tk_abc' }, NTFY],
    ['ntfy://:tk_abc@{host}/cams', 'ntfy at 127.0.0.1', '/', { authorization: 'Bearer tk_abc' }, NTFY],
    ['ntfys://cams', 'ntfy at ntfy.sh', '/ntfy.sh/', {}, NTFY],
    ['https://ntfy.sh/cams', 'ntfy at ntfy.sh', '/ntfy.sh/', {}, NTFY],
    [
      'gotify://{host}/sub/AzToken',
      'Gotify at 127.0.0.1',
      '/sub/message',
      { 'x-gotify-key': 'AzToken' },
      {
        title: 'Gate is dark',
        message: TEXT,
        priority: 8,
        extras: { 'client::notification': { click: { url: LINK } } },
      },
    ],
    [
      'json://me:p%40ss@{host}/in?a=1',
      'the JSON receiver at 127.0.0.1',
      '/in?a=1',
      { authorization: BASIC },
      { version: '1.0', title: 'Gate is dark', message: TEXT, attachments: [], type: 'failure' },
    ],
    [
      'apprise://{host}/my-key?tags=ops',
      'Apprise at 127.0.0.1',
      '/notify/my-key',
      {},
      { title: 'Gate is dark', body: LINKED, type: 'failure', format: 'text', tag: 'ops' },
    ],
    [
      'tgram://123:AA-b_c/-1001?topic=7',
      'Telegram',
      '/api.telegram.org/bot123:AA-b_c/sendMessage',
      {},
      { ...TGRAM, chat_id: '-1001', message_thread_id: 7, text: `[critical] Gate is dark\n\n${LINKED}` },
    ],
    [
      'slack://T1/B1/xyz',
      'Slack',
      '/hooks.slack.com/services/T1/B1/xyz',
      {},
      { text: `[critical] Gate is dark\n${TEXT}\n${LINK}`, mrkdwn: false, unfurl_links: false },
    ],
    ...['discord://42/to-k_n', 'https://discord.com/api/webhooks/42/to-k_n'].map(
      (address) =>
        [
          address,
          'Discord',
          '/discord.com/api/webhooks/42/to-k_n?wait=true',
          {},
          {
            allowed_mentions: { parse: [] },
            embeds: [
              {
                title: 'Gate is dark',
                description: TEXT,
                color: 0xdc2626,
                timestamp: '2026-01-05T08:00:00.000Z',
                url: LINK,
              },
            ],
          },
        ] as const,
    ),
  ] as const)('%s is sent by the protocol of its service', async (address, place, path, headers, body) => {
    const { send, service, sender } = await pushTo(address);
    expect(await send()).toBeNull();
    const [request] = service.requests;
    expect(request).toMatchObject({ method: 'POST', path, headers });
    expect(JSON.parse(request?.body ?? '')).toEqual(body);
    expect(sender.describe().replace(/:\d+$/, '')).toBe(place);
  });

  it('of Pushover is sent as a form', async () => {
    const { send, service } = await pushTo(`pover://${KEY}@${KEY.toUpperCase()}/phone`);
    expect(await send()).toBeNull();
    expect(service.requests[0]?.path).toBe('/api.pushover.net/1/messages.json');
    expect(Object.fromEntries(new URLSearchParams(service.requests[0]?.body))).toEqual({
      token: KEY.toUpperCase(),
      user: KEY,
      title: 'Gate is dark',
      message: TEXT,
      priority: '1',
      timestamp: '1767600000',
      device: 'phone',
      url: LINK,
    });
  });

  it.each([
    ['info', 'alert', 3, 'information_source'],
    ['warning', 'alert', 4, 'warning'],
    ['info', 'recovery', 3, 'white_check_mark'],
  ] as const)('gives %s of an %s its own priority', async (severity, kind, priority, tag) => {
    const { send, service } = await pushTo('ntfy://{host}/cams');
    await send(aNotification({ severity, kind }));
    expect(JSON.parse(service.requests[0]?.body ?? '')).toMatchObject({ priority, tags: [tag] });
  });

  it('never gets more than the service takes, and no character is cut in two', async () => {
    const long = aNotification({ text: '😀ä'.repeat(5000), link: null });
    const bodies: string[] = [];
    for (const address of ['ntfy://{host}/cams', 'tgram://1:A/2', 'discord://42/t']) {
      const { send, service } = await pushTo(address);
      await send(long);
      bodies.push(service.requests[0]?.body ?? '');
    }
    const [ntfy, telegram, discord] = bodies.map((body) => JSON.parse(body) as Record<string, string>);
    expect(Buffer.byteLength(ntfy?.['message'] ?? '')).toBeLessThanOrEqual(4096);
    expect(telegram?.['text']?.length).toBeLessThanOrEqual(4096);
    expect(JSON.stringify(discord).length).toBeLessThan(4600);
    for (const body of bodies) expect(body).not.toMatch(/\\ud[89a-f]/i);
  });

  it('shows a name as it is: no markup, nobody called, one line', async () => {
    const nasty = aNotification({ title: '<!channel>\r\n**@everyone** [x](http://y)', text: '<b>&', link: null });
    const slack = await pushTo('slack://T1/B1/xyz');
    await slack.send(nasty);
    expect(JSON.parse(slack.service.requests[0]?.body ?? '')).toMatchObject({
      text: '[critical] &lt;!channel&gt; **@everyone** [x](http://y)\n&lt;b&gt;&amp;',
    });
    const discord = await pushTo('discord://42/t');
    await discord.send(nasty);
    expect(discord.service.requests[0]?.body).toContain('\\\\*\\\\*@everyone\\\\*\\\\* \\\\[x\\\\](http://y)');
  });

  it.each([
    ['apprise://{host}/key', { status: 204 }, 'no services under this key'],
    ['apprise://{host}/key', { status: 424 }, 'not reach all of its services'],
    ['gotify://{host}/t', { status: 401 }, 'refuses the login'],
    ['tgram://1:A/2', { status: 401, body: { ok: false } }, 'does not know the bot'],
    ['tgram://1:A/2', { status: 400, body: { description: 'Bad Request: chat not found' } }, 'knows no such chat'],
    ['tgram://1:A/2', { status: 403, body: { description: 'Forbidden: bot was blocked by the user' } }, 'has blocked'],
    ['slack://T1/B1/x', { status: 404, body: 'no_service' }, 'the webhook was revoked'],
    ['slack://T1/B1/x', { status: 410, body: 'channel_is_archived' }, 'the channel is archived'],
    [`pover://${KEY}@${KEY}`, { status: 400, body: { token: 'invalid', status: 0 } }, 'the application token'],
    [`pover://${KEY}@${KEY}`, { status: 429 }, 'has used up its messages of this month'],
  ])('%s tells what %j means, with a cure, and is not sent again', async (address, reply, words) => {
    const { send, service } = await pushTo(address, () => reply);
    const error = await send();
    expect(error).toMatchObject({ code: 'ALERT_NOT_SENT' });
    expect(error?.message).toContain(words);
    expect(error?.cure).toMatch(/\.$/);
    expect(service.requests).toHaveLength(1);
  });

  it.each([
    ['tgram://1:A/2', { parameters: { retry_after: 15 } }, 15_000],
    ['discord://42/t', { retry_after: 15.5 }, 15_500],
  ])('%s waits as long as the body of a 429 says', async (address, body, waitMs) => {
    const { send, clock } = await pushTo(address, (index) => (index === 0 ? { status: 429, body } : {}));
    const startMs = clock.monotonicMs();
    expect(await send()).toBeNull();
    expect(clock.monotonicMs() - startMs).toBe(waitMs);
  });

  it.each([
    ['pigeon://coop/secret-part', /must be one of .*apprise:\/\/, apprises:\/\/, .*tgram:\/\//],
    ['https://hooks.example.org/secret-part', /a sender of kind webhook/],
    ['ntfy://host/secret-part/b', /one topic/],
    ['gotify://host', /lacks the token/],
    ['apprise://host', /lacks the key/],
    ['tgram://nobot/secret-part', /one bot and one chat/],
    ['discord://abc/secret-part', /id and the token/],
    ['slack://T1/secret-part', /three parts/],
    ['pover://short@secret-part', /30 letters/],
    ['json://ho st/secret-part', /scheme:\/\/host|host of the address/],
    ['gotify://host/%zzsecret-part', /hexadecimal/],
    ['secret-part', /of the form/],
  ])('%s is refused in plain words that do not repeat it', (address, words) => {
    let said = '';
    try {
      pushTarget(address);
    } catch (thrown) {
      said = thrown instanceof Error ? thrown.message : '';
    }
    expect(said).toMatch(words);
    expect(said).not.toContain('secret-part');
  });
});
