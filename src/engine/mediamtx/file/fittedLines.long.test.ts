import { readFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  breakFile,
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
} from '../../../../test/support/engine/mediamtx.js';
import { aTarget, engineFor, streamsOf } from '../../../../test/support/engine/mediamtxEngine.js';
import { fittedLines } from './fittedLines.js';

const fit = fittedLines((name) => ['cam', 'cam2', '_lease/cam2/1'].includes(name));
const fitted = (text: string): string => fit(text).text;

describe('lines of ours beside defaults that they cannot live with', () => {
  test.each([
    ['braces', '  "cam": {"source": "rtmp://h/a#b"}', '  "cam": {"runOnDemand": "", "source": "rtmp://h/a#b"}'],
    ['a remark behind', '  cam: {source: rtmp://h/a#b} # so', '  cam: {"runOnDemand": "", source: rtmp://h/a#b} # so'],
    ['a merge in braces', '  cam: {<<: *x, source: b}', '  cam: {<<: *x, "runOnDemand": "", source: b}'],
    ['lines', '  cam:\n    source: rtmp://h/a', '  cam:\n    "runOnDemand": ""\n    source: rtmp://h/a'],
    ['a merge', '  cam:\n    <<: *x\n    source: b', '  cam:\n    <<: *x\n    "runOnDemand": ""\n    source: b'],
    ['its own word', '  cam: {source: rtmp://h/a, runOnDemand: x}', '  cam: {source: rtmp://h/a, runOnDemand: x}'],
    ['a foreign path', '  door: {source: rtmp://h/a}', '  door: {source: rtmp://h/a}'],
  ])('set them aside: %s', (_what, line, expected) => {
    const around = ['# é\npathDefaults:\n  runOnDemand: sleep 1\npaths:\n', '\n# end\n'] as const;
    expect(fitted(around.join(line))).toBe(around.join(expected));
    expect(fitted(around.join(expected))).toBe(around.join(expected));
  });

  test('in braces, and with line ends of two signs', () => {
    expect(fitted('{pathDefaults: {sourceRedirect: rtsp://x}, paths: {cam: {source: a}}}')).toBe(
      '{pathDefaults: {sourceRedirect: rtsp://x}, paths: {cam: {"sourceRedirect": "", source: a}}}',
    );
    expect(fitted('pathDefaults: {runOnDemand: a}\r\npaths:\r\n  cam:\r\n    source: a\r\n')).toContain(
      '  cam:\r\n    "runOnDemand": ""\r\n    source: a\r\n',
    );
  });

  test('by the kind of the line: what only a pull cannot have stays for those that are published to', () => {
    const text = fitted(
      'pathDefaults: {srtPublishPassphrase: 0123456789, alwaysAvailable: yes}\npaths:\n  cam: {source: publisher, alwaysAvailable: true}\n  _lease/cam2/1: {source: rtmp://h/a}\n',
    );
    expect(text).toContain('  cam: {source: publisher, alwaysAvailable: true}\n');
    expect(text).toContain('{"srtPublishPassphrase": "", "alwaysAvailable": false, source: rtmp://h/a}');
  });

  test.each([
    'pathDefaults: {record: yes, runOnReady: x}\npaths:\n  cam: {source: a}\n',
    "pathDefaults: {runOnDemand: '', alwaysAvailable: no, sourceRedirect: ~}\npaths:\n  cam: {source: a}\n",
    'pathDefaults:\npaths:\n  cam: {source: a}\n',
    'pathDefaults: {runOnDemand: x}\npaths:\n',
    'pathDefaults: {runOnDemand: x}\npaths: {cam\n',
  ])('stay as they are where nothing is in their way: %s', (text) => {
    expect(fitted(text)).toBe(text);
  });

  test('set aside all of them where the defaults come from elsewhere in the file', () => {
    expect(fitted('pathDefaults:\n  <<: *x\npaths:\n  cam: {source: a}\n')).toContain('"runOnDemand": ""');
  });
});

describe.skipIf(mediaMtxProgram === null)('a default that ends MediaMTX at its reload', () => {
  test('is no reason to write the file of one that runs when camlease starts', async () => {
    const mediaMtx = await makeMediaMtx(`pathDefaults: {runOnDemand: sleep 1}\n${await mediaMtxTemplate()}`);
    await mediaMtx.start();
    const text = await mediaMtx.config();
    const engine = await engineFor(mediaMtx);
    await engine.start();
    onTestFinished(async () => {
      await engine.stop();
      await mediaMtx.stop();
    });
    expect(engine.status().ready).toBe(true);
    expect(await mediaMtx.config()).toBe(text);
  });

  test.each(['runOnDemand: sleep 1', 'alwaysAvailable: yes', 'srtPublishPassphrase: 0123456789abcdef'])(
    '%s: our lines are fitted while it is gone, so that it starts again and plays what it played',
    async (setting) => {
      const mediaMtx = await makeMediaMtx(await mediaMtxTemplate());
      await mediaMtx.start();
      const engine = await engineFor(mediaMtx);
      await engine.start();
      onTestFinished(async () => {
        await engine.stop();
        await mediaMtx.stop();
      });
      const lease = aTarget();
      await engine.apply(streamsOf({ cam1: lease, cam2: aTarget(), cam3: aTarget() }));
      const text = await readFile(mediaMtx.configPath, 'utf8');
      await breakFile(mediaMtx, `pathDefaults: {${setting}}\n${text}`);
      const [field = ''] = setting.split(':');
      await until(async () => (await readFile(mediaMtx.configPath, 'utf8')).includes(`"${field}"`));
      await mediaMtx.start();
      await until(() => engine.status().ready);
      const after = await readFile(mediaMtx.configPath, 'utf8');
      expect(after).toContain(`pathDefaults: {${setting}}\n`);
      expect(after).toContain('"cam3"');
    },
    60_000,
  );
});
