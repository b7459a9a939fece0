import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, DAY, T0 } from '../../test/support/builders.js';
import { serve } from '../../test/support/httpClient.js';
import { fakeHouse } from '../../test/support/httpDeps.js';
import { cameraId } from '../core/cameraId.js';
import { AppError, CameraError } from '../core/errors.js';
import * as reply from './replySchemas.js';

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
    expect((await client.send('DELETE', `/api/camera/${ID}`)).json).toEqual({ success: true });
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

describe('live', () => {
  it('says where to play a camera with a living lease, by the name the client used', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    const client = await serve(house);
    const answer = await client.send('GET', `/api/camera/${ID}/live`, { headers: { host: 'localhost:4000' } });
    const { hlsUrl, webrtcUrl, cameraInfo } = reply.liveReply.parse(answer.json);
    expect({ hlsUrl, webrtcUrl }).toEqual({
      hlsUrl: `http://localhost:4000/hls/${ID}/index.m3u8`,
      webrtcUrl: `http://localhost:4000/webrtc/${ID}`,
    });
    expect(cameraInfo).toMatchObject({ id: ID, name: 'Gate', expiresAt: at(7 * DAY).toISOString() });
    expect(house.asked).toEqual([ID]);
  });

  it.each([
    ['LEASE_NONE', aCamera()],
    ['LEASE_EXPIRED', aCamera({ lease: aLease({ obtainedAt: at(-DAY), expiresAt: T0 }) })],
    ['CAMERA_OFFLINE', aCamera({ lease: aLease(), status: 'offline' })],
    ['CAMERA_MISSING', aCamera({ lease: aLease(), status: 'missing' })],
    ['CAMERA_DISABLED', aCamera({ lease: aLease(), enabled: false })],
    ['STREAM_NO_PICTURE', aCamera({ lease: aLease({ proof: 'failed' }) })],
    ['EVZ60019', aCamera({ failure: aFailure({ code: 'EVZ60019', message: 'The video is encrypted.' }) })],
  ])('answers 409 with the reason %s and a cure', async (reason, camera) => {
    const house = fakeHouse();
    house.stored.set(ID, camera);
    const client = await serve(house);
    const answer = await client.send('GET', `/api/camera/${ID}/live`);
    expect(answer.status).toBe(409);
    expect(reply.notLiveReply.parse(answer.json).error.reason).toBe(reason);
  });

  it('stops at the moment the lease expires', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease({ expiresAt: at(90_000) }) }));
    const client = await serve(house);
    expect((await client.send('GET', `/api/camera/${ID}/live`)).status).toBe(200);
    await house.clock.advance(90_000);
    expect((await client.send('GET', `/api/camera/${ID}/live`)).status).toBe(409);
  });
});

describe('snapshots, accounts and figures', () => {
  it('gives the last picture with its age', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera());
    house.pictureOf.set(ID, { jpeg: Buffer.from([0xff, 0xd8, 0xff]), takenAt: at(-90_500) });
    const client = await serve(house);
    const picture = await client.send('GET', `/api/camera/${ID}/snapshot`);
    expect(picture.body).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
    expect(picture.headers).toMatchObject({
      'content-type': 'image/jpeg',
      age: '90',
      'last-modified': at(-90_500).toUTCString(),
      'x-picture-taken-at': at(-90_500).toISOString(),
    });
    const headers = { 'if-modified-since': at(-90_500).toUTCString() };
    expect((await client.send('GET', `/api/camera/${ID}/snapshot`, { headers })).status).toBe(304);
  });

  it('tries keys without storing or echoing them', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const body = { vendor: 'hikconnect', appKey: 'planted-key', secret: 'planted-secret' };
    const good = await client.send('POST', '/api/account/try', { body });
    expect(reply.triedReply.parse(good.json)).toMatchObject({
      areaDomain: 'ieu.hikcentralconnect.com',
      clockOffsetMs: 0,
    });
    const own = { ...body, baseUrl: 'http://simulator.test:8000' };
    expect((await client.send('POST', '/api/account/try', { body: own })).status).toBe(200);
    house.keysRefused = new CameraError('OPEN000003', 'permanent', 'The cloud refuses the secret.', {
      cure: 'Copy it again.',
    });
    const bad = await client.send('POST', '/api/account/try', { body });
    expect(bad.status).toBe(502);
    expect(reply.errorReply.parse(bad.json).error).toEqual({
      code: 'OPEN000003',
      message: 'The cloud refuses the secret.',
      cure: 'Copy it again.',
    });
    expect([good, bad].map(({ text }) => text).join()).not.toContain('planted');
    expect(JSON.stringify(house.logged)).not.toContain('planted');
  });

  it('lists accounts with what their cloud says', async () => {
    const house = fakeHouse();
    const failure = { code: 'OPEN000003', message: 'The cloud refuses the secret.', cure: 'Copy it again.' };
    const refused = { ...failure, failureClass: 'permanent' as const };
    house.accountList.push({ name: 'ezviz', vendor: 'ezviz', refused, queued: { renew: 2, discover: 0, capture: 0 } });
    const client = await serve(house);
    const listed = reply.accountsReply.parse((await client.send('GET', '/api/account')).json);
    expect(listed.accounts).toMatchObject([{ state: 'usable' }, { state: 'refused', failure, queued: { renew: 2 } }]);
  });

  it('writes figures that Prometheus reads', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    house.seen.set(ID, { revision: 1, flow: 'flowing' });
    const client = await serve(house);
    const { text, headers } = await client.send('GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(text).toContain('camlease_cameras{health="healthy"} 1\n');
    expect(text).toContain('camlease_leases 1\n');
    expect(text).toContain('camlease_cloud_queue{account="hikvision",priority="renew"} 0\n');
    expect(text).toContain('camlease_passes_total{job="renew",state="succeeded"} 3\n');
    expect(text).toContain('camlease_engine_ready{engine="mediamtx"} 1\n');
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^# (?:HELP|TYPE) \S+ .+$|^[a-z_]+(?:\{.*\})? \d+(?:\.\d+)?$/);
  });
});
