import { describe, expect, it } from 'vitest';
import { decodeAmf, encodeAmf } from './amf.js';

describe('a hostile command', () => {
  it('is read as far as a thousand values', () => {
    const bomb = Buffer.concat([encodeAmf('onStatus', 0, null), Buffer.alloc(1_000_000, 5)]);
    expect(decodeAmf(bomb).length).toBeLessThanOrEqual(1_000);
    expect(decodeAmf(bomb).slice(0, 3)).toEqual(['onStatus', 0, null]);
    // A list that announces 4 · 10⁹ values and has a million.
    const list = Buffer.concat([encodeAmf('onStatus'), Buffer.from('0affffffff', 'hex'), Buffer.alloc(1_000_000, 5)]);
    expect(decodeAmf(list)).toEqual(['onStatus']);
  });
});
