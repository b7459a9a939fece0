import { describe, expect, it } from 'vitest';
import { completeSenders, senderSecrets, sendersSchema } from './settings.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const mail = { kind: 'email', name: 'mail', host: 'mail.example.org', from: 'a@example.org', to: 'b@example.org' };
const hook = { kind: 'webhook', name: 'hook', url: 'https://hooks.example.org/a' };

function mistakes(list: unknown): string {
  const result = sendersSchema.safeParse(list);
  return result.success
    ? ''
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
}

describe('the list of senders', () => {
  it('takes the three kinds, fills in what is usual, and may be missing', () => {
    expect(sendersSchema.parse(null)).toEqual([]);
    expect(
      sendersSchema.parse([
        { kind: 'webhook', name: 'ops', url: 'http://10.0.0.1/hook' },
        mail,
        { ...mail, name: 'mail 2', tls: 'implicit', to: ['Ops <b@example.org>'] },
        { kind: 'push', name: 'phone', url: 'ntfys://ntfy.sh/cams' },
      ]),
    ).toEqual([
      { kind: 'webhook', name: 'ops', url: 'http://10.0.0.1/hook', secret: null, headers: {}, body: null },
      { ...mail, to: ['b@example.org'], port: 587, tls: 'starttls', user: null, password: null, hello: null },
      {
        ...mail,
        name: 'mail 2',
        to: ['Ops <b@example.org>'],
        port: 465,
        tls: 'implicit',
        user: null,
        password: null,
        hello: null,
      },
      { kind: 'push', name: 'phone', url: 'ntfys://ntfy.sh/cams' },
    ]);
  });

  it.each([
    [{ kind: 'pigeon', name: 'a' }, /webhook, email or push/],
    [{ kind: 'webhook', name: 'a', url: 'ftp://host/secret-part' }, /0.url: must be an http or https address/],
    [{ kind: 'webhook', name: 'a', url: 'https://h/', secret: 'secret-part' }, /0.secret: must be whsec_ and 24 to 64/],
    [{ kind: 'webhook', name: 'a', url: 'https://h/', secret: 12345 }, /in quotes/],
    [{ kind: 'push', name: 'a', url: 'pigeon://secret-part' }, /0.url: cannot be used: its beginning is unknown/],
    [{ ...mail, to: [] }, /0.to: must name 1 to 50 recipients/],
    [{ ...mail, from: 'a@b\r\nBcc: secret-part@c' }, /0.from: must be an e-mail address/],
    [{ ...mail, host: 'mail.example.org:25' }, /0.host: .* without a port/],
    [{ ...mail, host: '::1' }, /^$/],
    [{ ...mail, tls: 'yes' }, /implicit, starttls or none/],
    [{ ...mail, colour: 'red' }, /colour/],
    [
      { ...mail, tls: 'none', user: 'u', password: 'secret-part' },
      /0.tls: must be starttls or implicit: .* unencrypted/,
    ],
    [{ ...mail, tls: 'none', host: '192.168.1.2', user: 'u' }, /0.tls: .* without user and password/],
    [{ ...mail, tls: 'none', host: '127.0.0.1.example.org', user: 'u' }, /0.tls: must be starttls/],
    [{ ...mail, tls: 'none' }, /^$/],
    [{ ...mail, tls: 'none', host: 'localhost', user: 'u' }, /^$/],
    [{ ...mail, tls: 'none', host: '127.0.0.1', user: 'u' }, /^$/],
    [{ ...mail, hello: 'short' }, /0.hello: must be a full host name/],
    [{ ...mail, hello: 'a.b\r\nMAIL FROM:<secret-part>' }, /0.hello: must be a full host name/],
    [{ ...hook, headers: { Authorization: 'Bearer secret-part' } }, /^$/],
    [
      { ...hook, headers: { 'X-Key': 'secret-part\r\nHost: b' } },
      /0.headers.X-Key: must be letters, digits and symbols on one line/,
    ],
    [{ ...hook, headers: { 'X Key': 'secret-part' } }, /0.headers.*name of a header|0.headers/],
    [{ ...hook, headers: { 'webhook-signature': 'secret-part' } }, /0.headers/],
    [{ ...hook, headers: { Host: 'secret-part' } }, /0.headers/],
    [{ ...hook, headers: { 'X-Key': 12345 } }, /in quotes/],
    [{ ...hook, body: '{"text": "{{heading}}"}' }, /^$/],
    [{ ...hook, body: { text: '{{ heading }}', at: ['{{at}}'] } }, /^$/],
    [{ ...hook, body: '{"text": {{heading}}}' }, /0.body: must be JSON/],
    [{ ...hook, body: '{"text": "{{process.env}}"}' }, /0.body: has a placeholder that cannot be read/],
    [{ ...hook, body: '{"text": "{{constructor}}"}' }, /0.body: has the unknown placeholder {{constructor}}/],
    [{ ...hook, body: `"${'x'.repeat(9000)}"` }, /0.body: must be at most 8192/],
  ])('tells what is wrong with %j without repeating a secret', (entry, words) => {
    const said = mistakes([entry]);
    expect(said).toMatch(words);
    expect(said).not.toContain('secret-part');
  });

  it('gives no two senders one name', () => {
    expect(mistakes([mail, mail])).toBe('1.name: must not be the name of another sender');
  });
});

