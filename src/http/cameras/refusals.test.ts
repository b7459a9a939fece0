import { describe, expect, it } from 'vitest';
import { aCamera, aFailure, aLease } from '../../../test/support/builders.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { serve } from '../../../test/support/http/httpClient.js';
import * as reply from '../shapes/replySchemas.js';

const REFUSAL = {
  code: 'ENGINE_REFUSED_SETTING',
  message: 'pathDefaults.runOnDemand in mediamtx.yml forbids a pulled path.',
  cure: 'Take it out of pathDefaults.',
};

function houseOf(refused: number, cameras = 3): FakeHouse {
  const house = fakeHouse();
  for (let one = 1; one <= cameras; one++) {
    const id = `cam-${one}`;
    house.stored.set(id, aCamera({ id, name: `Gate ${one}`, lease: aLease() }));
    house.seen.set(id, { revision: 1, flow: 'idle' });
  }
  const ids = [...house.stored.keys()].slice(0, refused);
  house.engineState = { refused: new Map(ids.map((id) => [id, REFUSAL])), problem: null };
  return house;
}

describe('a camera that the media server refuses', () => {
  it('is dark in list and detail, is not live, and counts as dark', async () => {
    const client = await serve(houseOf(1));
    const one = reply.oneCameraReply.parse((await client.send('GET', '/api/camera/cam-1')).json);
    expect(one.camera.health).toMatchObject({
      ...{ state: 'dark', reason: REFUSAL.code, sentence: REFUSAL.message },
      ...{ nextStep: REFUSAL.cure, nextStepAt: null },
    });
    const list = reply.camerasReply.parse((await client.send('GET', '/api/camera')).json);
    expect(list.health).toEqual({ dark: 1, idle: 2 });
    const live = await client.send('GET', '/api/camera/cam-1/live');
    expect(live.status).toBe(409);
    expect(reply.notLiveReply.parse(live.json).error).toMatchObject({
      ...{ reason: REFUSAL.code, message: REFUSAL.message, cure: REFUSAL.cure },
    });
    expect((await client.send('GET', '/api/camera/cam-2/live')).status).toBe(200);
    expect((await client.send('GET', '/metrics')).text).toContain('camlease_cameras_refused 1');
  });

  it('is named by /ready, which is ready while others are served', async () => {
    const client = await serve(houseOf(1));
    const ready = await client.send('GET', '/ready');
    expect(ready.status).toBe(200);
    const { parts } = reply.readyReply.parse(ready.json);
    expect(parts['streams']).toEqual({
      ready: true,
      problem: `The media server does not serve 1 of 3 cameras: Gate 1. ${REFUSAL.message} ${REFUSAL.cure}`,
    });
    expect(parts['cameras']).toEqual({
      ready: true,
      problem: `Nobody can watch 1 of 3 cameras now: Gate 1 (${REFUSAL.code}).`,
    });
  });

  it('is not alone: a media server that refuses every camera is not ready', async () => {
    const client = await serve(houseOf(3));
    const ready = await client.send('GET', '/ready');
    expect(ready.status).toBe(503);
    expect(reply.readyReply.parse(ready.json)).toMatchObject({
      ready: false,
      error: { code: 'ENGINE_REFUSED', message: expect.stringContaining('3 of 3 cameras') as string },
    });
  });
});

describe('/ready', () => {
  it('tells what is wrong with a media server that works', async () => {
    const house = houseOf(0);
    house.engineState = { ...house.engineState, problem: 'Somebody keeps writing mediamtx.yml.' };
    const client = await serve(house);
    const ready = await client.send('GET', '/ready');
    expect(ready.status).toBe(200);
    expect(reply.readyReply.parse(ready.json).parts).toMatchObject({
      engine: { ready: true, problem: 'Somebody keeps writing mediamtx.yml.' },
      streams: { ready: true, problem: null },
      cameras: { ready: true, problem: null },
    });
  });

  it('names cameras that their cloud gives no lease, and none that was just found', async () => {
    const house = houseOf(0);
    house.stored.set('new', aCamera({ id: 'new', name: 'New' }));
    const failure = aFailure({ code: 'EVZ60019', failureClass: 'permanent', nextLookAt: null });
    house.stored.set('yard', aCamera({ id: 'yard', name: 'Yard', failure }));
    const client = await serve(house);
    const { parts } = reply.readyReply.parse((await client.send('GET', '/ready')).json);
    expect(parts['cameras']?.problem).toBe('Nobody can watch 1 of 5 cameras now: Yard (EVZ60019).');
  });
});
