import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { startConnectProxy } from '../../../test/support/clouds/connectProxy.js';
import { startFakeCloud, type FakeReply, type FakeRequest } from '../../../test/support/clouds/cloudHarness.js';
import { selfSigned } from '../../../test/support/http/selfSigned.js';
import { aNotification, nowClock, senderRig } from '../../../test/support/alerts/senderRig.js';
import { senderSecrets, sendersSchema } from './settings.js';
import { fillTemplate, templateMistake } from './webhookTemplate.js';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

async function webhookTo(
  answer: (request: FakeRequest, index: number) => FakeReply | 'hang' | 'drop',
  secret: string | null = SECRET,
) {
  const clock = nowClock();
  const receiver = await startFakeCloud(answer, clock);
  return { ...senderRig({ kind: 'webhook', name: 'ops', url: `${receiver.url}/hook`, secret }, { clock }), receiver };
}

/** Verifies a request with the library that receivers use; throws when the signature is wrong. */
function verified(request: FakeRequest | undefined): unknown {
  if (!request) throw new Error('nothing was received');
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  return new Webhook(SECRET).verify(request.body, headers);
}

async function startHttps(cert: { key: string; cert: string }): Promise<{ server: Server; url: string }> {
  const server = createServer(cert, (_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, url: `https://localhost:${address.port}/hook` };
}

describe('a webhook behind a proxy', () => {
  it('goes by a tunnel, and by HTTPS with the receiver itself', async () => {
    const { proxy, asked } = await startConnectProxy();
    const cert = selfSigned();
    const { url } = await startHttps(cert);
    const settings = { kind: 'webhook', name: 'ops', url, secret: null } as const;
    expect(await senderRig(settings, { authorities: [cert.cert], proxyFor: () => proxy }).send()).toBeNull();
    expect(asked).toEqual([`CONNECT ${new URL(url).host}`]);
  });

  it('says that the proxy refuses it, and not the receiver', async () => {
    const { proxy } = await startConnectProxy(403);
    const settings = { kind: 'webhook', name: 'ops', url: 'https://hooks.test/hidden-path', secret: null } as const;
    const fault = await senderRig(settings, { proxyFor: () => proxy }).send();
    expect(fault?.message).toContain('through the proxy of HTTPS_PROXY or HTTP_PROXY (HTTP 403)');
    expect(fault?.cure).toContain('NO_PROXY');
  });
});

describe('a webhook of an own form', () => {
  it('sends the headers and the body that the operator wrote, signed like any other', async () => {
    const clock = nowClock();
    const receiver = await startFakeCloud(() => ({}), clock);
    const own = {
      headers: { Authorization: 'Bearer a-token-that-must-not-show', 'X-Room': 'cameras' },
      body: '{"text": "{{heading}}\\n{{text}}\\n{{link}}", "who": "{{subjects}}", "at": "{{at}}", "by": "{{openedBy}}"}',
    };
    const settings = { kind: 'webhook', name: 'ops', url: `${receiver.url}/hook`, secret: SECRET, ...own } as const;
    const rig = senderRig(settings, { clock });
    const nasty = 'Gate "1", \\ {{link}}\u2028, $& "}';
    expect(await rig.send(aNotification({ title: nasty, text: `${nasty}\n\nSecond line.` }))).toBeNull();
    const [request] = receiver.requests;
    expect(request?.headers).toMatchObject({
      ...{ authorization: 'Bearer a-token-that-must-not-show', 'x-room': 'cameras' },
      'content-type': 'application/json',
    });
    expect(verified(request)).toEqual({
      text: `[critical] Gate "1", \\ {{link}} , $& "}\n${nasty}\n\nSecond line.\nhttps://cams.example.org/camera/abc`,
      ...{ who: 'Gate', at: '2026-01-05T08:00:00.000Z', by: '' },
    });
  });

  it('shows no header anywhere when the receiver refuses it', async () => {
    const clock = nowClock();
    const receiver = await startFakeCloud(() => ({ status: 401, body: 'Bearer a-token-that-must-not-show' }), clock);
    const headers = { Authorization: 'Bearer a-token-that-must-not-show' };
    const settings = { kind: 'webhook', name: 'ops', url: `${receiver.url}/hook`, secret: null, headers } as const;
    const rig = senderRig(settings, { clock });
    const refused = await rig.send();
    const said = JSON.stringify([refused, refused?.message, rig.log, rig.sender.describe()]);
    expect(said).toContain('HTTP 401');
    expect(said).not.toContain('a-token');
    expect(senderSecrets([settings])).toContain('a-token-that-must-not-show');
  });

  it.each(examples())('of the documentation can be used: %s', (_name, body) => {
    expect(templateMistake(body)).toBeNull();
    expect(() => JSON.parse(fillTemplate(body, aNotification({ text: 'a\n"b"' }))) as unknown).not.toThrow();
  });
});

/** The bodies in the documentation, as `camlease.yml` holds them. */
function examples(): [string, string][] {
  const text = readFileSync(new URL('../../../docs/concepts/alert-senders.md', import.meta.url), 'utf8');
  const [, block = ''] = /```yaml\n(# Slack[\s\S]+?)```/.exec(text) ?? [];
  const senders = sendersSchema.parse(parse(block));
  return senders.flatMap((one) => (one.kind === 'webhook' && one.body ? [[one.name, one.body]] : []));
}

describe('a webhook', () => {
  it('is signed so that the library of Standard Webhooks takes it, and has the documented shape', async () => {
    const { send, receiver } = await webhookTo(() => ({}));
    expect(await send()).toBeNull();
    const [request] = receiver.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/hook', headers: { 'webhook-id': 'alert-7f3a' } });
    expect(verified(request)).toEqual({
      type: 'camlease.alert',
      timestamp: '2026-01-05T08:00:00.000Z',
      data: {
        id: 'alert-7f3a',
        openedBy: null,
        kind: 'alert',
        severity: 'critical',
        title: 'Gate is dark',
        text: 'No picture for 10 minutes.\n\nLook at its power.',
        rule: 'camera-dark',
        subjects: [{ kind: 'camera', id: 'abc', name: 'Gate' }],
        link: 'https://cams.example.org/camera/abc',
      },
    });
  });

  it('has no signature without a secret, and an id without dots', async () => {
    const { send, receiver } = await webhookTo(() => ({}), null);
    await send(aNotification({ id: 'a.b' }));
    expect(receiver.requests[0]?.headers).not.toHaveProperty('webhook-signature');
    expect(receiver.requests[0]?.headers['webhook-id']).toMatch(/^[0-9a-f]{40}$/);
  });

  it('is sent again after faults of the receiver, with the same id and a new time and signature', async () => {
    const { send, receiver, clock, log } = await webhookTo((_request, index) =>
      index === 0 ? { status: 503 } : index === 1 ? 'drop' : index === 2 ? 'hang' : { status: 204 },
    );
    const startMs = clock.monotonicMs();
    expect(await send()).toBeNull();
    // 1 s, 3 s and 9 s of waits, and 10 s for the attempt that hung.
    expect(clock.monotonicMs() - startMs).toBe(23_000);
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual(Array(4).fill('alert-7f3a'));
    const times = receiver.requests.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect((times[3] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(22);
    for (const request of receiver.requests) expect(verified(request)).toBeDefined();
    expect(log).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    const { send, clock } = await webhookTo((_request, index) =>
      index === 0 ? { status: 429, headers: { 'Retry-After': '20' } } : {},
    );
    const startMs = clock.monotonicMs();
    expect(await send()).toBeNull();
    expect(clock.monotonicMs() - startMs).toBe(20_000);
  });

  it('is given up at once when Retry-After is longer than a minute, and says when to come back', async () => {
    const { send, receiver } = await webhookTo(() => ({ status: 429, headers: { 'Retry-After': '3600' } }));
    expect(await send()).toMatchObject({ code: 'ALERT_NOT_SENT', retryAfterMs: 3_600_000 });
    expect(receiver.requests).toHaveLength(1);
  });

  it('is given up within a minute when the receiver hangs', async () => {
    const { send, clock, receiver } = await webhookTo(() => 'hang');
    const startMs = clock.monotonicMs();
    const error = await send();
    expect(error?.message).toBe(
      `The alert could not be sent to the webhook at ${new URL(receiver.url).host} (not encrypted): it did not answer in time.`,
    );
    expect(clock.monotonicMs() - startMs).toBeLessThanOrEqual(60_000);
    expect(receiver.requests.length).toBeGreaterThan(2);
  });

  it.each([
    [302, 'redirect'],
    [400, 'refuses the alert'],
    [401, 'refuses the login'],
    [404, 'nothing at this address'],
    [413, 'too large'],
  ])('that is answered with %i is not sent again, and no redirect is followed', async (status, words) => {
    const { send, receiver } = await webhookTo(() => ({ status, headers: { Location: '/elsewhere' } }));
    const error = await send();
    expect(error?.message).toContain(words);
    expect(error?.cure).not.toBe('');
    expect(receiver.requests).toHaveLength(1);
  });

  it('is off after 410 until a test reaches the receiver', async () => {
    const { send, receiver, log } = await webhookTo((_request, index) => (index === 0 ? { status: 410 } : {}));
    expect((await send())?.message).toContain('no longer accepts alerts (HTTP 410)');
    expect((await send())?.message).toContain('no longer accepts alerts (HTTP 410)');
    expect(receiver.requests).toHaveLength(1);
    expect(log.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(await send(aNotification({ kind: 'test' }))).toBeNull();
    expect(await send()).toBeNull();
    expect(receiver.requests).toHaveLength(3);
  });

  it('whose answer has no end in sight is a wrong address', async () => {
    const { send } = await webhookTo(() => ({ body: 'x'.repeat(300_000) }));
    expect((await send())?.message).toContain('too large for a receiver of alerts');
  });

  it('ends with the reason of its signal when camlease stops', async () => {
    const { sender, clock } = await webhookTo(() => ({ status: 503 }));
    const stop = new AbortController();
    const sending = sender.send(aNotification(), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(clock.runUntil(sending)).rejects.toThrow('stopped');
  });

  it('goes to a certificate of its own authority', async () => {
    const cert = selfSigned();
    const { url } = await startHttps(cert);
    const { send, sender } = senderRig(
      { kind: 'webhook', name: 'ops', url, secret: SECRET },
      { authorities: [cert.cert] },
    );
    expect(await send()).toBeNull();
    expect(sender.describe()).toBe(`the webhook at ${new URL(url).host}`);
  });

  it('tells in plain words what is wrong with a certificate', async () => {
    const cert = selfSigned();
    const expired = selfSigned(2021);
    const failed = async (url: string, authorities?: string[]) =>
      (await senderRig({ kind: 'webhook', name: 'ops', url, secret: SECRET }, authorities && { authorities }).send())
        ?.message;
    const { url } = await startHttps(cert);
    expect(await failed(url)).toContain('not signed by an authority that this machine trusts');
    expect(await failed((await startHttps(expired)).url, [expired.cert])).toContain('certificate has expired');
  });

  it('to an http server by https, and to nobody at all, says so', async () => {
    const { receiver } = await webhookTo(() => ({}));
    const failed = async (url: string) =>
      (await senderRig({ kind: 'webhook', name: 'ops', url, secret: null }).send())?.message;
    expect(await failed(receiver.url.replace('http:', 'https:'))).toContain('does not speak TLS at this port');
    expect(await failed('http://127.0.0.1:1/')).toContain('nothing listens at this address (ECONNREFUSED)');
  });
});
