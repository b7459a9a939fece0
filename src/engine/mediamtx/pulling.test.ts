import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import type { Origin } from '../../../simulator/origin/types.js';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf } from '../../../test/support/engine/mediamtxEngine.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { systemClock } from '../../systemClock.js';
import type { MediaEngine } from '../mediaEngine.js';

/** A stream name as the cloud signed it: its percent sign has to arrive unchanged. */
const NAME = 'SIM000001_1_1?expire=4102444800&id=7&t=a%2Fb';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('pulls of MediaMTX'))('real MediaMTX pulls', () => {
  let origin: Origin;
  let mediaMtx: TestMediaMtx;
  let engine: MediaEngine;
  const plays: string[] = [];

  beforeEach(async () => {
    plays.length = 0;
    origin = await startOrigin({
      clock: systemClock,
      keyFrameSeconds: 1,
      lookup: (app, name) => ({
        play: app === 'v3/openlive' && name === NAME ? 'camera' : 'refuse',
        cameraName: 'Gate',
        clipKey: 'gate',
      }),
      onOpen: (name) => plays.push(name),
    });
    mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    await mediaMtx.start();
    engine = await engineFor(mediaMtx, { proofBoundMs: 8_000 });
    await engine.start();
  });
  afterEach(async () => {
    await engine.stop();
    await mediaMtx.stop();
    await origin.stop();
  });

  const gate = (): PullTarget => aTarget({ url: origin.rtmpUrl('v3/openlive', NAME) });
  const sessionIds = async (): Promise<string[]> => {
    const list = (await (await fetch(`${mediaMtx.apiUrl}/v3/hlssessions/list`)).json()) as { items: { id: string }[] };
    return list.items.map(({ id }) => id);
  };

  test('our form of a vendor URL, to the byte, and not the form as the vendor gave it', async () => {
    expect(await engine.prove('gate', gate())).toMatchObject({ tracks: { video: { codec: 'H264' } } });
    expect(plays).toEqual([NAME]);
    const naive = { source: gate().url, sourceOnDemand: false };
    await fetch(`${mediaMtx.apiUrl}/v3/config/paths/replace/naive`, { method: 'POST', body: JSON.stringify(naive) });
    // From a URL without a fragment, MediaMTX sends the whole path as the app and no stream name.
    await until(() => mediaMtx.log().includes('The stream name is empty'));
    expect(plays).toEqual([NAME]);
  });

  test('a watched camera on without a break while others are added, changed and removed', async () => {
    await engine.apply(streamsOf({ gate: gate() }));
    expect((await fetch(engine.links('gate', '').hlsUrl)).status).toBe(200);
    const watching = await sessionIds();
    expect(watching).toHaveLength(1);
    const others = (revision: number): Record<string, PullTarget> =>
      Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, aTarget({ revision })]));
    expect((await engine.apply(streamsOf({ gate: gate(), ...others(1) }))).by).toBe('file');
    expect((await engine.apply(streamsOf({ gate: gate(), ...others(2) }))).by).toBe('file');
    expect((await engine.apply(streamsOf({ gate: gate() }))).by).toBe('file');
    // The rewrites of the file dropped nobody.
    expect(await sessionIds()).toEqual(watching);
    expect(plays).toEqual([NAME]);
    // `flowing` takes two calls of `states`, between which bytes grew.
    await until(async () => (await engine.states()).get('gate')?.flow === 'flowing');
    expect((await engine.states()).get('gate')).toMatchObject({ flow: 'flowing', viewers: 1 });
  });
});
