import { describe, expect, it } from 'vitest';
import { at } from '../../../test/support/builders.js';
import {
  afterEvent,
  revisionIn,
  stateAtStart,
  streamsIn,
  type MediaLoopEvent,
  type MediaLoopState,
  type Served,
} from './mediaLoopState.js';
import type { DesiredStreams } from '../../core/streams/streams.js';

const OLD: DesiredStreams = new Map();
const NEW: DesiredStreams = new Map();

const STATES: Readonly<Record<string, MediaLoopState>> = {
  start: stateAtStart(false),
  first: { ...stateAtStart(false), served: { kind: 'being-told', before: null } },
  again: { ...stateAtStart(false), served: { kind: 'being-told', before: OLD } },
  accepted: { ...stateAtStart(false), served: { kind: 'accepted', streams: OLD } },
};

const UNKNOWN: Served = { kind: 'unknown' };
const ACCEPTED: Served = { kind: 'accepted', streams: NEW };
const FIRST: Served = { kind: 'being-told', before: null };
const AGAIN: Served = { kind: 'being-told', before: OLD };

/** What the engine serves after each event, from each state. */
const TABLE: ReadonlyArray<readonly [MediaLoopEvent, Readonly<Record<keyof typeof STATES, Served>>]> = [
  [{ kind: 'telling' }, { start: FIRST, first: FIRST, again: AGAIN, accepted: AGAIN }],
  // From `start`: the engine was reset while it was told, so what it accepted may be lost.
  [
    { kind: 'accepted', streams: NEW, at: at(1) },
    { start: UNKNOWN, first: ACCEPTED, again: ACCEPTED, accepted: ACCEPTED },
  ],
  [{ kind: 'failed' }, { start: UNKNOWN, first: UNKNOWN, again: UNKNOWN, accepted: UNKNOWN }],
  [{ kind: 'reset' }, { start: UNKNOWN, first: UNKNOWN, again: UNKNOWN, accepted: UNKNOWN }],
  [{ kind: 'standing-by' }, { start: UNKNOWN, first: UNKNOWN, again: UNKNOWN, accepted: UNKNOWN }],
  [{ kind: 'caught-up' }, { start: UNKNOWN, first: FIRST, again: AGAIN, accepted: { kind: 'accepted', streams: OLD } }],
];

describe('what the media loop knows of the engine', () => {
  const cases = TABLE.flatMap(([event, row]) => Object.entries(row).map(([from, served]) => ({ event, from, served })));

  it.each(cases)('from $from, after $event.kind: $served.kind', ({ event, from, served }) => {
    const state = STATES[from] ?? stateAtStart(false);
    expect(afterEvent(state, event).served).toEqual(served);
  });

  it('is what the engine accepted last while it is told again, and nothing at the first call', () => {
    expect(
      [STATES['start'], STATES['first'], STATES['again'], STATES['accepted']].map((state) => state && streamsIn(state)),
    ).toEqual([null, null, OLD, OLD]);
    expect(STATES['first'] && revisionIn(STATES['first'], 'a')).toBeUndefined();
    expect(STATES['accepted'] && revisionIn(STATES['accepted'], 'a')).toBeNull();
  });

  it('keeps when the engine last accepted streams, also over a reset', () => {
    const accepted = afterEvent(stateAtStart(false), { kind: 'accepted', streams: NEW, at: at(7) });
    expect(afterEvent(accepted, { kind: 'reset' }).lastAppliedAt).toEqual(at(7));
  });
});

describe('what the media loop knows of the store', () => {
  it('is behind after a start on a shared one and after a time as standby, until it has caught up', () => {
    expect([stateAtStart(false).store, stateAtStart(true).store]).toEqual(['caught-up', 'behind']);
    const behind = afterEvent(stateAtStart(false), { kind: 'standing-by' });
    expect([behind.store, afterEvent(behind, { kind: 'caught-up' }).store]).toEqual(['behind', 'caught-up']);
  });
});
