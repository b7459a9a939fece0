import { until } from '../installation/appRig.js';

const LIMIT_MS = 30_000;
const LOOK_MS = 100;

/** A player that requests the playlist repeatedly, as every HLS player does, and notes each answer that would end playback. */
export interface HlsPlayer {
  readonly refused: readonly number[];
  /** Playlists that differed from the one before. */
  readonly moves: number;
  leave(): Promise<void>;
}

/** Starts an HLS player; resolves with the first playlist, when MediaMTX has a picture. */
export async function playHls(url: string): Promise<HlsPlayer> {
  const refused: number[] = [];
  const left = new AbortController();
  let moves = 0;
  let last = '';
  const first = await until(
    'the first playlist',
    LIMIT_MS,
    () => fetch(url),
    ({ status }) => status === 200,
  );
  const master = await first.text();
  const media = new URL(master.split('\n').find((line) => /^[^#\s]/.test(line)) ?? '', url);
  const loop = (async () => {
    while (!left.signal.aborted) {
      const reply = await fetch(media);
      const text = await reply.text();
      if (reply.status !== 200) refused.push(reply.status);
      else if (text !== last) moves += 1;
      last = text;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  })();
  return {
    refused,
    get moves() {
      return moves;
    },
    leave: () => (left.abort(), loop),
  };
}

/** Resolves when new segments have come; rejects when the player was refused meanwhile. */
export async function playsOn(player: HlsPlayer, limitMs = LIMIT_MS): Promise<void> {
  const before = player.moves;
  await until(
    'new pieces',
    limitMs,
    () => Promise.resolve(player.moves),
    (moves) => moves > before + 1,
  );
  if (player.refused.length > 0) throw new Error(`the player was refused: ${player.refused.join(', ')}`);
}
