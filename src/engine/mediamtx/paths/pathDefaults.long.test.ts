import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf, withoutOpenings } from '../../../../test/support/engine/mediamtxEngine.js';
import { carried, startMediaMtxRig } from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import type { DesiredStreams } from '../../../core/streams/streams.js';
import type { MediaEngine } from '../../mediaEngine.js';

interface Running {
  readonly mediaMtx: TestMediaMtx;
  readonly engine: MediaEngine;
  readonly said: string[];
}

/** A MediaMTX whose operator set these `pathDefaults`. */
async function running(defaults: string, global = ''): Promise<Running> {
  const mediaMtx = await makeMediaMtx(`${global}${withDefaults(await mediaMtxTemplate(), defaults)}`);
  await mediaMtx.start();
  const said: string[] = [];
  const tell = (message: string, fields?: object): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const engine = await engineFor(mediaMtx, { log: { info: () => undefined, warn: withoutOpenings(tell) } });
  await engine.start();
  onTestFinished(async () => {
    await engine.stop();
    await mediaMtx.stop();
  });
  return { mediaMtx, engine, said };
}

function withDefaults(template: string, defaults: string): string {
  return `pathDefaults: {${defaults}}\n${template}`;
}

function cameras(count: number): DesiredStreams {
  return streamsOf(Object.fromEntries(Array.from({ length: count }, (_, index) => [`cam${index}`, aTarget()])));
}

