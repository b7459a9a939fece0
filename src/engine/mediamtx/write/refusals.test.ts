import { describe, expect, test } from 'vitest';
import { onePerCamera, refusedBy } from './refusals.js';

const nothing = { foreign: [], refused: new Map<string, string>() };

describe('what a write left out', () => {
  test('a path of the operator with the name of a camera', () => {
    expect(refusedBy({ ...nothing, foreign: ['gate'] })).toMatchObject([{ cameraId: 'gate', code: 'PATH_TAKEN' }]);
  });

  test.each([
    ["MediaMTX refused (400): 'recordPath' must contain %path.", ['recordPath']],
    [
      "MediaMTX refused (400): 'runOnDemand' and 'runOnUnDemand' can be used only when source is 'publisher'.",
      ['runOnDemand', 'runOnUnDemand'],
    ],
  ])('%s names its settings', (reason, settings) => {
    const [refusal] = refusedBy({ ...nothing, refused: new Map([['_lease/gate/7', reason]]) });
    expect(refusal).toMatchObject({ cameraId: 'gate', code: 'ENGINE_REFUSED_SETTING' });
    expect(refusal?.message).toContain(reason);
    for (const setting of settings) expect(refusal?.cure).toContain(setting);
    expect(refusal?.cure).not.toContain('publisher');
  });

  test('a reason without a setting is quoted', () => {
    expect(refusedBy({ ...nothing, refused: new Map([['gate', 'MediaMTX refused (500): no.']]) })).toMatchObject([
      { cameraId: 'gate', code: 'ENGINE_REFUSED_PATH', message: 'MediaMTX refused (500): no.' },
    ]);
  });

  test('a camera is named once, by the first of its paths', () => {
    const refused = new Map([
      ['gate', 'first'],
      ['_lease/gate/7', 'second'],
    ]);
    expect(onePerCamera(refusedBy({ ...nothing, refused }))).toMatchObject([{ cameraId: 'gate', message: 'first' }]);
  });
});
