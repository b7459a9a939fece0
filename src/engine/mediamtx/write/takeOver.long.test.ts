import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, test } from 'vitest';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import { aTarget, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import {
  carried,
  startMediaMtxRig,
  type MediaMtxRig,
  type RigOptions,
} from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import { OWN_PATHS_FILE } from '../mediaMtxEngine.js';
import { feederPath, publicPath, pullPath, type PathConfigs } from '../paths/pathConfig.js';
import { pathsToTakeOver } from './takeOver.js';
import { vendorsWith } from '../../../../test/support/clouds/vendors.js';

const at = (device: string, form = '/'): string =>
  `rtmp://vtm.ezvizlife.com:1935/v3/openlive${form}${device}_1?expire=1&id=2`;
const pulled = (device: string, form?: string) => pullPath(at(device, form), 'watched');
const ALWAYS = publicPath({ tracks: [{ codec: 'H264' }] });

const table: readonly [string, PathConfigs, PathConfigs, string[]][] = [
  [
    'the same device and channel',
    new Map([['gate', pulled('A1_1')]]),
    new Map([['gate', pulled('A1_1', '#')]]),
    ['gate'],
  ],
  [
    'a list of HLS',
    new Map([['gate', pullPath('https://x.ezvizlife.com/v3/openlive/a1_1_2.m3u8', 'watched')]]),
    new Map([['gate', pulled('A1_1', '#')]]),
    ['gate'],
  ],
  ['another device', new Map([['gate', pulled('B1_1')]]), new Map([['gate', pulled('A1_1', '#')]]), []],
  ['another channel', new Map([['gate', pulled('A1_2')]]), new Map([['gate', pulled('A1_1', '#')]]), []],
  ['another name', new Map([['door', pulled('A1_1')]]), new Map([['gate', pulled('A1_1', '#')]]), []],
  [
    'no device at all',
    new Map([['gate', pullPath('rtsp://10.0.0.5/one', 'watched')]]),
    new Map([['gate', pulled('A1_1', '#')]]),
    [],
  ],
  ['a publisher', new Map([['gate', pullPath('publisher', 'always')]]), new Map([['gate', pulled('A1_1', '#')]]), []],
  [
    'what its own feeder publishes',
    new Map([
      ['gate', ALWAYS],
      ['_lease/gate/3', feederPath(at('A1_1', '#'), null)],
      ['_lease/door/3', feederPath(at('A1_1', '#'), null)],
    ]),
    new Map([
      ['gate', ALWAYS],
      ['_lease/gate/4', feederPath(at('A1_1', '#'), null)],
    ]),
    ['gate', '_lease/gate/3'],
  ],
];

it.each(table)('a path with the name of a camera that shows %s', (_what, foreign, wanted, names) => {
  expect([...pathsToTakeOver(foreign, wanted, vendorsWith())].sort()).toEqual([...names].sort());
});

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('taking paths over on MediaMTX'))('on real MediaMTX', () => {
  let rig: MediaMtxRig | null = null;
  afterEach(async () => {
    await rig?.stop();
    rig = null;
  }, 30_000);

  const begin = async (options: RigOptions): Promise<MediaMtxRig> => (rig = await startMediaMtxRig(options));
  const sourceOf = async ({ mediaMtx }: MediaMtxRig, name: string): Promise<string> => {
    const reply = await fetch(`${mediaMtx.apiUrl}/v3/config/paths/get/${name}`);
    return ((await reply.json()) as { source: string }).source;
  };

  const OLD = 'rtmp://127.0.0.1:9/v3/openlive/A1_1_1?expire=1796441945&id=1';
  const BY_HAND = `
  # the gate, by hand
  gate:
    source: ${OLD}   # from the old script
    sourceOnDemand: yes
    maxReaders: 7
  door:   # mine
    source: rtmp://127.0.0.1:9/v3/openlive/B1_1_1?expire=1796441945&id=1
`;

  test('an old path that pulls the camera is renewed like ours, and keeps what its operator added', async () => {
    const { mediaMtx, engine, names } = await begin({ config: (template) => template + BY_HAND });
    const { origin } = rig as MediaMtxRig;
    const lease = aTarget({ url: origin.rtmpUrl('v3/openlive', 'A1_1_1?expire=4102444800&id=2') });
    const report = await engine.apply(streamsOf({ gate: lease }));
    expect(report).toMatchObject({ changed: ['gate'] });
    expect(report.refused).toEqual([]);
    expect(await sourceOf(rig as MediaMtxRig, 'gate')).toContain('#A1_1_1?expire=4102444800');
    await until(async () => (await mediaMtx.config()).includes('expire=4102444800&id=2'));
    const text = await mediaMtx.config();
    expect(text).toMatch(/# the gate, by hand\n {2}gate:\n(?: {4}"source.*\n)+ {4}maxReaders: 7\n/);
    expect(text).not.toContain(OLD);
    expect(text).toContain('  door:   # mine\n    source: rtmp://127.0.0.1:9/v3/openlive/B1_1_1');
    expect((await engine.apply(streamsOf({ gate: lease }))).by).toBe('none');
    await engine.apply(streamsOf({}));
    expect(await names()).toEqual(['door']);
  });

  test('drops its viewers once, and not again when the file follows', async () => {
    const { engine, mediaMtx, watch } = await begin({
      config: (template) => `${template}\n  gate:\n    source: rtmp://127.0.0.1:9/x/y\n`,
    });
    const { origin } = rig as MediaMtxRig;
    const playing = origin.rtmpUrl('v3/openlive', 'A1_1_1?expire=4102444800&id=1');
    await fetch(`${mediaMtx.apiUrl}/v3/config/paths/patch/gate`, {
      method: 'PATCH',
      body: JSON.stringify({ source: playing.replace('/A1', '#A1'), sourceOnDemand: true }),
    });
    await until(async () => (await sourceOf(rig as MediaMtxRig, 'gate')).includes('A1_1_1'));
    const before = await watch('gate');
    await until(() => before.items.length > 5, 20_000);
    const renewed = aTarget({ revision: 2, url: origin.rtmpUrl('v3/openlive', 'A1_1_1?expire=4102444800&id=2') });
    await engine.apply(streamsOf({ gate: renewed }));
    await until(() => before.ended, 20_000);
    const after = await watch('gate');
    await until(() => after.items.length > 5, 20_000);
    // The file gets the same line 2 s after the API.
    await until(async () => (await mediaMtx.config()).includes('expire=4102444800&id=2'), 15_000);
    const seen = after.items.length;
    await until(() => after.items.length > seen + 30, 20_000);
    expect(after.ended).toBe(false);
  }, 60_000);

  test('a path that shows another device is told at every apply, and stays', async () => {
    const { engine } = await begin({ config: (template) => template + BY_HAND });
    const wanted = streamsOf({ door: aTarget({ url: 'rtmp://127.0.0.1:9/v3/openlive/A1_1_1?expire=4102444800' }) });
    for (let time = 0; time < 3; time++) {
      const { refused } = await engine.apply(wanted);
      expect(refused).toMatchObject([
        { cameraId: 'door', code: 'PATH_TAKEN', cure: expect.stringContaining('Rename') as string },
      ]);
    }
    expect(await sourceOf(rig as MediaMtxRig, 'door')).toContain('B1_1_1');
  });

  test('whose list of own paths was lost takes its own lines for its own again', async () => {
    const { engine, mediaMtx, lease, onAir, restartEngine, names } = await begin({});
    const both = (revision: number) =>
      new Map([
        ...streamsOf({
          door: aTarget({ revision, url: `rtmp://127.0.0.1:9/v3/openlive/B1_1_1?expire=410244480${revision}` }),
        }),
        ...carried('gate', lease('gate', 1)),
      ]);
    await engine.apply(both(1));
    await onAir('gate');
    const list = join(mediaMtx.folder, OWN_PATHS_FILE);
    expect(await readFile(list, 'utf8')).toContain('gate');
    await until(async () => (await mediaMtx.config()).includes('"door": {'));
    await engine.stop();
    await rm(list);
    const next = await restartEngine();
    const report = await next.apply(both(2));
    expect(report.refused).toEqual([]);
    expect(await sourceOf(rig as MediaMtxRig, 'door')).toContain('expire=4102444802');
    expect(await names()).toEqual(['_lease/gate/1', 'door', 'gate']);
  }, 60_000);
});
