import { describe, expect, it } from 'vitest';
import { nextState, retryWaitMs, type RelayEvent, type RelayState } from './relayState.js';

const EVENTS: readonly RelayEvent[] = [
  ...(['visited', 'left', 'key-frame', 'pull-over', 'stand-in', 'time-over', 'rebuilt'] as const),
];

describe('the states of a relayed stream', () => {
  it.each([
    ['idle', ['opening', 'idle', 'idle', 'idle', 'idle', 'idle', 'idle']],
    ['opening', ['opening', 'idle', 'live', 'opening', 'bridging', 'dark', 'ready']],
    ['live', ['live', 'idle', 'live', 'bridging', 'live', 'live', 'ready']],
    ['bridging', ['bridging', 'idle', 'live', 'bridging', 'bridging', 'idle', 'ready']],
    ['dark', ['dark', 'dark', 'ready', 'dark', 'dark', 'idle', 'dark']],
    ['ready', ['live', 'ready', 'ready', 'dark', 'ready', 'idle', 'ready']],
  ] satisfies [RelayState, RelayState[]][])('from %s', (state, expected) => {
    expect(EVENTS.map((event) => nextState(state, event))).toEqual(expected);
  });
});

describe('the wait for the next try', () => {
  it('is none at first, grows, and stays short for more than a minute without a picture', () => {
    expect([0, 1, 2, 3, 4, 500].map((attempts) => retryWaitMs(attempts, 74_999, 0.5))).toEqual([
      0, 250, 500, 1_000, 1_300, 1_300,
    ]);
    expect(retryWaitMs(4, 75_000, 0.5)).toBe(5_000);
    expect([Math.round(retryWaitMs(9, 0, 0)), Math.round(retryWaitMs(9, 0, 1))]).toEqual([1_170, 1_430]);
  });
});
