import { expect, it } from 'vitest';
import { fileNameOf } from './fileNameOf.js';

it('is an id as it can be read, as long as a file may be called so', () => {
  expect(['5f0c', 'yard/gate 1', '..'].map(fileNameOf)).toEqual(['5f0c', 'yard%2Fgate%201', '%2E%2E']);
});

it('is a hash of any other, and never that of another id', () => {
  const long = 'yard/'.repeat(40);
  const ids = [long, `${long}1`, 'ä'.repeat(100), '\ud800', '\ud801', '%sha256-x', '%'];
  const names = ids.map(fileNameOf);
  expect(new Set(names).size).toBe(ids.length);
  for (const name of names) expect(name).toMatch(/^[\w.%~!*'()-]{1,200}$/);
  expect(names[0]).toMatch(/^%sha256-[0-9a-f]{64}$/);
});
