import { describe, expect, inject, it } from 'vitest';
import { until } from '../support/installation/appRig.js';
import { CAMERAS, startAwayRig, type AwayCamera } from '../support/installation/mongoAwayRig.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const mongo = nodeAvFor('MongoDB that goes away') ? inject('mongodbUri') : null;

describe.skipIf(mongo === null)('a MongoDB that goes away', () => {
  const revisionsOf = (cameras: readonly AwayCamera[]): number[] => cameras.map(({ lease }) => lease?.revision ?? 0);

  it(
    'leaves every camera its lease, and has what the journal holds when it is back, after a kill too',
    { timeout: 300_000 },
    async () => {
      const { proxy, journal, start } = await startAwayRig(mongo ?? '');
      const first = await start();
      await fetch(`${first.url}/api/hikvision/initialize`, { method: 'POST' });
      const before = await until(
        'leased',
        60_000,
        first.cameras,
        (all) => all.length === CAMERAS && !revisionsOf(all).includes(0),
      );
      proxy.set('refused');
      const ids = before.map(({ id }) => id);
      // Looked at all the time, until each has a lease that the database does not know.
      const held = await until(
        'renewed from memory',
        120_000,
        first.cameras,
        (all) => {
          for (const { id, lease } of all)
            expect(Date.parse(lease?.expiresAt ?? ''), `lease of ${id}`).toBeGreaterThan(Date.now());
          return ids.every((id) => journal().includes(id));
        },
        (all) => `${JSON.stringify(revisionsOf(all))} ${journal().length}`,
      );
      for (const id of ids) expect((await fetch(`${first.url}/api/camera/${id}/live`)).status).toBe(200);
      await first.program.stop('SIGKILL');
      proxy.set('open');
      const second = await start();
      const after = await second.cameras();
      for (const { id, lease } of held) {
        const now = after.find((camera) => camera.id === id);
        expect(now?.lease?.revision ?? 0, `lease of ${id}`).toBeGreaterThanOrEqual(lease?.revision ?? 0);
      }
      expect(journal()).toBe('');
    },
  );
});
