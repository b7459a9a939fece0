/**
 * - `idle`: nobody reads, nothing is pulled.
 * - `opening`: somebody reads, and no picture has come yet.
 * - `live`: pictures of a source go out.
 * - `bridging`: the source is gone; the last key frame is repeated, and the source is tried again.
 */
export type RelayState = 'idle' | 'opening' | 'live' | 'bridging';

/**
 * - `visited`: the first reader came. `left`: the last one has gone.
 * - `key-frame`: a source brought its first key frame and is in force.
 * - `pull-over`: the source in force ended.
 * - `time-over`: the state lasted as long as it may.
 * - `rebuilt`: what the readers were told of the tracks is no longer true; they have to come again.
 */
export type RelayEvent = 'visited' | 'left' | 'key-frame' | 'pull-over' | 'time-over' | 'rebuilt';

const NEXT: Readonly<Record<RelayState, Partial<Record<RelayEvent, RelayState>>>> = {
  idle: { visited: 'opening' },
  opening: { left: 'idle', 'key-frame': 'live', 'time-over': 'idle', rebuilt: 'idle' },
  live: { left: 'idle', 'key-frame': 'live', 'pull-over': 'bridging', rebuilt: 'idle' },
  bridging: { left: 'idle', 'key-frame': 'live', 'time-over': 'idle', rebuilt: 'idle' },
};

/** How long a state may last, in ms; absent: for ever. MediaMTX gives a cold source up after ten seconds, too. */
export const LONGEST_MS: Readonly<Partial<Record<RelayState, number>>> = { opening: 10_000, bridging: 60_000 };

/** The state after an event; the same one where the event means nothing. */
export function nextState(state: RelayState, event: RelayEvent): RelayState {
  return NEXT[state][event] ?? state;
}

const WAITS_MS = [0, 250, 500, 1_000];
/** With its jitter below the 1.5 s within which pictures are to move again once a source is back. */
const LONGEST_WAIT_MS = 1_300;

/** Before a source is tried again: at once, then with short growing waits. `attempts`: those that failed in a row before this one. */
export function retryWaitMs(attempts: number, random: number): number {
  return (WAITS_MS[attempts] ?? LONGEST_WAIT_MS) * (0.9 + 0.2 * random);
}
