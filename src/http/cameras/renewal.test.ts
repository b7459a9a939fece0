import { describe, expect, it } from 'vitest';
import { aCamera, aCandidate, aFailure, aLease, at, DAY, HOUR } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { CAMERA_MODES, type Camera } from '../../core/camera/camera.js';
import type { StreamTracks } from '../../core/camera/tracks.js';
import * as reply from '../shapes/replySchemas.js';

const ID = '0123456789abcdef01234567';
const tracks: StreamTracks = {
  video: { codec: 'H264', width: 1280, height: 720 },
  audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 },
};

/** A house on day 6 with one camera that two viewers watch. */
async function houseWith(camera: Camera): Promise<FakeHouse> {
  const house = fakeHouse();
  house.stored.set(ID, camera);
  house.seen.set(ID, { revision: camera.lease?.revision ?? null, flow: 'flowing', viewers: 2 });
  await house.clock.advance(6 * DAY);
  return house;
}

async function shown(house: FakeHouse): Promise<ReturnType<typeof reply.oneCameraReply.parse>['camera']> {
  const client = await serve(house);
  const one = await client.send('GET', `/api/camera/${ID}`);
  const list = reply.camerasReply.parse((await client.send('GET', '/api/camera')).json);
  const { camera } = reply.oneCameraReply.parse(one.json);
  expect(list.cameras).toEqual([camera]);
  return camera;
}

describe('who reads a camera knows what happens next and when', () => {
  it('of a healthy renewal', async () => {
    const lease = aLease({ obtainedAt: at(4 * DAY), revision: 3, tracks });
    const camera = await shown(await houseWith(aCamera({ lease })));
    expect(camera.health).toMatchObject({ state: 'healthy', sentence: 'The picture plays.' });
    expect(camera.renewal).toEqual({
      ...{ state: 'resting', reason: 'fresh', sentence: 'Lease 3 is good: it brought a picture.' },
      ...{ nextStep: 'camlease renews the lease.', nextStepAt: at(9 * DAY).toISOString(), forcedAt: null },
      urgency: 'calm',
    });
    expect(camera.health).toMatchObject({ nextStep: camera.renewal.nextStep, nextStepAt: camera.renewal.nextStepAt });
    expect(camera.lease?.tracks).toEqual(tracks);
    expect(camera.stream).toEqual({ revision: 3, flow: 'flowing', carrier: null, reason: null, viewers: 2 });
  });

  it('of a held one', async () => {
    const house = await houseWith(aCamera({ lease: aLease(), candidate: aCandidate() }));
    house.decisions.set(ID, { action: 'hold', reason: 'watched', until: at(6 * DAY + 10_000) });
    const camera = await shown(house);
    const forcedAt = at(7 * DAY - HOUR).toISOString();
    expect(camera.renewal).toMatchObject({ state: 'held', reason: 'watched', nextStepAt: forcedAt, forcedAt });
    expect(camera.health).toMatchObject({ state: 'healthy', nextStep: camera.renewal.nextStep, nextStepAt: forcedAt });
    expect(camera.candidate).toMatchObject({ revision: 2, proof: 'proven', tracks: null });
  });

  it('of a failing one, without secrets', async () => {
    const failure = aFailure({
      ...{
        code: 'STREAM_NO_PICTURE',
        at: at(6 * DAY),
        since: at(5 * DAY),
        attempts: 2,
        nextLookAt: at(6 * DAY + HOUR),
      },
      ...{ message: 'Nothing came from rtmp://vtm.ezvizlife.com/planted.', cure: 'Look at the camera.' },
    });
    const camera = await shown(await houseWith(aCamera({ lease: aLease(), failure })));
    const next = { nextStep: 'camlease asks the cloud again. What helps: Look at the camera.' };
    const at7 = { nextStepAt: at(6 * DAY + HOUR).toISOString() };
    expect(camera.renewal).toMatchObject({ state: 'failing', reason: 'STREAM_NO_PICTURE', ...next, ...at7 });
    expect(camera.renewal.sentence).toContain('Lease 1 stays in force until 2026-01-12 08:00:00 UTC.');
    expect(camera.health).toMatchObject({ state: 'failing', ...next, ...at7 });
    expect(JSON.stringify(camera)).not.toContain('planted');
  });
});

describe('how a camera is carried', () => {
  it.each(CAMERA_MODES)('may be changed to %s', async (mode) => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ mode: mode === 'on-demand' ? 'seamless' : 'on-demand' }));
    const client = await serve(house);
    const body = { mode, errorClipCheck: false, whenGone: 'end' };
    const changed = reply.oneCameraReply.parse((await client.send('PUT', `/api/camera/${ID}`, { body })).json);
    expect(changed.camera).toMatchObject(body);
    const made = { ...body, name: 'Yard', hikvisionDeviceSerial: 'CD1' };
    const created = reply.oneCameraReply.parse((await client.send('POST', '/api/camera', { body: made })).json);
    expect(created.camera).toMatchObject(body);
    const usual = { name: 'Gate', hikvisionDeviceSerial: 'CD2' };
    const plain = reply.oneCameraReply.parse((await client.send('POST', '/api/camera', { body: usual })).json);
    expect(plain.camera).toMatchObject({ mode: 'on-demand', whenGone: 'slate' });
    const odd = await client.send('PUT', `/api/camera/${ID}`, { body: { whenGone: 'never' } });
    expect(odd).toMatchObject({ status: 400, json: { error: { code: 'REQUEST_INVALID' } } });
  });
});
