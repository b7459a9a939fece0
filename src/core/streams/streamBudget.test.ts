import { expect, it } from 'vitest';
import { mayProve, type StreamsInUse } from './streamBudget.js';

const use = (more: Partial<StreamsInUse>): StreamsInUse => ({
  ...{ budget: 3, cap: null, proofs: 0, proofPulls: 0, pulls: 0 },
  ...more,
});

it('leaves to proofs what the operator gives them', () => {
  expect(mayProve(use({ proofs: 2, proofPulls: 2, pulls: 500 }), true)).toBe(true);
  expect(mayProve(use({ proofs: 3, proofPulls: 3 }), true)).toBe(false);
});

it("never lets proofs and pulls together pass the vendor's cap", () => {
  expect(mayProve(use({ cap: 5, pulls: 3, proofs: 1, proofPulls: 1 }), true)).toBe(true);
  expect(mayProve(use({ cap: 5, pulls: 4, proofs: 1, proofPulls: 1 }), true)).toBe(false);
  expect(mayProve(use({ cap: 5, pulls: 6 }), true)).toBe(false);
});

it('does not count a look through what is pulled anyway', () => {
  expect(mayProve(use({ cap: 5, pulls: 5 }), false)).toBe(true);
  expect(mayProve(use({ cap: 5, pulls: 4, proofs: 2, proofPulls: 0 }), true)).toBe(true);
});
