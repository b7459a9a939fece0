import { describe, expect, it } from 'vitest';
import { keyOf, type OwnedThing } from './ownershipRecords.js';
import {
  afterEvent,
  chooseOwnership,
  isTrusted,
  NOTHING_OWNED,
  type Moment,
  type OwnershipEvent,
  type OwnershipState,
} from './ownershipState.js';

const at = (ms: number): Moment => ({ monotonicMs: ms, wallMs: 1_000_000 + ms });
const engine: OwnedThing = { kind: 'engine-owner', name: 'marker' };
const ours = { thing: engine, record: { owner: 'us', fence: 3, version: 3 } };
const held = new Map([[keyOf(engine), ours]]);
const claimed: OwnershipEvent = { kind: 'claimed', at: at(0), held, others: new Set() };
const after = (...events: readonly OwnershipEvent[]): OwnershipState => events.reduce(afterEvent, NOTHING_OWNED);

describe('what was read of the records', () => {
  const never = NOTHING_OWNED;
  const read = after(claimed);
  const away = after(claimed, { kind: 'store-unreachable' });

  it.each([
    [never, 'claimed', claimed, 'read'],
    [read, 'claimed', claimed, 'read'],
    [away, 'claimed', claimed, 'read'],
    [never, 'store-unreachable', { kind: 'store-unreachable' }, 'store-away'],
    [read, 'store-unreachable', { kind: 'store-unreachable' }, 'store-away'],
    [away, 'store-unreachable', { kind: 'store-unreachable' }, 'store-away'],
    [never, 'records-read', { kind: 'records-read', nowMs: 5 }, 'never'],
    [read, 'marker-read', { kind: 'marker-read', marker: null }, 'read'],
    [away, 'taken-back', { kind: 'taken-back', nowMs: 5, isReported: true }, 'store-away'],
    [read, 'given-up', { kind: 'given-up' }, 'read'],
  ] as const)('%#: from $read.kind, after %s: %s', (state, _name, event, to) => {
    expect(afterEvent(state, event).read.kind).toBe(to);
  });

  it('counts for ten seconds on both clocks, and for as long as no replica reaches the store', () => {
    expect([isTrusted(never, at(0)), isTrusted(read, at(9_999)), isTrusted(read, at(10_000))]).toEqual([
      false,
      true,
      false,
    ]);
    expect(isTrusted(read, { ...at(0), wallMs: at(10_000).wallMs })).toBe(false);
    expect(isTrusted(away, at(3_600_000))).toBe(true);
  });

  it('does not count once the media server has a marker of a later fence', () => {
    const marked = (fence: number): OwnershipState =>
      afterEvent(away, { kind: 'marker-read', marker: { name: 'marker', fence } });
    expect([isTrusted(marked(3), at(0)), isTrusted(marked(4), at(0))]).toEqual([true, false]);
    expect(afterEvent(marked(4), { kind: 'marker-read', marker: null }).marker?.fence).toBe(4);
  });
});

describe('a thing', () => {
  const account: OwnedThing = { kind: 'account-owner', name: 'a' };
  const seeing = after({ kind: 'records-read', nowMs: 0 }, claimed);
  const choice = (state: OwnershipState, owner: string | null, nowMs: number, fence = 1): string =>
    chooseOwnership(state, {
      thing: account,
      record: { owner, fence, version: 1 },
      owner: 'us',
      living: new Set(['b']),
      nowMs,
    });

  it('that nobody owns, or our previous run, is taken; that of a living replica is left', () => {
    expect([choice(seeing, null, 0), choice(seeing, 'us', 0), choice(seeing, 'b', 60_000)]).toEqual([
      'take',
      'take',
      'leave',
    ]);
  });

  it('of a dead owner is taken once this process has not been blind for 15 s', () => {
    expect([choice(seeing, 'dead', 14_999), choice(seeing, 'dead', 15_000)]).toEqual(['leave', 'take']);
    const again = afterEvent(seeing, { kind: 'records-read', nowMs: 8_001 });
    expect([choice(again, 'dead', 15_000), choice(again, 'dead', 23_001)]).toEqual(['leave', 'take']);
  });

  it('that we hold is kept, and taken back at most once a minute from an installation with another database', () => {
    const question = { thing: engine, record: ours.record, owner: 'us', living: new Set<string>() };
    expect(chooseOwnership(seeing, { ...question, nowMs: 0 })).toBe('keep');
    const fought = afterEvent(seeing, { kind: 'marker-read', marker: { name: 'marker', fence: 9 } });
    expect(chooseOwnership(fought, { ...question, nowMs: 0 })).toBe('take-back');
    const once = afterEvent(fought, { kind: 'taken-back', nowMs: 0, isReported: true });
    expect(chooseOwnership(once, { ...question, nowMs: 59_999 })).toBe('leave');
    expect(chooseOwnership(once, { ...question, nowMs: 60_000 })).toBe('take-back');
    const twice = afterEvent(once, { kind: 'taken-back', nowMs: 60_000, isReported: false });
    expect(twice.fight).toEqual({ kind: 'taken-back', atMs: 60_000, isReported: true });
  });
});
