import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import { seenCamera } from '../../test/support/store/seenCamera.js';
import { createLog } from '../observe/logger.js';
import { createRedactor } from '../observe/redact.js';
import { CachedCameraStore } from '../store/memory/cachedCameraStore.js';
import { createStore } from '../store/opening/createStore.js';
import { applyCameraSettings } from './cameraSettings.js';
import { vendorsWith } from '../../test/support/clouds/vendors.js';

const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-settings-'));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it('settings of the file reach a stored camera, and one that is found later, once', async () => {
  const clock = new TurnedClock();
  const log = createLog({ level: 'silent', redactor: createRedactor(), readable: false, write: () => undefined });
  const store = new CachedCameraStore(
    createStore({ mongodbUri: null, dataDir, vendors: vendorsWith(), clock, random: () => 0.5, log }),
  );
  await store.open();
  const add = (id: string, deviceSerial: string): Promise<unknown> =>
    store.create(
      {
        id,
        name: 'Gate',
        source: { kind: 'cloud', vendor: 'ezviz', account: 'ezviz', deviceSerial, channel: 1, resourceId: '' },
      },
      clock.now(),
    );
  await add('stored-1', 'C1');
  const changed: string[] = [];
  const stop = applyCameraSettings({
    store,
    clock,
    log,
    settings: {
      'stored-1': { quality: 'sub', labels: ['front'] },
      'later-1': { enabled: false, mode: 'seamless', whenGone: 'slate' },
    },
    labels: {
      front: { mode: 'direct', quality: 'main', whenGone: 'end' },
      till: { mode: 'always-on', whenGone: 'end' },
    },
    onChanged: (id) => changed.push(id),
  });
  await seenCamera(store, 'stored-1', (camera) => camera.quality === 'sub' && camera.labels[0] === 'front');
  expect(store.peek('stored-1')).toMatchObject({ mode: 'direct', whenGone: 'end' });
  await add('later-1', 'C2');
  await seenCamera(store, 'later-1', (camera) => !camera.enabled);
  await store.update('later-1', { enabled: true }, clock.now());
  expect(store.peek('later-1')?.enabled).toBe(true);
  expect(changed).toContain('stored-1');
  await store.update('later-1', { labels: ['till'] }, clock.now());
  await add('third-1', 'C3');
  await store.update('third-1', { labels: ['till'] }, clock.now());
  await seenCamera(store, 'third-1', (camera) => camera.mode === 'always-on');
  expect(store.peek('later-1')).toMatchObject({ mode: 'seamless', whenGone: 'slate' });
  expect(store.peek('third-1')?.whenGone).toBe('end');
  await store.update('third-1', { mode: 'on-demand' }, clock.now());
  await store.update('third-1', { name: 'Till' }, clock.now());
  expect(store.peek('third-1')).toMatchObject({ name: 'Till', mode: 'on-demand' });
  stop();
  await store.close();
});
