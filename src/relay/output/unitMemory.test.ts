import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnitMemory } from './unitMemory.js';

describe('memory for units', () => {
  it('keeps each copy as it was until all are forgotten, however many there are', () => {
    const rounds = fc.array(fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 20 }), { maxLength: 4 });
    fc.assert(
      fc.property(rounds, (lengths) => {
        const memory = new UnitMemory();
        for (const round of lengths) {
          memory.clear();
          const copies = round.map((length, at) => {
            const unit = Buffer.alloc(length, at + 1);
            const copy = memory.copyOf(unit);
            unit.fill(0);
            return copy;
          });
          expect(copies.map(({ length }) => length)).toEqual(round);
          expect(copies.every((copy, at) => copy.every((byte) => byte === at + 1))).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is the same again once it holds what comes between two key frames', () => {
    const memory = new UnitMemory();
    const round = (): Set<ArrayBufferLike> => {
      memory.clear();
      return new Set(Array.from({ length: 30 }, () => memory.copyOf(Buffer.alloc(17_000)).buffer));
    };
    for (let turn = 0; turn < 3; turn++) round();
    const [one, other] = [round(), round()];
    expect([one.size, other]).toEqual([1, one]);
  });
});
