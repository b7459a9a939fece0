import { describe, expect, it } from 'vitest';
import { nextState, retryWaitMs, type RelayEvent, type RelayState } from './relayState.js';

const EVENTS: readonly RelayEvent[] = ['visited', 'left', 'key-frame', 'pull-over', 'time-over', 'rebuilt'];

describe('the states of a relayed stream', () => {
  it.each([
    ['idle', ['opening', 'idle', 'idle', 'idle', 'idle', 'idle']],
    ['opening', ['opening', 'idle', 'live', 'opening', 'idle', 'idle']],
    ['live', ['live', 'idle', 'live', 'bridging', 'live', 'idle']],
    ['bridging', ['bridging', 'idle', 'live', 'bridging', 'idle', 'idle']],
  ] satisfies [RelayState, RelayState[]][])('from %s', (state, expected) => {
    expect(EVENTS.map((event) => nextState(state, event))).toEqual(expected);
  });
});

describe('the wait for the next try', () => {
  it('is none at first, grows, and stays short', () => {
    expect([0, 1, 2, 3, 4, 5, 500].map((attempts) => retryWaitMs(attempts, 0.5))).toEqual([
      0, 250, 500, 1_000, 1_300, 1_300, 1_300,
    ]);
    expect([Math.round(retryWaitMs(9, 0)), Math.round(retryWaitMs(9, 1))]).toEqual([1_170, 1_430]);
  });
});
