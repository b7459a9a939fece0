import type { Frame } from './frames.js';

/** The kinds of players: the page or program, and its transport. The letters keep the order of the kinds in tables. */
export const PLAYERS = {
  'page-webrtc': { name: '(a) our page, WebRTC', transport: 'webrtc' },
  'page-hls': { name: '(a) our page, HLS', transport: 'hls' },
  'mediamtx-webrtc': { name: "(b) MediaMTX's page, WebRTC", transport: 'webrtc' },
  'mediamtx-hls': { name: "(b) MediaMTX's page, HLS", transport: 'hls' },
  'plain-hls': { name: '(c) the plain hls.js page', transport: 'hls' },
  'ffmpeg-rtsp': { name: '(d) ffmpeg, RTSP', transport: 'rtsp' },
  'ffmpeg-hls': { name: '(e) ffmpeg, HLS', transport: 'hls' },
} as const;
export type PlayerKind = keyof typeof PLAYERS;
export type Transport = (typeof PLAYERS)[PlayerKind]['transport'];

export const PLAYER_KINDS = Object.keys(PLAYERS) as PlayerKind[]; // the keys of a constant

/** A player of one camera. */
export interface Player {
  readonly kind: PlayerKind;
  /** The query that MediaMTX lists for the player's session; null: its sessions have none (camlease's page). */
  readonly tag: string | null;
  /** All frames so far, in the order of time. */
  frames(): Promise<readonly Frame[]>;
  /** Why the player's program ended by itself; null: it did not end. */
  readonly ended: string | null;
  /** A file with the received sound and picture, complete once the player was closed; null: it does not record. */
  readonly recording: string | null;
  close(): Promise<void>;
}

const STEADY_GAP_MS = 500;
/** FFmpeg takes a whole segment of HLS at once, and then waits for the next one. */
const STEADY_PIECES_MS = 9_000;

/** Resolves when frames have come for `steadyMs` without a long gap; rejects after `limitMs`, or when the player's program has ended. */
export async function steady(player: Player, steadyMs: number, limitMs: number): Promise<void> {
  const gapMs = player.kind === 'ffmpeg-hls' ? STEADY_PIECES_MS : STEADY_GAP_MS;
  for (const endMs = Date.now() + limitMs; ;) {
    const nowMs = Date.now();
    const recent = (await player.frames()).map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs - steadyMs);
    const steps = [nowMs - steadyMs, ...recent, nowMs];
    const isSteady = steps.every((atMs, i) => i === 0 || atMs - (steps[i - 1] ?? 0) < gapMs);
    if (isSteady && recent.length > 0) return;
    const { name } = PLAYERS[player.kind];
    if (player.ended !== null) throw new Error(`${name} ended: ${player.ended}`);
    if (nowMs > endMs) throw new Error(`${name} has no steady picture within ${limitMs / 1_000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Reads a list of players, such as `page-hls,ffmpeg-rtsp`; throws for an unknown name. */
export function playersNamed(list: string): readonly PlayerKind[] {
  return list.split(',').map((name) => {
    const kind = PLAYER_KINDS.find((each) => each === name);
    if (kind === undefined)
      throw new Error(`--players takes of ${PLAYER_KINDS.join(', ')}, with commas between, not "${name}".`);
    return kind;
  });
}
