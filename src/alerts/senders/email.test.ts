import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aNotification, faultOf, senderRig } from '../../../test/support/alerts/senderRig.js';
import { MAIL_PASSWORD, MAIL_USER, startSmtp } from '../../../test/support/alerts/smtpRig.js';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import type { EmailSettings } from '../sender.js';

const CERT = selfSigned();

/**
 * A sender to a local mail server. Waits between attempts end at once; the time of an attempt passes only when a test turns the
 * clock.
 */
function mailRig(
  port: number,
  change: Partial<EmailSettings> = {},
  authorities: readonly string[] = [CERT.cert],
  hostName?: string,
) {
  const settings: EmailSettings = {
    kind: 'email',
    name: 'mail',
    host: 'localhost',
    port,
    tls: 'starttls',
    user: MAIL_USER,
    password: MAIL_PASSWORD,
    from: 'camlease <cams@example.org>',
    to: ['ops@example.org'],
    ...change,
  };
  const rig = senderRig(settings, {
    authorities,
    ...(hostName !== undefined && { hostName }),
    onRetry: (clock, waitMs) => void clock.advance(waitMs),
  });
  const send = (notification = aNotification()) => faultOf(rig.sender.send(notification, new AbortController().signal));
  return { ...rig, send };
}

describe('the greeting of a mail server', () => {
  it.each([
    ['the machine by its full name', 'cams.example.net', null, 'cams.example.net'],
    ['the domain of the sender where the machine has a short name', 'raspberrypi', null, 'example.org'],
    ['the domain of the sender where the name means nothing outside', 'nas.local', null, 'example.org'],
    ['what the operator wrote', 'cams.example.net', 'mail-out.example.com', 'mail-out.example.com'],
    ['the address that the operator wrote', undefined, '[192.0.2.7]', '[192.0.2.7]'],
  ])('names %s', async (_what, hostName, hello, greeted) => {
    const names: string[] = [];
    const { port } = await startSmtp({
      ...CERT,
      onData(stream, session, done) {
        names.push(session.hostNameAppearsAs);
        stream.on('end', () => done());
        stream.resume();
      },
    });
    const { send } = mailRig(port, { hello }, [CERT.cert], hostName);
    expect(await send()).toBeNull();
    expect(names).toEqual([greeted]);
  });
});

