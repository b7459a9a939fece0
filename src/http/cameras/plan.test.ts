import { describe, expect, it } from 'vitest';
import { aCamera, aLease } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { AppError } from '../../core/errors.js';
import type { PlannedChange } from '../../engine/mediaEngine.js';
import * as reply from '../shapes/replySchemas.js';

const rebuild: PlannedChange = {
  ...{ cameraId: 'a', how: 'rebuild', viewers: 3 },
  paths: [{ name: 'a', action: 'change' }],
};
const handover: PlannedChange = {
  ...{ cameraId: 'b', how: 'handover', viewers: 2 },
  paths: [
    { name: '_lease/b/2', action: 'add' },
    { name: '_lease/b/1', action: 'remove' },
  ],
};

function houseOf(...planned: PlannedChange[]): FakeHouse {
  const house = fakeHouse();
  for (const id of ['a', 'b', 'c', 'd']) house.stored.set(id, aCamera({ id, lease: aLease() }));
  house.planned.push(...planned);
  return house;
}

/** Everything that a plan must leave unchanged. */
function written(house: FakeHouse): object {
  const { changed, renewals, begun, stored } = house;
  return { changed, renewals, begun, stored: [...stored.values()] };
}

describe('a plan', () => {
  it('says for each camera how, by which paths and for how many viewers, and sums it up', async () => {
    const unknown: PlannedChange = { cameraId: 'c', how: 'handover', viewers: null, paths: [] };
    const house = houseOf(rebuild, handover, unknown);
    const client = await serve(house);
    const answer = await client.send('POST', '/api/plan', { body: { action: 'renew', force: true } });
    expect(answer.status).toBe(200);
    expect(reply.planReply.parse(answer.json)).toEqual({
      success: true,
      changes: [
        { ...rebuild, movesTo: null, sentence: 'All 3 viewers are dropped and have to reconnect.' },
        { ...handover, movesTo: null, sentence: 'All 2 viewers see the picture freeze until the next key frame.' },
        { ...unknown, movesTo: null, sentence: 'All viewers see the picture freeze until the next key frame.' },
      ],
      summary: {
        ...{ none: 1, hot: 0, handover: 2, rebuild: 1 },
        ...{ viewersFrozen: 2, viewersDropped: 3, viewersUnknown: 1, toRelay: 0, toMediaServer: 0 },
      },
    });
    expect(house.plans).toEqual([{ action: 'renew', force: true }]);
  });

  it('says which cameras move over to the relay, or back, and what that costs and brings', async () => {
    const watched: PlannedChange = { ...rebuild, viewers: 1, movesTo: 'relay' };
    const idle: PlannedChange = { ...{ cameraId: 'b', how: 'hot', viewers: 0, movesTo: 'relay' }, paths: [] };
    const back: PlannedChange = {
      ...{ cameraId: 'c', how: 'rebuild', viewers: 0, movesTo: 'media-server' },
      paths: [],
    };
    const client = await serve(houseOf(watched, idle, back));
    const body = { action: 'update', change: { mode: 'on-demand' } };
    const { changes, summary } = reply.planReply.parse((await client.send('POST', '/api/plan', { body })).json);
    expect(changes.map(({ sentence }) => sentence)).toEqual([
      'The viewer is dropped and has to reconnect. From then on the relay pulls the camera, and no viewer notices its renewals.',
      'No viewer notices. From then on the relay pulls the camera, and no viewer notices its renewals.',
      'Nobody watches now, so nobody notices. From then on the media server pulls the camera itself, and each renewal drops its viewers.',
    ]);
    expect(summary).toMatchObject({ toRelay: 2, toMediaServer: 1, viewersDropped: 1 });
  });

  it.each([
    ['POST', '/api/plan', { action: 'delete', cameraIds: ['a'] }, { action: 'delete', cameraIds: ['a'] }],
    ['DELETE', '/api/camera/a?plan=true', undefined, { action: 'delete', cameraIds: ['a'] }],
    [
      'PUT',
      '/api/camera/a?plan=true',
      { mode: 'always-on' },
      { action: 'update', cameraIds: ['a'], change: { mode: 'always-on' } },
    ],
    ['POST', '/api/hikvision/renew?plan=true', { cameraIds: ['a', 'a'] }, { action: 'renew', cameraIds: ['a'] }],
    ['POST', '/api/hikvision/renew?plan=true', { force: true }, { action: 'renew', force: true }],
  ])('of %s %s %j writes nothing', async (method, path, body, asked) => {
    const house = houseOf(rebuild);
    const before = structuredClone(written(house));
    const client = await serve(house);
    const answer = await client.send(method, path, body === undefined ? {} : { body });
    expect(reply.planReply.parse(answer.json).changes).toMatchObject([rebuild]);
    expect(house.plans).toEqual([asked]);
    expect(written(house)).toEqual(before);
  });

  it('is not what one gets who says plan=false', async () => {
    const house = houseOf();
    const client = await serve(house);
    expect((await client.send('DELETE', '/api/camera/a?plan=false')).json).toMatchObject({ success: true });
    expect([house.plans, house.stored.has('a')]).toEqual([[], false]);
  });

  it('of an enabling undoes a status of disabled only where it is one', async () => {
    const house = houseOf();
    house.stored.set('a', aCamera({ id: 'a', status: 'disabled' }));
    const client = await serve(house);
    const body = { action: 'update', cameraIds: ['a', 'b'], change: { hikvisionEnabled: true } };
    expect((await client.send('POST', '/api/plan', { body })).status).toBe(200);
    expect(house.plans).toEqual([
      { action: 'update', cameraIds: ['a'], change: { enabled: true, status: 'active' } },
      { action: 'update', cameraIds: ['b'], change: { enabled: true } },
    ]);
  });

  it('of a change refuses what the change itself would refuse', async () => {
    const client = await serve(houseOf());
    const change = { account: 'nobody' };
    const body = { action: 'update', cameraIds: ['a'], change };
    for (const answer of [
      await client.send('POST', '/api/plan', { body }),
      await client.send('PUT', '/api/camera/a?plan=true', { body: change }),
    ])
      expect(reply.errorReply.parse(answer.json).error.code).toBe('ACCOUNT_UNKNOWN');
  });

  it('says that the media server is away', async () => {
    const house = houseOf();
    const away = new AppError('ENGINE_UNREACHABLE', 'MediaMTX does not answer.', { cure: 'Start it.' });
    const client = await serve({ ...house, jobs: { ...house.jobs, plan: () => Promise.reject(away) } });
    const answer = await client.send('DELETE', '/api/camera/a?plan=true');
    expect(answer.status).toBe(503);
    expect(house.stored.has('a')).toBe(true);
  });

  it('has a budget of its own: plans use up no changes, nor changes plans', async () => {
    const client = await serve({ ...houseOf(), writesPerMinute: 2 });
    const statuses: number[] = [];
    const body = { action: 'delete', cameraIds: ['a'] };
    for (let round = 0; round < 3; round++) statuses.push((await client.send('POST', '/api/plan', { body })).status);
    statuses.push((await client.send('DELETE', '/api/camera/a?plan=true')).status);
    for (const id of ['a', 'b', 'c']) statuses.push((await client.send('DELETE', `/api/camera/${id}`)).status);
    expect(statuses).toEqual([200, 200, 429, 429, 200, 200, 429]);
  });

  it('is refused to a page of another site', async () => {
    const house = houseOf();
    const client = await serve(house);
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await client.send('POST', '/api/plan', { headers, body: { action: 'delete' } })).status).toBe(403);
    expect(house.plans).toEqual([]);
  });
});
