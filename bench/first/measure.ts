import { firstMotion } from '../players/frames.js';
import { BrowserPlayer } from '../players/browserPlayer.js';
import { openPlayer, type Addresses, type PlayerRoom } from '../players/openPlayers.js';
import { PLAYERS, type PlayerKind } from '../players/player.js';

const LIMIT_MS = 40_000;
const LOOK_MS = 100;

/** What the first player of a camera got, measured from its request for the stream. */
export interface FirstFrame {
  /** null: no picture within 40 s. */
  readonly pictureMs: number | null;
  /** The first of three changed frames in a row; null: none within 40 s. */
  readonly motionMs: number | null;
  /** Requests for playlists and segments per second of playing; null: not counted. */
  readonly requestsPerSecond: number | null;
}

/** `countMs`: how long the player plays on while its requests are counted; 0: they are not counted. */
export async function firstFrame(
  room: PlayerRoom,
  kind: PlayerKind,
  at: Addresses,
  countMs: number,
): Promise<FirstFrame> {
  const player = await openPlayer(room, kind, at);
  if (!(player instanceof BrowserPlayer)) throw new Error(`${kind} is no player in a browser.`);
  try {
    const asks = PLAYERS[kind].transport === 'webrtc' ? /\/whep$/ : /\.m3u8$/;
    const askedMs = (): number | undefined => player.requests.find(({ path }) => asks.test(path))?.atMs;
    for (const endMs = Date.now() + LIMIT_MS; Date.now() < endMs;) {
      await pause(LOOK_MS);
      if (firstMotion(await player.frames()) !== null) break;
    }
    const fromMs = askedMs();
    if (fromMs === undefined) return { pictureMs: null, motionMs: null, requestsPerSecond: null };
    const frames = await player.frames();
    const after = (atMs: number | null): number | null => (atMs === null ? null : atMs - fromMs);
    const seen = { pictureMs: after(frames[0]?.atMs ?? null), motionMs: after(firstMotion(frames)) };
    if (countMs === 0) return { ...seen, requestsPerSecond: null };
    const before = player.requests.length;
    await pause(countMs);
    return { ...seen, requestsPerSecond: ((player.requests.length - before) * 1_000) / countMs };
  } finally {
    await player.close();
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
