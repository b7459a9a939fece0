import { describe, expect, it } from 'vitest';
import { aCamera, aFailure, aLease, at, DAY, SOUND_TRACKS, T0 } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { CameraError } from '../../core/errors.js';
import type { Serving } from '../../core/streams/plays.js';
import * as reply from '../shapes/replySchemas.js';

const ID = '0123456789abcdef01234567';

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

  it('says which of HLS and WebRTC works, by the codecs and by what the media server carries, and why', async () => {
    const house = fakeHouse();
    const { engine } = fakeHouse();
    const serving: { current: Serving | null } = { current: null };
    house.engine.links = (...asked) => ({
      ...engine.links(...asked),
      ...(serving.current && { serving: serving.current }),
    });
    house.stored.set(ID, aCamera({ lease: aLease({ tracks: SOUND_TRACKS }) }));
    const client = await serve(house);
    const ask = async () => reply.liveReply.parse((await client.send('GET', `/api/camera/${ID}/live`)).json).plays;
    expect((await ask()).webrtc).toMatchObject({ works: true, why: expect.stringContaining('no AAC') as string });
    serving.current = { hls: 'lowLatency', off: ['hls'], secondSound: 'webrtc' };
    expect(await ask()).toEqual({
      hls: { works: false, why: 'MediaMTX serves no HLS: its file says hls: no.' },
      webrtc: { works: true, why: null },
    });
    const video = { ...SOUND_TRACKS.video, codec: 'H265' };
    house.stored.set(ID, aCamera({ lease: aLease({ tracks: { video, audio: null } }) }));
    serving.current = { hls: 'mpegts', off: [], secondSound: null };
    expect((await ask()).hls).toMatchObject({ works: false, why: expect.stringContaining('mpegts') as string });
    const shown = reply.oneCameraReply.parse((await client.send('GET', `/api/camera/${ID}`)).json);
    expect(shown.camera.plays).toEqual(await ask());
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

  it('answers 409 to whoever asks for a camera while its account may not have another stream', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    const client = await serve(house);
    const ask = () => client.send('GET', `/api/camera/${ID}/live`);
    house.seen.set(ID, { revision: 1, flow: 'starting', carrier: 'relay', reason: 'over-cap' });
    const { error } = reply.notLiveReply.parse((await ask()).json);
    expect(error).toMatchObject({ reason: 'STREAM_CAP_REACHED', cure: expect.stringContaining('streamCap') as string });
    const shown = reply.oneCameraReply.parse((await client.send('GET', `/api/camera/${ID}`)).json);
    expect(shown.camera.stream).toMatchObject({ carrier: 'relay', reason: 'over-cap' });
    expect(shown.camera.health).toMatchObject({ state: 'dark', reason: 'STREAM_CAP_REACHED' });
    expect((await client.send('GET', '/ready')).text).toContain('STREAM_CAP_REACHED');
    // After other reasons the relay pulls again by itself, and the slate plays meanwhile.
    house.seen.set(ID, { revision: 1, flow: 'stopped', carrier: 'relay', reason: 'refused' });
    expect((await ask()).status).toBe(200);
  });

  it('blames the account, with its cure, where that is why there is no lease', async () => {
    const house = fakeHouse();
    const failure = { code: 'OPEN000003', message: 'The cloud refuses the secret.', cure: 'Copy it again.' };
    const refused = { ...failure, failureClass: 'permanent' as const, nextLookAt: T0 };
    house.accountList.push({ name: 'away', vendor: 'ezviz', refused, queued: { renew: 0, discover: 0, capture: 0 } });
    const expired = aCamera({ lease: aLease({ obtainedAt: at(-DAY), expiresAt: T0 }) });
    house.stored.set(ID, { ...expired, source: { ...expired.source, account: 'away' } });
    const client = await serve(house);
    const { error } = reply.notLiveReply.parse((await client.send('GET', `/api/camera/${ID}/live`)).json);
    expect(error).toMatchObject({ reason: 'LEASE_EXPIRED', cure: 'Copy it again.' });
    expect(error.message).toContain('The cloud refuses the secret.');
    const shown = reply.oneCameraReply.parse((await client.send('GET', `/api/camera/${ID}`)).json);
    expect(shown.camera.health).toMatchObject({ state: 'dark', sentence: error.message });
  });

  it('hands out no address while the media server is away, but for a moment as of a restart', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ lease: aLease() }));
    house.stored.set('offline', aCamera({ id: 'offline', lease: aLease(), status: 'offline' }));
    const client = await serve(house);
    const ask = (id = ID) => client.send('GET', `/api/camera/${id}/live`);
    house.engineProblem = 'MediaMTX does not answer at http://127.0.0.1:9997. Start it.';
    for (const [awayMs, status] of [
      [0, 200],
      [9_999, 200],
      [10_000, 503],
    ] as const) {
      house.engineAwayMs = awayMs;
      await house.clock.advance(1_000);
      expect((await ask()).status, `away for ${awayMs} ms`).toBe(status);
    }
    const refused = await ask();
    expect(refused.headers['retry-after']).toBe('5');
    const { error } = reply.errorReply.parse(refused.json);
    expect(error).toMatchObject({ code: 'ENGINE_UNREACHABLE', cure: expect.stringContaining('/ready') as string });
    expect(error.message).toContain(house.engineProblem);
    // The camera's own fault remains when the media server is back.
    expect((await ask('offline')).status).toBe(409);
    // The media server answers and refuses camlease's login: viewers may still watch.
    house.engineAwayMs = undefined;
    await house.clock.advance(1_000);
    expect((await ask()).status).toBe(200);
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
    const refused = { ...failure, failureClass: 'permanent' as const, nextLookAt: T0 };
    house.accountList.push({ name: 'ezviz', vendor: 'ezviz', refused, queued: { renew: 2, discover: 0, capture: 0 } });
    const client = await serve(house);
    const listed = reply.accountsReply.parse((await client.send('GET', '/api/account')).json);
    expect(listed.accounts).toMatchObject([{ state: 'usable' }, { state: 'refused', failure, queued: { renew: 2 } }]);
  });

  it('calls no account usable that the cloud has never served, and says what stands in the way', async () => {
    const house = fakeHouse();
    const away = { code: 'CLOUD_TIMEOUT', message: 'It did not answer.', cure: 'Wait.' };
    const account = { vendor: 'ezviz', refused: null, queued: { renew: 0, discover: 0, capture: 0 }, away } as const;
    house.accountList.splice(
      0,
      1,
      { ...account, name: 'new', lastSuccessAt: null },
      { ...account, name: 'old', lastSuccessAt: T0 },
    );
    const client = await serve(house);
    const listed = reply.accountsReply.parse((await client.send('GET', '/api/account')).json);
    expect(listed.accounts).toMatchObject([
      { name: 'new', state: 'waiting', failure: away },
      { name: 'old', state: 'usable', failure: null },
    ]);
    // No fault is known, but the cloud has not served the account yet.
    const queued = { renew: 0, discover: 0, capture: 0 };
    house.accountList.splice(0, 9, { name: 'fresh', vendor: 'ezviz', refused: null, lastSuccessAt: null, queued });
    const fresh = reply.accountsReply.parse((await client.send('GET', '/api/account')).json);
    expect(fresh.accounts).toMatchObject([{ name: 'fresh', state: 'waiting', usable: false }]);
  });

  it("shows what is strange about an account's listing", async () => {
    const house = fakeHouse();
    const record = { listing: 'cameras', position: 3, deviceSerial: 'AB1', field: 'device.channelInfo' } as const;
    const note = { code: 'LISTING_ODD_RECORDS', message: 'One is odd.', cure: 'Look.', records: [record] } as const;
    const queued = { renew: 0, discover: 0, capture: 0 };
    house.accountList.push({ name: 'ezviz', vendor: 'ezviz', refused: null, queued, notes: [note] });
    const client = await serve(house);
    const listed = reply.accountsReply.parse((await client.send('GET', '/api/account')).json);
    expect(listed.accounts.map(({ notes }) => notes)).toEqual([[], [note]]);
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
