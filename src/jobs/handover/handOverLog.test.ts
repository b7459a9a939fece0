import { expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig } from '../../../test/support/jobsRig.js';

const LIFE_SECONDS = 7_200;

it.each<[string, boolean, number, string]>([
  [
    'drops viewers',
    false,
    1,
    ' because the old lease is about to expire; its viewers are dropped and have to reconnect.',
  ],
  ['is made while nobody watches', false, 0, '.'],
  ['drops nobody', true, 1, '.'],
])('the line of a move that %s says so', async (_what, relay, viewers, end) => {
  const rig = await jobsRig({
    ...{ ticks: { renew: MINUTE }, lifetimeSeconds: LIFE_SECONDS },
    clouds: (clock) => [new FakeCloud(clock, 'hikvision', [aListedCamera(1)])],
  });
  rig.engine.relay = relay;
  await rig.end(rig.jobs.initialize());
  const { id } = rig.camera('Camera 1');
  rig.engine.viewersOf.set(id, viewers);
  await rig.clock.advance(2 * HOUR);
  expect(rig.infos.filter((line) => line.includes('switches to its new lease'))[0]).toBe(
    `Camera ${id} switches to its new lease${end}`,
  );
});
