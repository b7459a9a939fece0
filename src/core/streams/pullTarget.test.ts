import { describe, expect, it } from 'vitest';
import { aCamera, aLease, aUrlCamera } from '../../../test/support/builders.js';
import { targetOf } from './pullTarget.js';
import { isSameRelayCamera, type RelayCamera } from './relay.js';

const told = (target: RelayCamera['target']): RelayCamera => ({
  target,
  candidate: null,
  whenGone: 'slate',
  cap: null,
});

describe('a target', () => {
  it('says who gave its URL: a cloud, which leases it, or a person, who may give any address', () => {
    expect(targetOf(aCamera({ lease: aLease() }))).toMatchObject({ givenBy: 'cloud' });
    expect(targetOf(aUrlCamera())).toMatchObject({ givenBy: 'person' });
  });

  it('is told to the relay again when that is all that changes', () => {
    const target = targetOf(aUrlCamera());
    expect(isSameRelayCamera(told(target), told(target && { ...target }))).toBe(true);
    expect(isSameRelayCamera(told(target), told(target && { ...target, givenBy: 'cloud' }))).toBe(false);
  });
});