describe('an e-mail', () => {
  it('goes by STARTTLS and login, in plain text and in HTML, with severity and title as subject', async () => {
    const { port, mails } = await startSmtp(CERT);
    const { send, sender } = mailRig(port);
    expect(await send(aNotification({ title: 'Gate <1>\r\nBcc: evil@example.org' }))).toBeNull();
    const [mail] = mails;
    expect(mail).toMatchObject({ encrypted: true, user: MAIL_USER, from: 'cams@example.org', to: ['ops@example.org'] });
    const raw = mail?.raw ?? '';
    expect(raw).toContain('Subject: [critical] Gate <1> Bcc: evil@example.org\r\n');
    expect(raw).not.toMatch(/^Bcc:/m);
    expect(raw).toContain('Message-ID: <alert-7f3a@example.org>\r\n');
    expect(raw).toMatch(/^X-Priority: 1/m);
    expect(raw).toContain('Auto-Submitted: auto-generated');
    expect(raw).toContain('Content-Type: text/plain');
    expect(raw).toContain('<h2>Gate &lt;1&gt; Bcc');
    expect(raw).not.toContain('References');
    expect(sender.describe()).toBe('ops@example.org by the mail server localhost');
  });

  it('of a reminder or a recovery refers to the one that opened the alert', async () => {
    const { port, mails } = await startSmtp(CERT);
    const { send } = mailRig(port);
    await send(aNotification({ id: 'r.1', kind: 'reminder', openedBy: 'alert-7f3a' }));
    await send(aNotification({ id: 'r2', kind: 'recovery', severity: 'info', openedBy: 'alert-7f3a' }));
    const [reminder, recovery] = mails.map(({ raw }) => raw);
    expect(reminder).toContain('Subject: [critical, still] Gate is dark');
    expect(recovery).toContain('Subject: [recovered] Gate is dark');
    for (const raw of [reminder, recovery]) {
      expect(raw).toContain('References: <alert-7f3a@example.org>\r\n');
      expect(raw).toContain('In-Reply-To: <alert-7f3a@example.org>\r\n');
    }
    expect(recovery).toContain('Message-ID: <r2@example.org>');
  });

  it('goes by TLS from the first byte, and without any', async () => {
    const safe = await startSmtp({ ...CERT, secure: true });
    expect(await mailRig(safe.port, { tls: 'implicit' }).send()).toBeNull();
    expect(safe.mails[0]?.encrypted).toBe(true);
    const plain = await startSmtp({ disabledCommands: ['STARTTLS', 'AUTH'] });
    const { send, sender } = mailRig(plain.port, { tls: 'none', user: null, password: null });
    expect(await send()).toBeNull();
    expect(plain.mails[0]?.encrypted).toBe(false);
    expect(sender.describe()).toContain('(not encrypted)');
  });

  it.each<[string, Parameters<typeof startSmtp>[0], Partial<EmailSettings>, RegExp, RegExp]>([
    ['a wrong password', CERT, { password: 'wrong' }, /refuses the user name or password \(SMTP 535\)/, /app password/],
    ['no login where one is wanted', CERT, { user: null, password: null }, /requires a login/, /Set user and password/],
    [
      'a refused recipient',
      CERT,
      { to: ['refused@example.org'] },
      /these recipients \(SMTP 550\)/,
      /Check from and to/,
    ],
    ['a server without STARTTLS', { disabledCommands: ['STARTTLS'] }, {}, /cannot switch to TLS/, /Set tls/],
    ['a TLS server that is spoken to in the clear', CERT, { tls: 'implicit' }, /does not speak TLS/, /Check the port/],
  ])('tells %s in plain words with the cure, and does not try again', async (_what, server, change, words, cure) => {
    const { port, mails } = await startSmtp(server);
    const { send, log } = mailRig(port, change);
    const error = await send();
    expect(error).toMatchObject({ code: 'ALERT_NOT_SENT' });
    expect(error?.message).toMatch(words);
    expect(error?.cure).toMatch(cure);
    expect(mails).toEqual([]);
    expect(log).toEqual([]);
  });

  it.each(['starttls', 'implicit'] as const)('does not go to a certificate that nobody trusts (%s)', async (tls) => {
    const { port } = await startSmtp({ ...CERT, secure: tls === 'implicit' });
    const error = await mailRig(port, { tls }, [selfSigned().cert]).send();
    expect(error?.message).toContain('not signed by an authority that this machine trusts');
  });

  it('that some recipients got is sent, and the log names the others', async () => {
    const { port, mails } = await startSmtp(CERT);
    const { send, log } = mailRig(port, { to: ['ops@example.org', 'refused@example.org'] });
    expect(await send()).toBeNull();
    expect(mails[0]?.to).toEqual(['ops@example.org']);
    expect(log).toMatchObject([{ level: 'warn', fields: { refused: ['refused@example.org'] } }]);
  });

  it('is tried again when the server takes nothing for the moment, and not after that was over', async () => {
    let times = 0;
    const { port, mails } = await startSmtp({
      ...CERT,
      onMailFrom(_address, _session, done) {
        if (times++ < 2) done(Object.assign(new Error('greylisted'), { responseCode: 451 }));
        else done();
      },
    });
    const { send, log } = mailRig(port);
    expect(await send()).toBeNull();
    expect(mails).toHaveLength(1);
    expect(log.map(({ fields }) => fields['waitMs'])).toEqual([1000, 3000]);
  });

  it('is given up after five attempts when no server is there', async () => {
    const { send, log } = mailRig(1, { host: '127.0.0.1' });
    expect((await send())?.message).toContain('nothing listens at this address (ECONNREFUSED)');
    expect(log).toHaveLength(4);
  });

  it('is given up when the server hangs, and each connection is closed', async () => {
    const sockets: Socket[] = [];
    let turn: () => void = () => undefined;
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      turn();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const { send, clock } = mailRig(address.port, { host: '127.0.0.1' });
    turn = () => void clock.advance(30_000);
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    const startMs = clock.monotonicMs();
    expect((await send())?.message).toContain('did not answer in time');
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(90_000);
    expect(sockets.length).toBeGreaterThan(1);
    // `close` ends only when no connection is left.
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
