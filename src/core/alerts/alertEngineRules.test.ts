import { describe, expect, it } from 'vitest';
import { camera, dark, Watch, window } from '../../../test/support/alerts/alertWatch.js';
import { HOUR, MINUTE, SECOND } from '../../../test/support/builders.js';

const REFUSAL = {
  code: 'ENGINE_REFUSED_SETTING',
  message: 'pathDefaults.runOnDemand forbids a pulled path.',
  cure: 'Take it out of pathDefaults.',
};
const cameras = [camera('a'), camera('b')];
const refusing = (...ids: string[]) => ({ cameras, refusedStreams: new Map(ids.map((id) => [id, REFUSAL])) });

describe('a media server that refuses', () => {
  it('a camera is told with setting and cure, once, and so is its end', () => {
    const watch = new Watch();
    expect(watch.during(0, 50 * SECOND, refusing('a'))).toEqual([]);
    expect(watch.during(MINUTE, 2 * HOUR, refusing('a'))).toEqual(['alert: The media server does not serve Camera a']);
    expect(watch.sent[0]).toMatchObject({ severity: 'warning', rule: 'stream-refused' });
    expect(watch.sent[0]?.text).toContain(`${REFUSAL.message} ${REFUSAL.cure}`);
    expect(watch.during(2 * HOUR, 3 * HOUR, { cameras })).toEqual([
      'recovery: Over: The media server does not serve Camera a',
    ]);
  });

  it('every camera is critical, and speaks for those that are dark by it', () => {
    const watch = new Watch();
    const world = { ...refusing('a', 'b'), outages: [dark('a', 0), dark('b', 0)] };
    expect(watch.during(0, HOUR, world)).toEqual(['alert: The media server does not serve 2 cameras']);
    expect(watch.sent[0]).toMatchObject({ severity: 'critical' });
  });

  it('a camera in maintenance is quiet', () => {
    const windows = [window(0, HOUR, { cameraIds: ['a'] })];
    expect(new Watch().during(0, HOUR - SECOND, { ...refusing('a'), windows })).toEqual([]);
  });

  it('is not said to serve again only because it does not answer', () => {
    const watch = new Watch();
    watch.during(0, 2 * MINUTE, refusing('a'));
    const unknown = new Set(['stream-refused'] as const);
    expect(watch.during(3 * MINUTE, HOUR, { cameras, unknown })).toEqual([]);
  });
});

describe('a media server that works, and not as it should', () => {
  const engineDegraded = 'Somebody keeps writing mediamtx.yml. Stop that program.';

  it('is told when that lasts', () => {
    const watch = new Watch();
    expect(watch.during(0, 4 * MINUTE, { cameras, engineDegraded })).toEqual([]);
    expect(watch.during(4 * MINUTE, HOUR, { cameras, engineDegraded })).toEqual([
      'alert: The media server works, but not as it should',
    ]);
    expect(watch.sent[0]?.text).toBe(engineDegraded);
  });

  it('is not told when it passes', () => {
    const watch = new Watch();
    watch.during(0, 4 * MINUTE, { cameras, engineDegraded });
    expect(watch.during(4 * MINUTE, HOUR, { cameras })).toEqual([]);
  });
});
