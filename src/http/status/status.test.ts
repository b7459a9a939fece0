import { expect, it } from 'vitest';
import { aCamera, aLease, at, DAY, T0 } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import type { Outage } from '../../core/outages/outage.js';
import { camerasReply, errorReply, oneCameraReply, readyReply } from '../shapes/replySchemas.js';
import { availabilityReply, outagesReply } from '../shapes/statusSchemas.js';

const ID = 'cam-1';

function anOutage(more: Partial<Outage> = {}): Outage {
  return {
    id: 'camera:cam-1:1',
    subject: { kind: 'camera', id: ID },
    reason: 'NOTHING_COMES',
    message: 'Refused rtmp://vtm.ezvizlife.com/live/planted?x=1 today.',
    beganAt: at(DAY),
    endedAt: at(DAY + 60_000),
    account: 'hikvision',
    ...more,
  };
}

it('outages are listed by camera, account and time, and quote no secret', async () => {
  const house = fakeHouse();
  house.stored.set(ID, aCamera({ id: ID }));
  house.keptOutages.push(
    anOutage({ id: 'b', reason: 'CAMERA_OFFLINE', beganAt: at(3 * DAY), endedAt: null }),
    anOutage(),
    anOutage({ id: 'c', subject: { kind: 'account', name: 'other' }, account: null }),
  );
  const client = await serve(house);
  const ask = async (query: string) => outagesReply.parse((await client.send('GET', `/api/outages${query}`)).json);
  const all = await ask('?limit=2');
  expect(all).toMatchObject({ total: 3, outages: [{ id: 'b', endedAt: null, isOurs: false }, { isOurs: true }] });
  expect(JSON.stringify(all)).not.toContain('planted');
  expect((await ask(`?camera=${ID}`)).outages).toHaveLength(2);
  expect((await ask('?account=other')).outages).toMatchObject([{ id: 'c', account: 'other' }]);
  const from = encodeURIComponent(at(2 * DAY).toISOString());
  expect((await ask(`?camera=${ID}&from=${from}`)).outages).toMatchObject([{ id: 'b' }]);
  expect((await ask(`?camera=${ID}&to=${from}`)).outages).toMatchObject([{ id: 'camera:cam-1:1' }]);
  expect((await client.send('GET', `/api/outages?camera=${ID}&account=x`)).status).toBe(400);
  expect((await client.send('GET', '/api/outages?camera=nobody')).status).toBe(404);
});

it('availability says how much, and null where nothing was expected', async () => {
  const house = fakeHouse();
  const client = await serve(house);
  const ask = async (query: string) => client.send('GET', `/api/availability${query}`);
  expect(availabilityReply.parse((await ask('')).json)).toMatchObject({
    subject: { kind: 'all' },
    day: { percent: null },
  });
  const tally = { up: 99_999.6, down: 0.4, away: 0, unknown: 5 };
  house.worked = { percent: 99.9996, percentOurs: 100, tally };
  const { week } = availabilityReply.parse((await ask('?account=hikvision')).json);
  expect(week).toEqual({
    observedMs: 100_000,
    observedPart: 0.000165,
    percent: 99.999,
    percentOurs: 100,
    upMs: 100_000,
    downMs: 0,
    offlineMs: 0,
    unknownMs: 5,
  });
  expect(errorReply.parse((await ask('?account=nobody')).json).error.code).toBe('ACCOUNT_UNKNOWN');
  expect((await ask('?camera=nobody')).status).toBe(404);
});

it('a camera shows what cloud, media server and store say, each for itself', async () => {
  const house = fakeHouse();
  const expiresAt = at(-60_000);
  house.stored.set(ID, aCamera({ id: ID, status: 'offline', mode: 'always-on', lease: aLease({ expiresAt }) }));
  house.seen.set(ID, { revision: 1, flow: 'flowing' });
  house.storeAway = new Error('away');
  const client = await serve(house);
  const { camera } = oneCameraReply.parse((await client.send('GET', `/api/camera/${ID}`)).json);
  expect(camera.said).toEqual({
    cloud: { status: 'offline', answeredAt: null, refusal: null },
    engine: { flow: 'flowing', viewers: null, bytesMovedAt: null, at: T0.toISOString() },
    store: { lease: 'expired', revision: 1, expiresAt: expiresAt.toISOString(), isThere: false, at: T0.toISOString() },
  });
});

