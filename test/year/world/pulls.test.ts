import { describe, expect, it } from 'vitest';
import { ProofPulls, type ProofPull } from './pulls.js';

const ID = '0123456789abcdef01234567';
const IN_FORCE = { url: 'rtmp://cloud.test/30', revision: 30 };
const LEAVING = { url: 'rtmp://cloud.test/29', revision: 29 };

function proofOf(revision: number, more: Partial<ProofPull> = {}): ProofPull {
  return { url: `rtmp://cloud.test/${revision}`, revision, isByRelay: true, isAlive: () => true, ...more };
}

describe('the pulls of proofs', () => {
  it('are one more each, until they end', () => {
    const proofs = new ProofPulls();
    const ended = proofs.begin(ID, proofOf(31));
    proofs.begin(ID, proofOf(32, { isByRelay: false }));
    expect(proofs.besides(ID, [IN_FORCE]).map(({ revision }) => revision)).toEqual([31, 32]);
    ended();
    expect(proofs.besides(ID, [IN_FORCE]).map(({ revision }) => revision)).toEqual([32]);
  });

  it('through the relay are shared with viewers, those of proofs by themselves are not', () => {
    const proofs = new ProofPulls();
    proofs.begin(ID, proofOf(30));
    expect(proofs.besides(ID, [IN_FORCE, LEAVING])).toEqual([]);
    proofs.begin(ID, proofOf(30, { isByRelay: false }));
    expect(proofs.besides(ID, [IN_FORCE, LEAVING])).toHaveLength(1);
  });

  it('through the relay are one for two who look at the same address', () => {
    const proofs = new ProofPulls();
    proofs.begin(ID, proofOf(31));
    proofs.begin(ID, proofOf(31));
    expect(proofs.besides(ID, [IN_FORCE])).toHaveLength(1);
  });

  it.each([{ isByRelay: true }, { isByRelay: false }])(
    'end with the process that looks; through the relay: $isByRelay',
    (how) => {
      const proofs = new ProofPulls();
      let lives = true;
      proofs.begin(ID, proofOf(31, { ...how, isAlive: () => lives }));
      expect(proofs.besides(ID, [IN_FORCE])).toHaveLength(1);
      lives = false;
      expect(proofs.besides(ID, [IN_FORCE])).toEqual([]);
    },
  );
});
