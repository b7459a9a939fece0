import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HOLD_REASONS, MOVE_REASONS, SWAP_HOWS } from '../src/core/handover/handover.js';
import { RENEW_REASONS, WAIT_REASONS } from '../src/core/renewal/renewal.js';

const text = readFileSync(new URL('../docs/concepts/lease-life.md', import.meta.url), 'utf8');

/** The words in code style in the first column of the table with this heading. */
function tableOf(heading: string): string[] {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  expect(begin, heading).toBeGreaterThan(0);
  const rows = lines.slice(begin + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  const cells = rows.slice(0, end).map((line) => line.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, word = '']) => word));
}

describe('the tables of reasons in docs/concepts/lease-life.md', () => {
  it.each([
    ['the cloud is asked', RENEW_REASONS],
    ['the cloud is not asked', WAIT_REASONS],
    ['a candidate is promoted', MOVE_REASONS],
    ['a candidate is held', HOLD_REASONS],
    ['the engine goes over by', SWAP_HOWS],
  ])('names every reason why %s, and no other', (heading, reasons) => {
    expect(tableOf(heading).toSorted()).toEqual([...reasons].toSorted());
  });
});