/** A path's fields as MediaMTX has them; null: no such path. */
async function configOf({ apiUrl }: TestMediaMtx, name: string): Promise<Record<string, unknown> | null> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/get/${name}`);
  return reply.ok ? ((await reply.json()) as Record<string, unknown>) : null;
}

const IMPOSSIBLE = [
  'runOnDemand: sleep 1',
  'runOnUnDemand: sleep 1',
  'srtPublishPassphrase: 0123456789abcdef',
  'sourceRedirect: rtsp://127.0.0.1:9/elsewhere',
  'alwaysAvailable: yes, alwaysAvailableTracks: [{codec: H264}]',
  'alwaysAvailable: yes',
] as const;

const REFUSED = [
  ['recordPath: /somewhere/%Y-%m-%d_%H-%M-%S-%f', 'recordPath'],
  ['srtReadPassphrase: short', 'srtReadPassphrase'],
  ['recordSegmentDuration: 25h, recordDeleteAfter: 0s', 'recordSegmentDuration'],
  ['recordSegmentDuration: 2h, recordDeleteAfter: 1h', 'recordDeleteAfter'],
  ['fallback: nowhere', 'fallback'],
] as const;

describe.skipIf(mediaMtxProgram === null)('defaults for every path, on real MediaMTX', () => {
  test.each(IMPOSSIBLE)('%s: set aside on our own lines, by file and by API, and said once', async (defaults) => {
    const { mediaMtx, engine, said } = await running(defaults);
    const { pid } = mediaMtx;
    expect(await engine.apply(cameras(4))).toMatchObject({ by: 'file', refused: [] });
    expect(await engine.apply(cameras(5))).toMatchObject({ by: 'api', changed: ['cam4'], refused: [] });
    // Lines written by file and by API compare as equal, so nothing is written.
    expect(await engine.apply(cameras(5))).toEqual({ by: 'none', changed: [], refused: [] });
    for (const name of ['cam0', 'cam4']) {
      expect(await configOf(mediaMtx, name)).toMatchObject({ runOnDemand: '', alwaysAvailable: false });
    }
    expect(mediaMtx.pid).toBe(pid);
    expect(said).toEqual([expect.stringContaining(defaults.split(':')[0] ?? '')]);
  });

  test('a line stays as it is where the defaults ask for nothing', async () => {
    const { mediaMtx, engine } = await running('record: no, rtspTransport: tcp, maxReaders: 5');
    await engine.apply(cameras(3));
    const line = (await mediaMtx.config()).split('\n').find((text) => text.includes('"cam1"'));
    expect(line).toMatch(
      /^ {2}"cam1": \{"source": "[^"]+", "sourceOnDemand": true, "source\w+": "15s", "source\w+": "10s"\}$/,
    );
  });

  test.each(REFUSED)('%s: the cameras are refused by its name, and MediaMTX runs on', async (defaults, setting) => {
    const { mediaMtx, engine } = await running(defaults);
    const { pid } = mediaMtx;
    const many = await engine.apply(cameras(4));
    expect(many).toMatchObject({ by: 'none', changed: [] });
    expect(many.refused.map(({ cameraId }) => cameraId)).toEqual(['cam0', 'cam1', 'cam2', 'cam3']);
    for (const { code, message, cure } of many.refused) {
      expect(code).toBe('ENGINE_REFUSED_SETTING');
      expect(`${message} ${cure}`).toContain(setting);
    }
    const one = await engine.apply(cameras(1));
    expect(one.refused).toMatchObject([{ cameraId: 'cam0', code: 'ENGINE_REFUSED_SETTING' }]);
    expect(one.refused[0]?.cure).toContain(setting);
    // The next `apply` reports the refusal again.
    expect((await engine.apply(cameras(1))).refused).toHaveLength(1);
    expect(mediaMtx.pid).toBe(pid);
  });

  test('what was refused is served once the operator corrected his file', async () => {
    const { mediaMtx, engine } = await running('recordPath: /somewhere/%Y-%m-%d_%H-%M-%S-%f');
    let resets = 0;
    engine.onReset(() => (resets += 1));
    const before = resets;
    expect((await engine.apply(cameras(4))).refused).toHaveLength(4);
    await writeFile(mediaMtx.configPath, (await mediaMtx.config()).replace('/somewhere/', '/somewhere/%path/'));
    await until(() => resets > before);
    await until(async () => (await engine.apply(cameras(4))).refused.length === 0);
    expect(await configOf(mediaMtx, 'cam3')).not.toBeNull();
  });

  test('rtspTransport: tcp costs no time and no words', async () => {
    const { mediaMtx, engine, said } = await running('rtspTransport: tcp');
    const begun = performance.now();
    expect(await engine.apply(cameras(1))).toMatchObject({ by: 'api', refused: [] });
    expect(await engine.apply(cameras(5))).toMatchObject({ by: 'file', refused: [] });
    // Bounded by the settle time of the first write and the gap after it.
    expect(performance.now() - begun).toBeLessThan(6_000);
    expect((await engine.apply(cameras(5))).by).toBe('none');
    expect(await configOf(mediaMtx, 'cam0')).toMatchObject({ rtspTransport: 'tcp' });
    expect(said).toEqual([]);
    expect(engine.status().problem).toBeNull();
  });

  test("what an operator's cameras forward to stays theirs, and is no difference", async () => {
    const { mediaMtx, engine } = await running('forward: [{dest: "rtsp://127.0.0.1:9/backup"}]');
    await engine.apply(cameras(3));
    await engine.apply(cameras(4));
    expect(await engine.apply(cameras(4))).toMatchObject({ by: 'none' });
    for (const name of ['cam0', 'cam3'])
      expect(await configOf(mediaMtx, name)).toMatchObject({ forward: [{ dest: 'rtsp://127.0.0.1:9/backup' }] });
  });
});

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('defaults for every path, on an always-on camera'))(
  'defaults for every path, on an always-on camera',
  () => {
    test('only the camera is recorded and fires hooks; internal paths do neither', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'camlease-hooks-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const rig = await startMediaMtxRig({ config: (template) => withDefaults(template, recordingAndHooks(folder)) });
      onTestFinished(() => rig.stop());
      const { engine, lease } = rig;
      await engine.apply(carried('gate', lease('gate', 1)));
      await rig.onAir('gate');
      await engine.apply(carried('gate', lease('gate', 1), lease('gate', 2)));
      await engine.apply(carried('gate', lease('gate', 2)));
      const watch = await rig.watch('gate');
      const fired = async (): Promise<string[]> => (await readFile(join(folder, 'hooks'), 'utf8')).split('\n');
      await until(async () => (await fired()).includes('Read gate'));
      await until(() => existsSync(join(folder, 'gate')));
      await watch.stop();
      const internal = (await fired()).filter((line) => line !== '' && !line.endsWith(' gate'));
      expect(internal).toEqual([]);
      expect(existsSync(join(folder, '_lease'))).toBe(false);
      expect(existsSync(join(folder, '_camlease'))).toBe(false);
      expect((await engine.apply(carried('gate', lease('gate', 2)))).by).toBe('none');
    });

    test.each([
      'useAbsoluteTimestamp: yes',
      'disablePublisherOverride: yes, alwaysAvailable: yes, alwaysAvailableTracks: [{codec: H264}]',
      'runOnDemand: sleep 1',
      'maxReaders: 1, sourceFingerprint: "33949E05FFFB5FF3E8AA16F8213A6251B4D9363804BA53233C4DA9A46D6F2739"',
      'rtspTransport: tcp, overridePublisher: no',
    ])('%s: it goes on air, and from one lease to the next', async (defaults) => {
      const rig = await startMediaMtxRig({ config: (template) => withDefaults(template, defaults) });
      onTestFinished(() => rig.stop());
      const { engine, lease } = rig;
      expect((await engine.apply(carried('gate', lease('gate', 1)))).refused).toEqual([]);
      await rig.onAir('gate');
      await engine.apply(carried('gate', lease('gate', 1), lease('gate', 2)));
      const report = await engine.apply(carried('gate', lease('gate', 2)));
      expect(report).toMatchObject({ refused: [], moved: [{ cameraId: 'gate', revision: 2, how: 'forward' }] });
      await rig.onAir('gate');
      // A feeder needs two readers, a bridge and our own proof; and the operator's fingerprint is of another server than the cloud.
      expect(await configOf(rig.mediaMtx, '_lease/gate/2')).toMatchObject({ maxReaders: 0, sourceFingerprint: '' });
      expect((await engine.apply(carried('gate', lease('gate', 2)))).by).toBe('none');
    });
  },
);

function recordingAndHooks(folder: string): string {
  const events = ['Init', 'Available', 'Unavailable', 'Online', 'Offline', 'Read', 'Unread'];
  const commands = events.map((event) => `runOn${event}: "/bin/sh -c 'echo ${event} $MTX_PATH >>${folder}/hooks'"`);
  return ['record: yes', `recordPath: '${folder}/%path/%Y-%m-%d_%H-%M-%S-%f'`, ...commands].join(', ');
}