it('a document that is left out is told in the list, at its own address and in the readiness, which it does not end', async () => {
  const document = { deviceSerials: ['A1'], channel: 1, resourceId: '', cure: 'Set status to active.' };
  const house = fakeHouse();
  house.leftOutDocuments.push(
    { ...document, id: 'gate', message: 'status has a wrong type or value: "weird"' },
    { ...document, id: 'yard', message: 'seen at rtmp://vtm.ezvizlife.com/live/planted' },
  );
  const client = await serve(house);
  const list = camerasReply.parse((await client.send('GET', '/api/camera')).json);
  expect(list.leftOut).toMatchObject([{ id: 'gate', cure: 'Set status to active.' }, { id: 'yard' }]);
  const answer = await client.send('GET', '/api/camera/gate/live');
  expect(answer.status).toBe(409);
  expect(errorReply.parse(answer.json).error).toMatchObject({
    code: 'DOCUMENT_LEFT_OUT',
    cure: 'Set status to active.',
  });
  const ready = readyReply.parse((await client.send('GET', '/ready')).json);
  expect(ready).toMatchObject({ ready: true, parts: { documents: { ready: false } } });
  expect(ready.parts['documents']?.problem).toMatch(/gate is left out: status .*"weird".* 1 more is left out too/);
  expect(JSON.stringify([list, ready])).not.toContain('planted');
});

it('a camera whose changes the database does not take says so with its cure, and so does the readiness, which it does not end', async () => {
  const house = fakeHouse();
  const refusal = { code: 'DOCUMENT_REFUSED', message: 'A rule refuses it.', cure: 'Drop the rule.' };
  house.stored.set(ID, aCamera({ id: ID, name: 'Gate', lease: aLease() }));
  house.stored.set('bare_1', aCamera({ id: 'bare_1', lease: null }));
  house.seen.set(ID, { revision: 1, flow: 'flowing' });
  house.refusedWrites.set(ID, refusal).set('bare_1', refusal).set('unborn_1', refusal);
  const client = await serve(house);
  const { camera } = oneCameraReply.parse((await client.send('GET', `/api/camera/${ID}`)).json);
  expect(camera.health).toMatchObject({ state: 'failing', reason: 'DOCUMENT_REFUSED', nextStep: 'Drop the rule.' });
  expect(camera.health.sentence).toMatch(/^The picture still plays, but the database refuses .*: A rule refuses it\.$/);
  const bare = oneCameraReply.parse((await client.send('GET', '/api/camera/bare_1')).json).camera;
  expect(bare.health).toMatchObject({ state: 'dark', reason: 'DOCUMENT_REFUSED', nextStep: 'Drop the rule.' });
  expect(bare.renewal).toMatchObject({ state: 'failing', reason: 'DOCUMENT_REFUSED', nextStep: 'Drop the rule.' });
  const live = await client.send('GET', '/api/camera/bare_1/live');
  expect(live.status).toBe(409);
  expect(live.json).toMatchObject({ error: { reason: 'DOCUMENT_REFUSED', cure: 'Drop the rule.' } });
  const list = camerasReply.parse((await client.send('GET', '/api/camera?health=failing,dark')).json);
  expect(list.total).toBe(2);
  const ready = readyReply.parse((await client.send('GET', '/ready')).json);
  expect(ready.ready).toBe(true);
  expect(ready.parts['documents']?.problem).toBe(
    'The database refuses a change of the camera Gate: A rule refuses it. Drop the rule. ' +
      'The same is true of 2 more cameras; GET /api/camera/:id shows the reason of each stored camera.',
  );
});

it('a store that takes no write ends the readiness, by its own code and with its cure', async () => {
  const house = fakeHouse();
  house.storeRefusal = { code: 'STORE_REFUSED', message: 'The user may only read.', cure: 'Give it readWrite.' };
  const client = await serve(house);
  const reply = await client.send('GET', '/ready');
  expect(reply.status).toBe(503);
  const problem = expect.stringMatching(/refuses writes.*The user may only read\. Give it readWrite\./) as unknown;
  expect(reply.json).toMatchObject({ parts: { store: { ready: false, problem } }, error: { code: 'STORE_REFUSED' } });
});
