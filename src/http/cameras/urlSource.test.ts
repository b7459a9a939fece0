import { describe, expect, it } from 'vitest';
import { aCamera, aLease, aUrlCamera, HOUR, at, SOUND_TRACKS, T0 } from '../../../test/support/builders.js';
import { serve, type Reply } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { AppError } from '../../core/errors.js';

const CANARY = 'canary-pass-4711';
const LIVE = `rtmp://vtm.ezvizlife.com:1935/v3/openlive/AB1234567_1_1?expire=${at(HOUR).getTime() / 1000}&id=9`;
const source = { url: 'rtsp://10.0.0.1/Streaming/101', user: 'admin', password: CANARY };

/** The `source` of the reply's camera. */
const shownOf = ({ json }: Reply): unknown => (json as { camera: { source: unknown } }).camera.source;

describe('POST /api/camera with a source', () => {
  it('hands everything on, and answers without the login', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const wish = { name: 'Gate', source, mode: 'always-on', sound: 'off', labels: ['a'], whenGone: 'end', keep: true };
    const reply = await client.send('POST', '/api/camera', { body: { ...wish, hikvisionEnabled: false } });
    expect(reply).toMatchObject({ status: 201, headers: { location: '/api/camera/u-1' } });
    expect(house.given).toEqual([{ ...wish, enabled: false }]);
    expect(house.changed).toEqual(['u-1']);
    expect(shownOf(reply)).toEqual({
      ...{ kind: 'url', url: 'rtmp://127.0.0.1:9/live/***', user: '***', revision: 1, tracks: null, openedAt: null },
    });
    expect(reply.text).not.toContain(CANARY);
  });

  it('answers 422 with the reason when the source did not open', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    house.sourceRefused = new AppError('SOURCE_NOT_OPENED', 'It is refused.', { cure: 'Correct it.', reason: 'login' });
    const reply = await client.send('POST', '/api/camera', { body: { name: 'Gate', source } });
    expect(reply).toMatchObject({
      status: 422,
      json: {
        success: false,
        error: { code: 'SOURCE_NOT_OPENED', reason: 'login', message: 'It is refused.', cure: 'Correct it.' },
      },
    });
    expect(reply.text).not.toContain(CANARY);
  });

  it.each([
    ['both forms', { name: 'Gate', source, hikvisionDeviceSerial: 'AB1' }, /hikvisionDeviceSerial/],
    ['no address', { name: 'Gate', source: { user: 'a' } }, /url/],
    ['an address of a wrong type', { name: 'Gate', source: { url: { $gt: '' } } }, /url/],
    ['a source of text', { name: 'Gate', source: 'rtsp://h/' }, /source/],
    ['a source of null', { name: 'Gate', source: null }, /source/],
    ['an unknown field', { name: 'Gate', source: { ...source, pass: 'x' } }, /pass/],
    ['a password of a number', { name: 'Gate', source: { ...source, password: 7 } }, /password/],
    ['a long address', { name: 'Gate', source: { url: `rtsp://h/${'x'.repeat(5_000)}` } }, /2048/],
    ['a wish of text', { name: 'Gate', source, keep: 'yes' }, /keep/],
    ['a sound that is none', { name: 'Gate', source, sound: 'loud' }, /sound/],
    ['no name', { source }, /name/],
  ])('refuses %s in words', async (_what, body, says) => {
    const house = fakeHouse();
    const client = await serve(house);
    const reply = await client.send('POST', '/api/camera', { body });
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 'REQUEST_INVALID' } } });
    expect(reply.text).toMatch(says);
    expect(reply.text).not.toContain(CANARY);
    expect([house.given, house.stored.size]).toEqual([[], 0]);
  });

  it('refuses a body of 1 MB unread', async () => {
    const client = await serve(fakeHouse());
    const body = { name: 'Gate', source: { ...source, url: `rtsp://h/${'x'.repeat(1_000_000)}` } };
    expect(await client.send('POST', '/api/camera', { body })).toMatchObject({ status: 413 });
  });
});

