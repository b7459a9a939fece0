import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { childModule } from './childModule.js';

test('a source is mapped to its compiled module, which the global setup has written', async () => {
  const url = childModule('./clock.js', import.meta.url);
  expect(url.href).toBe(new URL('../../dist/src/core/clock.js', import.meta.url).href);
  expect(await readFile(url, 'utf8')).toMatch(/^export /m);
});

test('a compiled caller finds the module beside itself', () => {
  const url = childModule('./child.js', 'file:///opt/camlease/dist/src/media/mediaProcess.js');
  expect(url.href).toBe('file:///opt/camlease/dist/src/media/child.js');
});
