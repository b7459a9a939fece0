import { describe, expect, onTestFinished, test } from 'vitest';
import { makeMediaMtx, mediaMtxProgram, mediaMtxTemplate, until } from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf, usersFor } from '../../../../test/support/engine/mediamtxEngine.js';
import { FakeRelay } from '../../../../test/support/relay/fakeRelay.js';
import type { MediaEngine } from '../../mediaEngine.js';
import type { Sharing } from '../sharing/sharing.js';

/** The names of public paths in the database that the replicas share. */
const paths = new Map<string, readonly string[]>();

function sharing(writer: string, fence: () => number): Sharing {
  return {
    mayWrite: () => fence() > 0,
    fence,
    writer,
    newId: () => 'the-one-mediamtx',
    readPaths: (marker) => Promise.resolve(paths.get(marker) ?? null),
    writePaths: (marker, names) => Promise.resolve(void paths.set(marker, names)),
    agreeOnUsers: (mine) => Promise.resolve(mine),
  };
}

describe.skipIf(mediaMtxProgram === null)('two replicas with one relay, on real MediaMTX', () => {
  test('the owner tells it under its fence, the other one reads it, and takes over with everything', async () => {
    const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
    onTestFinished(() => mediaMtx.stop());
    await mediaMtx.start();
    const relay = new FakeRelay();
    const fences = { first: 3, second: 0 };
    const users = await usersFor(mediaMtx);
    const begin = async (name: keyof typeof fences): Promise<MediaEngine> => {
      const engine = await engineFor(mediaMtx, { relay, users, sharing: sharing(name, () => fences[name]) });
      await engine.start();
      onTestFinished(() => engine.stop());
      await until(async () => engine.status().ready && (await engine.marker?.()) !== undefined);
      return engine;
    };
    const first = await begin('first');
    await first.marker?.();
    const leases = { gate: aTarget(), yard: aTarget({ revision: 5 }) };
    await first.apply(streamsOf(leases));
    const second = await begin('second');
    await second.standBy?.(streamsOf(leases));
    relay.reads('gate', { state: 'bridging', revision: null, reason: 'ended' });
    const seen = async (engine: MediaEngine): Promise<unknown> =>
      [...(await engine.states())].map(([id, { revision, flow, carrier }]) => [id, revision, flow, carrier]);
    const wanted = [
      ['gate', 1, 'stopped', 'relay'],
      ['yard', 5, 'idle', 'relay'],
    ];
    expect(await seen(first)).toEqual(wanted);
    expect(await seen(second)).toEqual(wanted);
    expect(relay.told.map(({ fence }) => fence)).toEqual([3]);

    Object.assign(fences, { first: 0, second: 4 });
    await first.standBy?.(streamsOf(leases));
    const report = await second.apply(streamsOf({ ...leases, gate: aTarget({ revision: 2 }) }));
    expect([report.changed, report.refused]).toEqual([[], []]);
    expect(relay.told.map(({ fence, cameras }) => [fence, cameras.get('gate')?.target?.revision])).toEqual([
      [3, 1],
      [4, 2],
    ]);
  });
});
