import { expect, it } from 'vitest';
import { jobsRig } from '../../../test/support/jobsRig.js';
import { readCsv } from '../../core/feeds/csvRows.js';
import type { FeedRow } from '../../core/feeds/feedEntry.js';

function rowsOf(text: string): readonly FeedRow[] {
  const read = readCsv(text);
  if (read.problem !== null) throw new Error(read.problem);
  return read.rows;
}

const table = (from: number, to: number): string =>
  [
    'key,name,url,labels',
    ...Array.from({ length: to - from + 1 }, (_none, at) => from + at).map(
      (n) => `${n},Camera ${n},rtsp://10.0.0.5/${n},a;b`,
    ),
  ].join('\n');

it('an import stores its cameras as a pass, changes them the next time, and names each row that it refuses', async () => {
  const rig = await jobsRig({ clouds: () => [] });
  const pass = await rig.end(rig.jobs.importCameras(rowsOf(table(1, 200))));
  expect(pass).toMatchObject({ job: 'import', state: 'succeeded', total: 200, done: 200, failed: 0 });
  expect(pass.report).toMatchObject({ success: true, created: 200, changed: 0, unchanged: 0, failed: [] });
  const seven = rig.camera('Camera 7');
  expect(seven).toMatchObject({
    ...{ feed: { name: 'import', key: '7' }, labels: ['a', 'b'], failure: null, enabled: true },
    source: { kind: 'url', url: 'rtsp://10.0.0.5/7', login: null, openedAt: null },
  });

  const next = `${table(7, 8).replace('/7,', '/700,')}\n9,Camera 9,nowhere,\n201,Twin,rtsp://10.0.0.5/10,\n7,Again,rtsp://10.0.0.5/x,`;
  const second = await rig.end(rig.jobs.importCameras(rowsOf(next)));
  expect(second).toMatchObject({ total: 5, done: 1, skipped: 1, failed: 3 });
  expect(second.report).toMatchObject({ success: false, created: 0, changed: 1, unchanged: 1 });
  const told = second.report && 'failed' in second.report ? second.report.failed.map(({ message }) => message) : [];
  expect(told).toEqual([
    expect.stringMatching(/^Line 4, "9", has an address that cannot be taken: /),
    'Line 6, "7", has the key of line 2 too.',
    expect.stringMatching(
      /^Line 5, "201", could not be stored: The camera "Camera 10" .* has this address and login already\.$/,
    ),
  ]);
  expect(rig.camera('Camera 7')).toMatchObject({ id: seven.id, source: { url: 'rtsp://10.0.0.5/700', revision: 2 } });
  // What an import does not name stays; what a person deleted comes back with it.
  expect([...rig.store.peekAll()].every(({ status }) => status === 'active')).toBe(true);
  await rig.store.remove(seven.id, rig.clock.now());
  await rig.end(rig.jobs.importCameras(rowsOf(table(7, 7))));
  expect(rig.camera('Camera 7').id).toBe(seven.id);
});
