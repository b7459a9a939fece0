/**
 * - `idle`: nobody reads, nothing is pulled.
 * - `opening`: somebody reads, and no picture has come yet.
 * - `live`: pictures of a source go out.
 * - `bridging`: no source sends pictures; a stand-in goes out, and the source is tried again.
 * - `dark`: a cold source sent nothing in time, and its readers were ended. It is tried for a while longer, and readers who ask meanwhile
 *   are turned away at once.
 * - `ready`: a source is in force and nobody reads: it is held for a while for readers that were ended or turned away.
 */
export type RelayState = 'idle' | 'opening' | 'live' | 'bridging' | 'dark' | 'ready';

/**
 * - `visited`: a reader came. `left`: the last one has gone.
 * - `key-frame`: a source brought its first key frame and is in force.
 * - `pull-over`: the source in force ended.
 * - `stand-in`: there is nothing to pull, and the slate is there instead.
 * - `time-over`: the state lasted as long as it may.
 * - `rebuilt`: what the readers were told of the tracks is no longer true; they have to come again.
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
 * How long a state may last, in ms; absent: for ever. MediaMTX gives a cold source up after ten seconds, too, and asks again after five
 * for the viewers that wait; `dark` counts anew with each reader that asks. While bridging it is the camera's `whenGone` that decides.
 */
export const LONGEST_MS: Readonly<Partial<Record<RelayState, number>>> = {
  opening: 10_000,
  dark: 10_000,
  ready: 10_000,
};

/** The state after an event; the same one where the event means nothing. */
export function nextState(state: RelayState, event: RelayEvent): RelayState {
  return NEXT[state][event] ?? state;
}

const WAITS_MS = [0, 250, 500, 1_000];
/** With its jitter below the 1.5 s within which pictures are to move again once a source is back, */
const SHORT_WAIT_MS = 1_300;
/** for more than a minute; a camera that is away for longer is not worth the calls. */
const SHORT_WAITS = 60;
const LONG_WAIT_MS = 5_000;

/** Before a source is tried again: at once, then with short growing waits. `attempts`: those that failed in a row before this one. */
export function retryWaitMs(attempts: number, random: number): number {
  const waitMs = WAITS_MS[attempts] ?? (attempts < SHORT_WAITS ? SHORT_WAIT_MS : LONG_WAIT_MS);
  return waitMs * (0.9 + 0.2 * random);
}
