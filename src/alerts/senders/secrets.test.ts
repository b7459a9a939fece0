import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { startFakeCloud, type FakeReply } from '../../../test/support/clouds/cloudHarness.js';
import { aNotification, faultOf, nowClock, senderRig } from '../../../test/support/alerts/senderRig.js';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import { MAIL_PASSWORD, MAIL_USER, startSmtp } from '../../../test/support/alerts/smtpRig.js';
import type { EmailSettings, SenderSettings } from '../sender.js';

const TOKEN = 'TokenThatMustNotShow0123456789';
const WHSEC = Buffer.from(`${TOKEN}-of-the-webhook`).toString('base64');
const SECRETS = [TOKEN, WHSEC, MAIL_PASSWORD, Buffer.from(`me:${TOKEN}`).toString('base64')];

/** Every way in which sending fails; receivers repeat all that they got. */
const REPLIES: readonly (number | 'hang' | 'drop' | 'endless')[] = [
  204,
  301,
  400,
  401,
  403,
  404,
  405,
  410,
  413,
  418,
  424,
  429,
  500,
  503,
  'hang',
  'drop',
  'endless',
];

const senders: readonly [string, (host: string) => SenderSettings][] = [
  [
    'webhook',
    (host) => ({
      kind: 'webhook',
      name: 's',
      url: `http://me:${TOKEN}@${host}/${TOKEN}?t=${TOKEN}`,
      secret: `whsec_${WHSEC}`,
    }),
  ],
  ...[
    `ntfy://me:${TOKEN}@{host}/cams`,
    `ntfy://{host}/${TOKEN}`,
    `gotify://{host}/${TOKEN}`,
    `json://me:${TOKEN}@{host}/${TOKEN}`,
    `apprise://me:${TOKEN}@{host}/${TOKEN}`,
    `tgram://123:${TOKEN}/1`,
    `slack://T1/B1/${TOKEN}`,
    `discord://42/${TOKEN}`,
    `pover://${TOKEN}@${TOKEN}`,
  ].map((url): [string, (host: string) => SenderSettings] => [
    url.replace(/:.*/, ''),
    (host) => ({ kind: 'push', name: 's', url: url.replace('{host}', host) }),
  ]),
];

function expectNoSecret(where: string, what: unknown): void {
  const shown = typeof what === 'string' ? what : inspect(what, { depth: 10, showHidden: true });
  // Not `not.toContain`: the message of a failed test would show the secret.
  expect(SECRETS.filter((secret) => shown.includes(secret)).length, where).toBe(0);
}

it.each(senders)('%s shows no secret, however it fails', async (_name, settingsFor) => {
  for (const reply of REPLIES) {
    const clock = nowClock();
    const receiver = await startFakeCloud((request): FakeReply | 'hang' | 'drop' => {
      const echo = JSON.stringify(request);
      if (reply === 'hang' || reply === 'drop') return reply;
      if (reply === 'endless') return { body: echo.repeat(1 + 300_000 / echo.length) };
      return { status: reply, headers: { Location: `/${TOKEN}` }, body: { description: echo, error: echo } };
    }, clock);
    const { send, sender, log } = senderRig(settingsFor(new URL(receiver.url).host), { clock, divertTo: receiver.url });
    expectNoSecret(`describe after ${reply}`, sender.describe());
    expectNoSecret(`error of ${reply}`, await send());
    expectNoSecret(`log of ${reply}`, log);
    expect(receiver.requests.length).toBeGreaterThan(0);
  }
});

it('e-mail shows no password, however it fails', async () => {
  const cert = selfSigned();
  const good = await startSmtp(cert);
  const strict = await startSmtp({
    ...cert,
    onAuth: ({ username, password }, _session, done) => done(new Error(`${username ?? ''} ${password ?? ''}`)),
  });
  const base = {
    kind: 'email',
    name: 's',
    host: 'localhost',
    tls: 'starttls',
    user: MAIL_USER,
    password: MAIL_PASSWORD,
    from: 'a@example.org',
    to: ['b@example.org'],
  } as const satisfies Omit<EmailSettings, 'port'>;
  const cases: readonly [EmailSettings, readonly string[]][] = [
    [{ ...base, port: strict.port }, [cert.cert]],
    [{ ...base, port: good.port }, [selfSigned().cert]],
    [{ ...base, port: good.port, to: ['refused@example.org'] }, [cert.cert]],
    [{ ...base, port: good.port, tls: 'implicit' }, [cert.cert]],
    [{ ...base, port: 1 }, [cert.cert]],
  ];
  for (const [settings, authorities] of cases) {
    const { sender, log } = senderRig(settings, {
      authorities,
      onRetry: (clock, waitMs) => void clock.advance(waitMs),
    });
    const error = await faultOf(sender.send(aNotification(), new AbortController().signal));
    expect(error?.code).toBe('ALERT_NOT_SENT');
    expectNoSecret('describe', sender.describe());
    expectNoSecret('error', error);
    expectNoSecret('log', log);
  }
});
