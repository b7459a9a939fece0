import axios, { AxiosError } from 'axios';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  pathNames,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, silentLog, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import { FakeRelay, FAKE_RELAY_HOST } from '../../../../test/support/relay/fakeRelay.js';
import { AppError } from '../../../core/errors.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaEngine } from '../../mediaEngine.js';
import type { MediaMtxEngineOptions } from '../mediaMtxEngine.js';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

interface Rig {
  readonly mediaMtx: TestMediaMtx;
  readonly relay: FakeRelay;
  readonly engine: MediaEngine;
  readonly warnings: string[];
  /** How many requests to MediaMTX's API changed something. */
  readonly apiWrites: () => number;
  /** Makes MediaMTX's API reachable or not; MediaMTX itself runs on. */
  readonly reach: (isReached: boolean) => void;
  /** Another engine on the same MediaMTX, as after a restart of camlease. */
  readonly restart: (more?: Partial<MediaMtxEngineOptions>) => Promise<MediaEngine>;
}

async function rig(text?: string, more: Partial<MediaMtxEngineOptions> = {}): Promise<Rig> {
  const mediaMtx = await makeMediaMtx(text ?? (await mediaMtxTemplate()));
  opened.push(() => mediaMtx.stop());
  await mediaMtx.start();
  const relay = new FakeRelay();
  const warnings: string[] = [];
  let writes = 0;
  const http = axios.create();
  let isReached = true;
  http.interceptors.request.use((request) => {
    if (!isReached) throw new AxiosError('connect ECONNREFUSED', 'ECONNREFUSED', request);
    if (request.method !== 'get') writes += 1;
    return request;
  });
  const warn = (message: string, fields?: object): void => void warnings.push(`${message} ${JSON.stringify(fields)}`);
  let running: MediaEngine | null = null;
  const restart = async (changed: Partial<MediaMtxEngineOptions> = {}): Promise<MediaEngine> => {
    await running?.stop();
    running = await engineFor(mediaMtx, { http, relay, log: { ...silentLog, warn }, ...more, ...changed });
    await running.start();
    return running;
  };
  const engine = await restart();
  opened.push(async () => running?.stop());
  const reach = (isReachedNow: boolean): void => void (isReached = isReachedNow);
  return { mediaMtx, relay, engine, warnings, apiWrites: () => writes, reach, restart };
}

async function sourceOf({ apiUrl }: TestMediaMtx, name: string): Promise<string> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/get/${name}`);
  return ((await reply.json()) as { source: string }).source;
}

const reloads = (mediaMtx: TestMediaMtx): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;
const relayLine = (name: string): string => `rtsp://${FAKE_RELAY_HOST}/${name}`;
const ids = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `cam${at}`);
const many = (count: number, revision = 1): DesiredStreams =>
  streamsOf(Object.fromEntries(ids(count).map((id) => [id, aTarget({ revision })])));

/** The same cameras as seamless ones, with proven leases. */
const kept = (count: number, revision = 1): DesiredStreams => {
  const tracks = { video: { codec: 'H264', width: 1280, height: 720 }, audio: null };
  const inForce = aTarget({ revision, tracks });
  return new Map(ids(count).map((id) => [id, { mode: 'seamless', inForce, candidate: null }]));
};

