import { expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../../test/support/builders.js';
import { aListedCamera, FakeCloud } from '../../../test/support/clouds/fakeCloud.js';
import { jobsRig } from '../../../test/support/jobsRig.js';
import { CameraError } from '../../core/errors.js';
import { accountFault } from './accountStates.js';

const answers503 = new CameraError('CLOUD_UNAVAILABLE', 'retry', 'The cloud answered 503.', {
  cure: 'camlease tries again by itself.',
});

it('a cloud that answers 503 to everything is one fault of the account, with one outage of it, until it answers', async () => {
  const listed = Array.from({ length: 5 }, (_, at) => aListedCamera(at + 1));
  const rig = await jobsRig({
    ...{ ticks: { renew: MINUTE, discover: 15 * MINUTE }, watchesOutages: true },
    clouds: (clock) => [new FakeCloud(clock, 'hikvision', listed)],
  });
  const cloud = rig.clouds[0] as FakeCloud;
  const fault = () => rig.jobs.status().accounts.map(accountFault)[0];
  await rig.end(rig.jobs.initialize());
  await rig.clock.advance(MINUTE);
  expect(fault()).toBeNull();
  cloud.refusals.set('SN0000001_1', answers503);
  const { id } = rig.camera('Camera 1');
  await rig.end(rig.jobs.renew({ cameraIds: [id], force: true }));
  // A failed call for one camera is no fault of its account.
  expect(fault()).toBeNull();
  cloud.refusal = answers503;
  await rig.end(rig.jobs.renew({ force: true }));
  await rig.clock.advance(MINUTE);
  expect(fault()).toMatchObject({ code: 'CLOUD_UNAVAILABLE', failureClass: 'retry', since: expect.any(Date) as Date });
  expect(rig.jobs.outages.open()).toMatchObject([{ subject: { kind: 'account', name: 'hikvision' } }]);
  cloud.refusal = null;
  cloud.refusals.clear();
  await rig.clock.advance(HOUR);
  expect(fault()).toBeNull();
  expect(rig.jobs.outages.open()).toEqual([]);
});
