import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, DAY, T0 } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { cameraId } from '../../core/camera/cameraId.js';
import { AppError } from '../../core/errors.js';
import * as reply from '../shapes/replySchemas.js';

const ID = '0123456789abcdef01234567';

describe('cameras', () => {
  it('are listed a page at a time, with the total and how they are', async () => {
    const house = fakeHouse();
    for (let number = 1; number <= 5; number++) {
      const lease = aLease({ expiresAt: number === 5 ? T0 : at(7 * DAY), obtainedAt: at(-DAY) });
      house.stored.set(`cam-${number}`, aCamera({ id: `cam-${number}`, name: `Gate ${number}`, lease }));
      house.seen.set(`cam-${number}`, { revision: 1, flow: number === 1 ? 'flowing' : 'idle' });
    }
    const client = await serve(house);
    const first = reply.camerasReply.parse((await client.send('GET', '/api/camera?limit=2&offset=1')).json);
    expect(first.cameras.map(({ id }) => id)).toEqual(['cam-2', 'cam-3']);
    expect(first.total).toBe(5);
    expect(first.health).toEqual({ healthy: 1, idle: 3, dark: 1 });
    const dark = reply.camerasReply.parse((await client.send('GET', '/api/camera?health=dark,failing')).json);
    expect(dark).toMatchObject({ total: 1, cameras: [{ id: 'cam-5', health: { reason: 'LEASE_EXPIRED' } }] });
    const found = reply.camerasReply.parse((await client.send('GET', '/api/camera?search=GATE%203')).json);
    expect(found.cameras.map(({ id }) => id)).toEqual(['cam-3']);
  });

  it('show lease, candidate and failure, and no secret of theirs', async () => {
    const house = fakeHouse();
    const message = 'Refused rtmp://vtm.ezvizlife.com/live/planted?x=1 today.';
    const failure = aFailure({ code: 'EVZ20007', message, at: at(6 * DAY) });
    const camera = aCamera({
      lease: aLease({ url: 'rtmp://vtm.ezvizlife.com/planted', urlId: 'planted-id' }),
      candidate: aCandidate({ url: 'rtmp://vtm.ezvizlife.com/planted-2', urlId: 'planted-id-2' }),
      failure,
      retiredUrlIds: ['planted-old'],
    });
    house.stored.set(ID, camera);
    const client = await serve(house);
    const one = await client.send('GET', `/api/camera/${ID}`);
    const { camera: shown } = reply.oneCameraReply.parse(one.json);
    expect(shown).toMatchObject({
      id: ID,
      hikvisionDeviceSerial: 'AB1234567',
      lease: { revision: 1, proof: 'proven', lastSafeMoment: at(7 * DAY - 3_600_000).toISOString() },
      candidate: { revision: 2, proof: 'pending', provenAt: null },
      failure: { code: 'EVZ20007', attempts: 1, message: 'Refused rtmp://[hidden] today.' },
      health: { state: 'failing' },
      links: { hlsUrl: `http://127.0.0.1:${client.port}/hls/${ID}/index.m3u8` },
    });
    for (const path of ['', '/live', '?limit=5', '/snapshot']) {
      const { text } = await client.send(
        'GET',
        path.startsWith('?') ? `/api/camera${path}` : `/api/camera/${ID}${path}`,
      );
      expect(text).not.toContain('planted');
    }
    for (const path of ['/metrics', '/ready', '/api/account', '/api/openapi.json']) {
      expect((await client.send('GET', path)).text).not.toContain('planted');
    }
  });

  it('are added by hand with defaults, and the jobs hear of it', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const body = { name: ' \u1112\u1161\u11ab\u1100\u1173\u11af ', hikvisionDeviceSerial: 'AB1234567' };
    const made = await client.send('POST', '/api/camera', { body });
    expect(made.status).toBe(201);
    const { camera } = reply.oneCameraReply.parse(made.json);
    const id = cameraId('hikconnect', 'AB1234567', 1);
    expect(camera).toMatchObject({
      id,
      name: '한글',
      channel: 1,
      vendor: 'hikconnect',
      account: 'hikvision',
      lease: null,
    });
    expect(made.headers.location).toBe(`/api/camera/${id}`);
    expect(house.changed).toEqual([id]);
    const again = await client.send('POST', '/api/camera', { body });
    expect(again.status).toBe(409);
    expect(reply.errorReply.parse(again.json).error.code).toBe('CAMERA_EXISTS');
  });

  it('take a live address made by hand as their first lease, and never show it', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const expires = Math.floor(at(7 * DAY).getTime() / 1000);
    const rtmpPath = `rtmp://vtm.ezvizlife.com:1935/v3/openlive/AB1234567_1_2?expire=${expires}&id=4711planted&t=planted`;
    const body = { name: 'Gate', hikvisionDeviceSerial: 'AB1234567', rtmpPath };
    const made = await client.send('POST', '/api/camera', { body });
    expect(made.text).not.toContain('planted');
    const { camera } = reply.oneCameraReply.parse(made.json);
    expect(camera.lease).toMatchObject({
      revision: 1,
      quality: 'sub',
      expiresAt: at(7 * DAY).toISOString(),
      proof: 'pending',
    });
    const renewMs = new Date(camera.lease?.renewAt ?? 0).getTime() - T0.getTime();
    expect(Math.abs(renewMs - 5 * DAY)).toBeLessThanOrEqual((7 * DAY) / 20);
    expect(house.stored.get(camera.id)?.lease?.url).toBe(rtmpPath);
    const own = {
      ...body,
      hikvisionDeviceSerial: 'CD1',
      rtmpPath: rtmpPath.replace('vtm.ezvizlife.com', 'simulator.test'),
    };
    expect((await client.send('POST', '/api/camera', { body: own })).status).toBe(201);
  });

  it('must say their account when there are several, or none', async () => {
    const house = fakeHouse();
    const [account] = house.accountList;
    if (!account) throw new Error('the fake house has an account');
    house.accountList.push({ ...account, name: 'second' });
    const client = await serve(house);
    const body = { name: 'Gate', hikvisionDeviceSerial: 'AB1234567' };
    const unclear = reply.errorReply.parse((await client.send('POST', '/api/camera', { body })).json);
    expect(unclear.error).toMatchObject({
      code: 'ACCOUNT_UNKNOWN',
      cure: expect.stringContaining('hikvision, second') as string,
    });
    expect((await client.send('POST', '/api/camera', { body: { ...body, account: 'second' } })).status).toBe(201);
    house.accountList.length = 0;
    expect((await client.send('POST', '/api/camera', { body })).status).toBe(409);
  });

  it('are changed field by field and deleted', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ labels: ['yard'] }));
    const client = await serve(house);
    const body = { name: 'Yard', quality: 'sub', mode: 'on-demand', hikvisionEnabled: false };
    const changed = reply.oneCameraReply.parse((await client.send('PUT', `/api/camera/${ID}`, { body })).json);
    expect(changed.camera).toMatchObject({ ...body, labels: ['yard'], health: { state: 'disabled' } });
    expect((await client.send('DELETE', `/api/camera/${ID}`)).json).toMatchObject({ success: true });
    expect((await client.send('GET', `/api/camera/${ID}`)).status).toBe(404);
    expect(house.changed).toEqual([ID, ID]);
  });

  it('are enabled here even if a document says disabled by its status alone', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ id: ID, status: 'disabled' }));
    const client = await serve(house);
    const changed = await client.send('PUT', `/api/camera/${ID}`, { body: { hikvisionEnabled: true } });
    expect(reply.oneCameraReply.parse(changed.json).camera.status).toBe('active');
    expect(house.stored.get(ID)?.status).toBe('active');
  });

  it('answer 503 with a sentence while the store is away, and still say where to play', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    house.storeAway = new AppError('STORE_UNREACHABLE', 'The store does not answer.', { cure: 'Start MongoDB.' });
    const client = await serve(house);
    const refused = await client.send('PUT', `/api/camera/${ID}`, { body: { name: 'Yard' } });
    expect(refused.status).toBe(503);
    expect(reply.errorReply.parse(refused.json).error.cure).toBe('Start MongoDB.');
    expect((await client.send('GET', `/api/camera/${ID}/live`)).status).toBe(200);
    const ready = await client.send('GET', '/ready');
    expect(ready.status).toBe(503);
    expect(reply.readyReply.parse(ready.json).parts).toMatchObject({
      store: { ready: false },
      engine: { ready: true },
    });
  });

  it('say how many watched cameras still go over to the relay, which is no trouble', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const engine = async (): Promise<unknown> =>
      reply.readyReply.parse((await client.send('GET', '/ready')).json).parts['engine'];
    expect(await engine()).toEqual({ ready: true, problem: null });
    house.waitForRelay = 1;
    const note = expect.stringMatching(/^One camera is still pulled by the media server itself/) as string;
    expect(await engine()).toEqual({ ready: true, problem: null, note });
    house.waitForRelay = 12;
    expect(JSON.stringify(await engine())).toContain('12 cameras are still');
  });

  it('show no detail of what nobody expected, and the log does', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera());
    house.storeAway = new TypeError('planted detail');
    const client = await serve(house);
    const failed = await client.send('PUT', `/api/camera/${ID}`, { body: { name: 'Yard' } });
    expect(failed.status).toBe(500);
    expect(reply.errorReply.parse(failed.json).error.code).toBe('INTERNAL');
    expect(failed.text).not.toContain('planted');
    expect(house.logged[0]?.fields?.['error']).toBe(house.storeAway);
  });

  it('stay listed as unknown when the engine does not answer', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    const engine = { ...house.engine, states: () => Promise.reject(new Error('away')) };
    const client = await serve({ ...house, engine });
    const listed = reply.camerasReply.parse((await client.send('GET', '/api/camera')).json);
    expect(listed.cameras[0]?.health).toMatchObject({ state: 'unknown', reason: 'ENGINE_UNREACHABLE' });
  });
});
