import { expect, it } from 'vitest';
import { nodeAvFor } from '../../../test/support/nodeAv.js';
import { goesOn, pulled, RelayProcessRig, startCloud } from '../../../test/support/relayProcessRig.js';

const hasPictures = nodeAvFor('the relay in processes of its own');

it.skipIf(!hasPictures)('serves a camera that it was told of', async () => {
  const cloud = await startCloud();
  const rig = await RelayProcessRig.start();
  expect(rig.client.problem).toBeNull();
  await rig.client.tell(new Map([['gate', pulled(cloud)]]), 0);
  const reader = await rig.read('gate');
  await goesOn(reader);
  const states = await rig.client.states();
  expect(states?.get('gate')).toMatchObject({ state: 'live', revision: 1, readers: 1 });
  await rig.client.tell(new Map([['gate', pulled(cloud, 2)]]), 0);
  await goesOn(reader, 60);
  expect((await rig.client.states())?.get('gate')).toMatchObject({ state: 'live', revision: 2 });
});
