/**
 * - `idle`: the camera has no readers, and nothing is pulled.
 * - `opening`: the camera has readers, and no picture has come yet.
 * - `live`: pictures of a source go out.
 * - `bridging`: no source sends pictures; a stand-in goes out, and the source is tried again.
 * - `dark`: a cold source sent nothing in time, and its readers were ended. It is tried for a while longer; readers that ask meanwhile
 *   are turned away at once.
 * - `ready`: a source is in force without readers: it is held for a while for the readers that were ended or turned away.
 */
export type RelayState = 'idle' | 'opening' | 'live' | 'bridging' | 'dark' | 'ready';

/**
 * - `visited`: a reader came. `left`: the last reader has left.
 * - `key-frame`: a source brought its first key frame and is in force.
 * - `pull-over`: the source in force ended.
 * - `stand-in`: there is no lease to pull, and the slate goes out instead.
 * - `time-over`: the state has lasted as long as it may.
 * - `rebuilt`: the tracks that the readers got are no longer true; the readers were ended and have to come again.
 */
export type RelayEvent = 'visited' | 'left' | 'key-frame' | 'pull-over' | 'stand-in' | 'time-over' | 'rebuilt';

const NEXT: Readonly<Record<RelayState, Partial<Record<RelayEvent, RelayState>>>> = {
  idle: { visited: 'opening' },
  opening: { left: 'idle', 'key-frame': 'live', 'stand-in': 'bridging', 'time-over': 'dark', rebuilt: 'ready' },
  live: { left: 'idle', 'key-frame': 'live', 'pull-over': 'bridging', rebuilt: 'ready' },
  bridging: { left: 'idle', 'key-frame': 'live', 'time-over': 'idle', rebuilt: 'ready' },
  dark: { 'key-frame': 'ready', 'time-over': 'idle' },
  ready: { visited: 'live', 'pull-over': 'dark', 'time-over': 'idle' },
};

/**
 * How long a state may last, in ms; absent: no limit. MediaMTX too gives up a cold source after ten seconds, and asks again after five for
 * the viewers that wait; each reader that asks starts the time of `dark` again. In `bridging` the camera's `whenGone` decides.
 */
export const LONGEST_MS: Readonly<Partial<Record<RelayState, number>>> = {
  opening: 10_000,
  dark: 10_000,
  ready: 10_000,
};

/** The state after an event; the same state where the event has no meaning in it. */
export function nextState(state: RelayState, event: RelayEvent): RelayState {
  return NEXT[state][event] ?? state;
}

const WAITS_MS = [0, 250, 500, 1_000];
/** Below 1.5 s with its jitter: within that time pictures are to move again once a source is back. */
const SHORT_WAIT_MS = 1_300;
/** A camera that has sent no picture for longer than this is tried less often. */
const SHORT_WAITS_MS = 75_000;
const LONG_WAIT_MS = 5_000;

/**
 * How long to wait in ms before a source is tried again. `attempts`: failed tries in a row, those that sent pictures for a moment among them.
 * `withoutMs`: for how long none has sent a picture. `random`: from 0 to 1, for the jitter.
 */
export function retryWaitMs(attempts: number, withoutMs: number, random: number): number {
  const waitMs = WAITS_MS[attempts] ?? (withoutMs < SHORT_WAITS_MS ? SHORT_WAIT_MS : LONG_WAIT_MS);
  return waitMs * (0.9 + 0.2 * random);
}