describe.skipIf(mediaMtxProgram === null)('with a relay, on real MediaMTX', () => {
  test('every on-demand camera has one line for ever: ten renewals write nothing', async () => {
    const { mediaMtx, relay, engine, apiWrites } = await rig();
    expect(await engine.apply(many(5))).toMatchObject({ by: 'file', refused: [] });
    expect(await sourceOf(mediaMtx, 'cam0')).toBe(relayLine('cam0'));
    const [text, writes, seen] = [await mediaMtx.config(), apiWrites(), reloads(mediaMtx)];
    let wanted = many(5);
    for (let revision = 2; revision < 12; revision++) {
      wanted = many(5, revision);
      const report = await engine.apply(wanted);
      expect(report).toMatchObject({ changed: [], by: 'none', refused: [] });
      expect(report.moved).toEqual(ids(5).map((cameraId) => ({ cameraId, revision, how: 'relay' })));
      expect(relay.now.get('cam4')?.target?.revision).toBe(revision);
      expect((await engine.states()).get('cam4')?.revision).toBe(revision);
    }
    expect(await engine.apply(wanted)).toEqual({ changed: [], by: 'none', refused: [] });
    expect([await mediaMtx.config(), apiWrites(), reloads(mediaMtx)]).toEqual([text, writes, seen]);
    expect(relay.told).toHaveLength(11);
  });

  test('so has every seamless one, which MediaMTX pulls all the time: ten renewals write nothing', async () => {
    const { mediaMtx, relay, engine, apiWrites } = await rig();
    expect(await engine.apply(kept(5))).toMatchObject({ by: 'file', refused: [] });
    const line = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/cam0`);
    expect(await line.json()).toMatchObject({
      ...{ source: relayLine('cam0'), sourceOnDemand: false, rtspTransport: 'tcp', alwaysAvailable: false },
    });
    const [text, writes] = [await mediaMtx.config(), apiWrites()];
    for (let revision = 2; revision < 12; revision++) {
      expect(engine.swapsUnnoticed({ id: 'cam0', mode: 'seamless' }, null, null)).toBe(true);
      const report = await engine.apply(kept(5, revision));
      expect(report).toMatchObject({ changed: [], by: 'none', refused: [] });
      expect(report.moved).toEqual(ids(5).map((cameraId) => ({ cameraId, revision, how: 'relay' })));
      expect(relay.now.get('cam4')?.target?.revision).toBe(revision);
    }
    expect([await mediaMtx.config(), apiWrites(), await pathNames(mediaMtx)]).toEqual([text, writes, ids(5)]);
  });

  test('a seamless camera that the relay does not know of is stopped, whether or not somebody watches', async () => {
    const { relay, engine } = await rig();
    await engine.apply(kept(2));
    relay.reads('cam0');
    const states = await engine.states();
    expect(states.get('cam0')).toMatchObject({ flow: 'flowing', carrier: 'relay', viewers: 0 });
    expect(states.get('cam1')).toMatchObject({ flow: 'stopped', carrier: 'relay', viewers: 0 });
  });

  test('a direct camera, and one of another mode, are as without it', async () => {
    const { mediaMtx, relay, engine } = await rig();
    await engine.apply(new Map([['gate', { mode: 'direct', inForce: aTarget(), candidate: null }]]));
    expect(await sourceOf(mediaMtx, 'gate')).toContain('rtmp://127.0.0.1:9/');
    expect([engine.movesFreely?.({ id: 'gate', mode: 'direct' }), relay.now.size]).toEqual([false, 0]);
    const swapped = await engine.apply(
      new Map([['gate', { mode: 'direct', inForce: aTarget({ revision: 2 }), candidate: null }]]),
    );
    expect(swapped.moved).toEqual([{ cameraId: 'gate', revision: 2, how: 'swap' }]);
  });

  test('a camera without a lease keeps its line, gets one, and loses it when it is not named any more', async () => {
    const { mediaMtx, relay, engine } = await rig();
    await engine.apply(many(1));
    expect(await engine.apply(streamsOf({ cam0: null }))).toMatchObject({ by: 'none', changed: [] });
    expect(await sourceOf(mediaMtx, 'cam0')).toBe(relayLine('cam0'));
    expect([relay.now.get('cam0')?.target, (await engine.states()).get('cam0')?.revision]).toEqual([null, null]);
    expect(await engine.apply(streamsOf({ cam0: null, yard: null }))).toMatchObject({ changed: ['yard'] });
    expect(await engine.apply(streamsOf({ yard: null }))).toMatchObject({ changed: ['cam0'] });
    expect([await pathNames(mediaMtx), [...relay.now.keys()]]).toEqual([['yard'], ['yard']]);
  });

  test('what an operator added to a line stays, on the way to the relay, back, and at each renewal', async () => {
    const { mediaMtx, relay, engine, restart } = await rig();
    await engine.stop();
    const before = await restart({ relay: null });
    await before.apply(many(3));
    const own = (await mediaMtx.config()).replace('"cam1": {', '"cam1": {maxReaders: 7, ');
    const maxReaders = async (): Promise<number> => {
      const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/cam1`);
      return ((await reply.json()) as { maxReaders: number }).maxReaders;
    };
    // MediaMTX's watcher misses a change within a second after another: write until it has read it.
    await until(async () => {
      await writeFile(mediaMtx.configPath, own);
      return (await maxReaders()) === 7;
    });
    const after = await restart();
    expect(await after.apply(many(3))).toMatchObject({ by: 'file', changed: ids(3) });
    expect([await sourceOf(mediaMtx, 'cam1'), await maxReaders()]).toEqual([relayLine('cam1'), 7]);
    relay.fail();
    await until(async () => (await sourceOf(mediaMtx, 'cam1')).startsWith('rtmp:'));
    expect(await maxReaders()).toBe(7);
    expect(await readFile(mediaMtx.configPath, 'utf8')).not.toContain('"rtspTransport"');
  });

  test('a camlease that comes back has nothing to write, and is not told that anything moved', async () => {
    const { engine, relay, restart } = await rig();
    await engine.apply(many(3));
    const next = await restart();
    expect(await next.apply(many(3))).toEqual({ changed: [], by: 'none', refused: [] });
    expect(relay.told).toHaveLength(2);
    expect(await next.apply(many(3, 2))).toMatchObject({ by: 'none', moved: [{}, {}, {}] });
  });

  test('lines of a list that was lost are taken for our own again, those from before the relay too', async () => {
    const { mediaMtx, engine, restart } = await rig();
    await engine.apply(many(3));
    await engine.stop();
    await writeFile(`${mediaMtx.folder}/mediamtx-paths.json`, '{"paths":[]}');
    const next = await restart();
    expect(await next.apply(many(3))).toMatchObject({ refused: [] });
    const direct = await restart({ relay: null });
    await direct.apply(many(3));
    await direct.stop();
    await writeFile(`${mediaMtx.folder}/mediamtx-paths.json`, '{"paths":[]}');
    const last = await restart();
    expect(await last.apply(many(3))).toMatchObject({ refused: [], by: 'file' });
    expect(await sourceOf(mediaMtx, 'cam2')).toBe(relayLine('cam2'));
  });

  test('defaults that a pull by RTSP cannot live with are set aside on the lines', async () => {
    const defaults =
      'rtspTransport: udp\n  rtspRangeType: clock\n  sourceFingerprint: 33949E05FFFB5FF3E8AA16F8213A6251';
    const text = (await mediaMtxTemplate()).replace(/^pathDefaults:.*\n/m, '');
    const { mediaMtx, engine } = await rig(`pathDefaults:\n  ${defaults}\n${text}`);
    for (const wanted of [many(1), many(4)]) expect((await engine.apply(wanted)).refused).toEqual([]);
    const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/cam0`);
    expect(await reply.json()).toMatchObject({ source: relayLine('cam0'), rtspTransport: 'tcp', rtspRangeType: '' });
    expect(await engine.apply(many(4, 2))).toMatchObject({ by: 'none', refused: [] });
  });
});

describe.skipIf(mediaMtxProgram === null)('where the relay cannot be used, on real MediaMTX', () => {
  test('all lines go to the clouds in one write, it is said with the cure, and they come back when it is well', async () => {
    const { mediaMtx, relay, engine, warnings } = await rig();
    await engine.apply(many(6));
    const seen = reloads(mediaMtx);
    relay.fail('Its workers died five times in a minute.');
    await until(async () => (await sourceOf(mediaMtx, 'cam5')).includes('/v3/openlive'));
    expect(reloads(mediaMtx)).toBe(seen + 1);
    expect(engine.status()).toMatchObject({
      ready: true,
      problem: expect.stringMatching(/died five times.*Start it\./) as string,
    });
    expect(warnings.filter((line) => line.includes('relay'))).toHaveLength(1);
    // MediaMTX has the new lines a moment before the engine has confirmed them.
    await until(async () => (await engine.states()).get('cam5')?.carrier === undefined);
    expect(engine.movesFreely?.({ id: 'cam5', mode: 'on-demand' })).toBe(false);
    relay.recover();
    await until(async () => (await sourceOf(mediaMtx, 'cam5')) === relayLine('cam5'));
    expect([reloads(mediaMtx), engine.status().problem]).toEqual([seen + 2, null]);
  });

  test('seamless cameras are carried as always-on ones, and go back in one write', async () => {
    const { mediaMtx, relay, engine } = await rig();
    await engine.apply(kept(3));
    const seen = reloads(mediaMtx);
    relay.fail();
    await until(async () => (await engine.states()).get('cam2')?.carrier === 'forward');
    expect(await pathNames(mediaMtx)).toEqual(expect.arrayContaining(['_lease/cam2/1', 'cam2']));
    expect(engine.movesFreely?.({ id: 'cam2', mode: 'seamless' })).toBe(false);
    expect(engine.swapsUnnoticed({ id: 'cam2', mode: 'seamless' }, null, null)).toBe(true);
    const before = reloads(mediaMtx);
    relay.recover();
    await until(async () => (await engine.states()).get('cam2')?.carrier === 'relay');
    expect([seen + 1, reloads(mediaMtx) - before]).toEqual([before, 1]);
    expect(await pathNames(mediaMtx)).toEqual(ids(3));
  });

  test('one that goes away, or comes back, while MediaMTX cannot be reached is taken for what it is once MediaMTX can', async () => {
    const { mediaMtx, relay, engine, reach } = await rig();
    await engine.apply(many(2));
    reach(false);
    await until(() => !engine.status().ready);
    // A restarted relay is told its cameras although MediaMTX's API is away.
    relay.restarted();
    await until(() => relay.told.length === 2);
    relay.fail();
    reach(true);
    await until(async () => (await sourceOf(mediaMtx, 'cam1')).includes('/v3/openlive'));
    reach(false);
    await until(() => !engine.status().ready);
    relay.recover();
    await until(() => relay.told.length === 3);
    reach(true);
    await until(async () => (await sourceOf(mediaMtx, 'cam1')) === relayLine('cam1'));
  });

  test('one that takes nothing of what it is told in the background is told again', async () => {
    const { relay, engine } = await rig();
    await engine.apply(many(2));
    relay.refusal = new AppError('DISK_FULL', 'The disk of the relay is full.');
    relay.restarted();
    await until(() => relay.told.length === 2);
    expect(relay.now.size).toBe(2);
  });

  test('a camera goes to its next lease as without it, and its line goes with the last one', async () => {
    const { mediaMtx, relay, engine } = await rig();
    await engine.apply(many(2));
    relay.fail();
    const report = await engine.apply(many(2, 2));
    expect(report.moved).toEqual(ids(2).map((cameraId) => ({ cameraId, revision: 2, how: 'swap' })));
    await engine.apply(streamsOf({ cam0: null }));
    expect(await pathNames(mediaMtx)).toEqual([]);
    relay.recover();
    await until(async () => (await pathNames(mediaMtx)).length === 1);
    expect(await sourceOf(mediaMtx, 'cam0')).toBe(relayLine('cam0'));
  });

  test('a host that it failed with twice by protocol is pulled by MediaMTX, which the camera says', async () => {
    const { mediaMtx, relay, engine, warnings } = await rig();
    const other = aTarget({ url: 'rtmp://127.0.0.1:10/v3/openlive/other' });
    const wanted: DesiredStreams = new Map([
      ...many(3),
      ['shop', { mode: 'on-demand', inForce: other, candidate: null }],
    ]);
    await engine.apply(wanted);
    const failing = { state: 'opening', revision: null, quietMs: null, reason: 'protocol' } as const;
    relay.reads('cam0', { ...failing, protocolFailures: 1 });
    relay.reads('cam1');
    expect((await engine.states()).get('cam0')).toMatchObject({ carrier: 'relay', reason: 'protocol' });
    const ofHosts = (): string[] => warnings.filter((line) => line.includes('does not understand'));
    expect([await sourceOf(mediaMtx, 'cam0'), ofHosts()]).toEqual([relayLine('cam0'), []]);
    relay.reads('cam0', { ...failing, protocolFailures: 2 });
    await engine.states();
    await until(async () => (await sourceOf(mediaMtx, 'cam2')).startsWith('rtmp://127.0.0.1:9/'));
    // A camera that is live at the relay stays there, and so do cameras of other hosts.
    expect(await Promise.all(['cam0', 'cam1', 'shop'].map((id) => sourceOf(mediaMtx, id)))).toEqual([
      expect.stringMatching(/^rtmp:/) as string,
      ...['cam1', 'shop'].map(relayLine),
    ]);
    relay.seen.delete('cam0');
    const camera = (await engine.states()).get('cam0');
    expect([camera?.carrier, camera?.reason, camera?.flow]).toEqual([undefined, 'protocol', 'idle']);
    expect([engine.movesFreely?.({ id: 'cam0', mode: 'on-demand' }), ofHosts().length]).toEqual([false, 1]);
    expect(ofHosts()[0]).toMatch(/does not understand.*"host":"127\.0\.0\.1:9".*"cure":/);
    const next = await engine.apply(new Map([...wanted, ...many(1, 2)]));
    expect(next.moved).toEqual([{ cameraId: 'cam0', revision: 2, how: 'swap' }]);
  });

  test('a relay that refuses what it is told holds no other camera up', async () => {
    const { mediaMtx, relay, engine } = await rig();
    relay.refusal = new AppError('DISK_FULL', 'The disk of the relay is full.');
    const wanted: DesiredStreams = new Map([
      ...many(1),
      ['shop', { mode: 'direct', inForce: aTarget(), candidate: null }],
    ]);
    await expect(engine.apply(wanted)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await pathNames(mediaMtx)).toEqual(['cam0', 'shop']);
    expect(await engine.apply(wanted)).toMatchObject({ refused: [] });
  });
});

describe.skipIf(mediaMtxProgram === null)('moving over from lines of before, on real MediaMTX', () => {
  test('those that nobody watches go in one rewrite, which the plan says', async () => {
    const { mediaMtx, engine, restart } = await rig(undefined, { relay: null });
    await engine.apply(many(5));
    const next = await restart({ relay: new FakeRelay() });
    const seen = reloads(mediaMtx);
    const planned = await next.plan(many(5));
    expect(planned.map(({ cameraId, how, paths }) => [cameraId, how, paths])).toEqual(
      ids(5).map((id) => [id, 'hot', [{ name: id, action: 'change' }]]),
    );
    expect(planned.map(({ movesTo }) => movesTo)).toEqual(ids(5).map(() => 'relay'));
    const report = await next.apply(many(5));
    expect([report.by, report.changed, report.moved]).toEqual(['file', ids(5), undefined]);
    expect(reloads(mediaMtx)).toBe(seen + 1);
    expect(await next.plan(many(5, 2))).toEqual(
      ids(5).map((cameraId) => ({ cameraId, how: 'hot', viewers: 0, paths: [] })),
    );
  });
});