describe('the environment', () => {
  it('adds addresses, and the secrets that the file leaves out', () => {
    const { senders, mistakes: found } = completeSenders(
      sendersSchema.parse([
        { kind: 'webhook', name: 'ops', url: 'https://h/' },
        { ...mail, user: 'u' },
        { ...mail, name: 'open' },
      ]),
      { ALERT_URLS: ' ntfys://a/b  json://c ', ALERT_WEBHOOK_SECRET: SECRET, ALERT_SMTP_PASSWORD: 'pw' },
    );
    expect(found).toEqual([]);
    expect(senders).toMatchObject([
      { name: 'ops', secret: SECRET },
      { name: 'mail', password: 'pw' },
      { name: 'open', user: null, password: null },
      { kind: 'push', name: 'ALERT_URLS 1', url: 'ntfys://a/b' },
      { kind: 'push', name: 'ALERT_URLS 2', url: 'json://c' },
    ]);
  });

  it('is told what is wrong, without the secret', () => {
    const { mistakes: found } = completeSenders(sendersSchema.parse([{ ...mail, user: 'u' }]), {
      ALERT_URLS: 'pigeon://secret-part',
      ALERT_WEBHOOK_SECRET: 'secret-part',
    });
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain('secret-part');
  });
});

it('every secret part of the settings is named for the redactor', () => {
  const key = 'k'.repeat(30);
  const settings = sendersSchema.parse([
    { kind: 'webhook', name: 'a', url: 'https://u:passw0rd@h/a-long-secret-path?token=abcdefgh', secret: SECRET },
    { kind: 'webhook', name: 'b', url: 'https://h/%zz' },
    { ...mail, user: 'u', password: 'mail-password' },
    { kind: 'push', name: 'c', url: 'tgram://123456:AAbbCCddEEff/-1001' },
    { kind: 'push', name: 'd', url: `pover://${key}@${key.toUpperCase()}` },
    { kind: 'push', name: 'e', url: 'ntfys://me:p%40ssword@host/topic' },
    { kind: 'push', name: 'f', url: 'slack://TheKeyOfTheTeam/B1/xyz' },
    { kind: 'push', name: 'g', url: 'ntfys://a-server-of-ours.example/topic' },
  ]);
  expect(senderSecrets(settings)).toEqual(
    expect.arrayContaining([
      'passw0rd',
      'a-long-secret-path',
      'token=abcdefgh',
      SECRET.slice(6),
      'mail-password',
      'AAbbCCddEEff',
      key,
      key.toUpperCase(),
      'p@ssword',
      'TheKeyOfTheTeam',
    ]),
  );
  expect(senderSecrets(settings)).not.toContain('a-server-of-ours.example');
});
