import { describe, expect, it } from 'vitest';
import { aCamera } from '../../../test/support/builders.js';
import { serve, type Reply, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import type { InitializeReport } from '../../core/passes/pass.js';
import * as passes from '../shapes/passSchemas.js';
import * as reply from '../shapes/replySchemas.js';

const INITIALIZE = '/api/hikvision/initialize';
const RENEW = '/api/hikvision/renew';

const report: InitializeReport = {
  success: true,
  discovered: 9,
  created: 9,
  updated: 0,
  missing: 0,
  leased: 8,
  failed: [{ cameraId: 'cam-9', code: '20007', message: 'It is offline.', cure: 'Check its power.' }],
  failedAccounts: [],
  pass: 'p-1',
};

/** Sends, and resolves once the pass has begun (polls on the event loop, not on time). */
async function sendAndBegin(house: FakeHouse, client: TestClient, path: string): Promise<{ reply: Promise<Reply> }> {
  const answer = client.send('POST', path);
  while (house.begun === 0) await new Promise((resolve) => setImmediate(resolve));
  return { reply: answer };
}

describe('initialize and renew', () => {
  it('answer with the report when the pass ends in time', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const sent = await sendAndBegin(house, client, INITIALIZE);
    house.endPass({ report });
    const answer = await sent.reply;
    expect(answer.status).toBe(200);
    expect(passes.initializeReply.parse(answer.json)).toEqual({
      ...report,
      message: 'Cameras initialized; 1 failed, see "failed"',
    });
  });

  it('answer 202 with the address of the pass after 30 s; the pass then shows the report', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const sent = await sendAndBegin(house, client, INITIALIZE);
    const answer = await house.clock.runUntil(sent.reply, 30_000);
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toBe('/api/pass/p-1');
    expect(passes.runningReply.parse(answer.json).pass).toBe('p-1');
    const running = passes.passReply.parse((await client.send('GET', '/api/pass/p-1')).json);
    expect(running.pass).toMatchObject({ state: 'running', report: null });
    house.endPass({ report });
    const ended = passes.passReply.parse((await client.send('GET', '/api/pass/p-1')).json);
    expect(ended.pass).toMatchObject({ state: 'succeeded', report });
  });

  it('wait for 30 s and not less', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const sent = await sendAndBegin(house, client, INITIALIZE);
    await house.clock.advance(29_999);
    house.endPass({ report });
    expect((await sent.reply).status).toBe(200);
  });

  it('answer 202 at once to whoever prefers that', async () => {
    const client = await serve(fakeHouse());
    const answer = await client.send('POST', RENEW, { headers: { prefer: 'respond-async' } });
    expect(answer.status).toBe(202);
  });

  it('join the pass that runs', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const first = await sendAndBegin(house, client, INITIALIZE);
    const headers = { prefer: 'respond-async' };
    expect((await client.send('POST', INITIALIZE, { headers })).headers.location).toBe('/api/pass/p-1');
    house.endPass({ report });
    expect((await first.reply).status).toBe(200);
    expect(house.begun).toBe(1);
  });

  it('answer 409 when no account is configured', async () => {
    const house = fakeHouse();
    house.accountList.length = 0;
    const client = await serve(house);
    const answer = await client.send('POST', INITIALIZE);
    expect(answer.status).toBe(409);
    expect(reply.errorReply.parse(answer.json).error.code).toBe('NO_ACCOUNT');
  });

  it.each([
    ['ALL_ACCOUNTS_REFUSED', 502],
    ['PASS_INTERRUPTED', 500],
    ['OPEN000003', 502],
  ])('answer what failed the pass itself: %s with %i', async (code, status) => {
    const house = fakeHouse();
    const client = await serve(house);
    const sent = await sendAndBegin(house, client, INITIALIZE);
    house.endPass({ state: 'failed', error: { code, message: 'It did not work.', cure: 'Do something.' } });
    const answer = await sent.reply;
    expect(answer.status).toBe(status);
    expect(reply.errorReply.parse(answer.json).error).toEqual({
      code,
      message: 'It did not work.',
      cure: 'Do something.',
    });
  });

  it('hand the wish on: which cameras, and by force', async () => {
    const house = fakeHouse();
    house.stored.set('cam-1', aCamera({ id: 'cam-1' }));
    const client = await serve(house);
    const headers = { prefer: 'respond-async' };
    await client.send('POST', RENEW, { headers, body: { cameraIds: ['cam-1', 'cam-1'], force: true } });
    await client.send('POST', RENEW, { headers });
    expect(house.renewals).toEqual([{ cameraIds: ['cam-1'], force: true }, {}]);
  });
});
