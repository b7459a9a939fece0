import { expect, it } from 'vitest';
import { aCamera, aLeaseEvent } from '../../../test/support/builders.js';
import { serve } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';

it('counts steps and rebuilds from the start, and cameras by mode and carrier', async () => {
  const house = fakeHouse();
  for (const id of ['a', 'b', 'c']) house.stored.set(id, aCamera({ id }));
  house.stored.set('b', aCamera({ id: 'b', mode: 'seamless' }));
  house.stored.set('c', aCamera({ id: 'c', mode: 'direct' }));
  house.seen.set('a', { revision: 1, flow: 'flowing', carrier: 'relay' });
  house.seen.set('b', { revision: 1, flow: 'flowing', carrier: 'forward' });
  const client = await serve(house);
  house.tell(aLeaseEvent({ step: 'handed-over', reason: 'forward' }));
  house.tell(aLeaseEvent({ step: 'handed-over', reason: 'rebuild' }));
  // The other replica counts this step.
  house.tell(aLeaseEvent({ revision: 2, step: 'handed-over', reason: 'rebuild' }), false);
  const { text } = await client.send('GET', '/metrics');
  for (const line of [
    'camlease_lease_steps_total{step="handed-over"} 2',
    'camlease_lease_steps_total{step="rejected"} 0',
    'camlease_rebuilds_total 1',
    'camlease_cameras_by_mode{mode="on-demand"} 1',
    'camlease_cameras_by_mode{mode="direct"} 1',
    'camlease_cameras_by_mode{mode="always-on"} 0',
    'camlease_cameras_by_mode{mode="seamless"} 1',
    'camlease_cameras_by_carrier{carrier="forward"} 1',
    'camlease_cameras_by_carrier{carrier="relay"} 1',
  ])
    expect(text).toContain(`${line}\n`);
});