describe('PUT /api/camera/:id with a source', () => {
  const camera = aUrlCamera({
    source: {
      url: 'rtsp://10.0.0.1/x?key=' + CANARY,
      login: { user: 'admin', password: CANARY },
      tracks: SOUND_TRACKS,
    },
  });

  it('takes back what a reply showed, and shows no login before or after', async () => {
    const house = fakeHouse();
    house.stored.set(camera.id, camera);
    const client = await serve(house);
    const shown = await client.send('GET', `/api/camera/${camera.id}`);
    const reply = await client.send('PUT', `/api/camera/${camera.id}`, {
      body: { name: 'New', source: shownOf(shown), rtmpPath: '***' },
    });
    expect(reply.status).toBe(200);
    expect(house.given).toEqual([{ id: camera.id, keep: false, source: shownOf(shown) }]);
    expect(house.stored.get(camera.id)).toMatchObject({ name: 'New', source: camera.source });
    const list = await client.send('GET', '/api/camera');
    for (const { text } of [shown, reply, list]) expect(text).not.toContain(CANARY);
    expect(shown.text).toContain('rtsp://10.0.0.1/x?***');
  });

  it('changes nothing else when the source is refused', async () => {
    const house = fakeHouse();
    house.stored.set(camera.id, camera);
    house.sourceRefused = new AppError('SOURCE_NOT_OPENED', 'No.', { cure: 'x.', reason: 'silence' });
    const client = await serve(house);
    const body = { name: 'New', source };
    expect((await client.send('PUT', `/api/camera/${camera.id}`, { body })).status).toBe(422);
    expect(house.stored.get(camera.id)).toEqual(camera);
  });

  it('plans a new address, and shows no part of it', async () => {
    const house = fakeHouse();
    house.stored.set(camera.id, camera);
    const client = await serve(house);
    const reply = await client.send('PUT', `/api/camera/${camera.id}?plan=true`, { body: { source } });
    expect(reply.status).toBe(200);
    expect(house.plans).toEqual([
      {
        action: 'update',
        cameraIds: [camera.id],
        change: { source: { url: source.url, login: null, tracks: null, openedAt: null } },
      },
    ]);
    expect(house.given).toEqual([]);
    const change = { action: 'update', change: { source } };
    expect(await client.send('POST', '/api/plan', { body: change })).toMatchObject({ status: 400 });
  });

  it('refuses the source of a cloud camera, and names nothing to change with keep alone', async () => {
    const house = fakeHouse();
    const cloud = aCamera();
    house.stored.set(cloud.id, cloud);
    const client = await serve(house);
    const put = (body: object): Promise<Reply> => client.send('PUT', `/api/camera/${cloud.id}`, { body });
    expect((await put({ source })).text).toMatch(/A cloud leases/);
    expect((await put({ keep: true })).status).toBe(400);
    expect(house.given).toEqual([]);
  });
});

describe('PUT /api/camera/:id with an rtmpPath', () => {
  it('gives a cloud camera a new lease, and leaves it its lease when the masked URL comes back', async () => {
    const house = fakeHouse();
    const cloud = aCamera({ lease: aLease() });
    house.stored.set(cloud.id, cloud);
    const client = await serve(house);
    const put = (body: object): Promise<Reply> => client.send('PUT', `/api/camera/${cloud.id}`, { body });
    for (const rtmpPath of ['***', '', 'rtmp://vtm.ezvizlife.com:1935/v3/openlive/***?***']) {
      expect((await put({ name: 'New', rtmpPath })).status).toBe(200);
      expect(house.stored.get(cloud.id)?.lease).toEqual(cloud.lease);
    }
    expect((await put({ rtmpPath: 'rtmp://evil.example/live/***' })).text).toMatch(/masked/);
    expect((await put({ rtmpPath: 'rtmp://evil.example/live/x?expire=9999999999' })).text).toMatch(
      /SOURCE_HOST_REFUSED/,
    );
    const reply = await put({ rtmpPath: LIVE });
    expect(reply.status).toBe(200);
    expect(house.stored.get(cloud.id)?.lease).toMatchObject({ url: LIVE, obtainedAt: T0 });
    expect(reply.text).not.toContain('openlive/AB1234567');
  });

  it('is the new address of a camera with an address of its own', async () => {
    const house = fakeHouse();
    const camera = aUrlCamera();
    house.stored.set(camera.id, camera);
    const client = await serve(house);
    expect((await client.send('PUT', `/api/camera/${camera.id}`, { body: { rtmpPath: LIVE } })).status).toBe(200);
    expect(house.given).toEqual([{ id: camera.id, source: { url: LIVE }, keep: false }]);
  });
});
