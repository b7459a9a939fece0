import { longestStill, type Window } from '../players/frames.js';
import { allSteady, closeAll, openPlayer, openPlayers, type PlayerRoom } from '../players/openPlayers.js';
import type { Player, PlayerKind } from '../players/player.js';
import { soundOffset, type SoundOffset } from '../players/soundOffset.js';
import type { Installation } from '../rig/installation.js';
import { wasDropped } from '../rig/sessions.js';
import type { CutSource, SourceKind } from './sources.js';

const STEADY_MS = 3_000;
const STEADY_LIMIT_MS = 90_000;
/** hls.js plays so many segments behind, and a segment is as long as the distance of key frames. */
const HLS_SEGMENTS_BEHIND = 4;
/** A player without motion after so long does not come back by itself. */
const GIVE_UP_MS = 30_000;
const MOVES_AGAIN_MS = 2_500;
const SOUND_SECONDS = 15;

/** The cloud cuts the stream while its address stays valid, the relay's worker is killed, or the camera is away for so many seconds. */
export type Trouble =
  { readonly kind: 'cut' } | { readonly kind: 'worker' } | { readonly kind: 'gone'; readonly seconds: number };

/** What one player showed during one trouble. */
export interface CutMeasurement {
  readonly source: SourceKind;
  readonly player: PlayerKind;
  readonly keyFrameSeconds: number;
  readonly trouble: Trouble;
  /** The longest time without motion, minus the time that the camera was away. */
  readonly stillMs: number;
  /** From the source's return to its next key frame. */
  readonly keyFrameMs: number;
  /** True: no motion within 30 s after the source's return. */
  readonly isOpen: boolean;
  readonly isDropped: boolean;
  readonly ended: string | null;
}

export interface CutDrift {
  readonly source: SourceKind | 'control';
  readonly player: PlayerKind;
  readonly keyFrameSeconds: number;
  readonly begin: SoundOffset | null;
  readonly end: SoundOffset | null;
}

/** A source at which the measurement ended early: a player got no picture from it. */
export interface BrokenSeries {
  readonly source: SourceKind;
  readonly keyFrameSeconds: number;
  readonly reason: string;
}

export interface CutSeries {
  readonly installation: Installation;
  readonly room: PlayerRoom;
  readonly keyFrameSeconds: number;
  readonly players: readonly PlayerKind[];
  readonly troubles: readonly Trouble[];
  readonly say: (line: string) => void;
}

export interface CutMeasured {
  readonly measurements: readonly CutMeasurement[];
  readonly drifts: readonly CutDrift[];
  readonly broken: readonly BrokenSeries[];
}

/**
 * Measures all troubles with the same players; a player that was dropped or stays still is replaced before the next trouble. Where a player
 * gets no picture, the troubles measured until then are returned, with the reason.
 */
export async function measureCuts(series: CutSeries, source: CutSource): Promise<CutMeasured> {
  const { room, keyFrameSeconds } = series;
  let players = await openPlayers(room, series.players, source.addresses);
  let first: readonly Player[] | null = null;
  const all: CutMeasurement[] = [];
  const broken: BrokenSeries[] = [];
  try {
    for (const [at, trouble] of series.troubles.entries()) {
      players = await allSteady(room, players, source.addresses, {
        steadyMs: STEADY_MS + behindMs(series),
        limitMs: STEADY_LIMIT_MS,
      });
      first ??= players;
      const seen = await cutOnce(series, source, players, trouble);
      all.push(...seen);
      series.say(
        `key frames ${keyFrameSeconds} s, ${source.kind}, ${at + 1} of ${series.troubles.length}, ${nameOf(trouble)}: ${seen.map(inShort).join(', ')}`,
      );
      if (at === series.troubles.length - 1) break;
      players = await Promise.all(
        players.map(async (player, each) => {
          const one = seen[each];
          if (one === undefined || (!one.isDropped && !one.isOpen && one.ended === null)) return player;
          await player.close();
          return (await openPlayer(room, player.kind, source.addresses)) ?? player;
        }),
      );
    }
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    series.say(`key frames ${keyFrameSeconds} s, ${source.kind}, ended early: ${reason}`);
    broken.push({ source: source.kind, keyFrameSeconds, reason });
  } finally {
    await closeAll(players);
  }
  const whole = (first ?? []).filter((player) => players.includes(player));
  return { measurements: all, drifts: await driftsOf(whole, source.kind, keyFrameSeconds), broken };
}

async function cutOnce(
  series: CutSeries,
  source: CutSource,
  players: readonly Player[],
  trouble: Trouble,
): Promise<readonly CutMeasurement[]> {
  const { installation, keyFrameSeconds } = series;
  const before = await source.sessions();
  const beganMs = Date.now();
  if (trouble.kind === 'cut') {
    const count = await installation.cut(source.camera);
    if (count === 0) throw new Error('The cloud had nothing to cut.');
  } else if (trouble.kind === 'worker') {
    const count = await installation.killRelayWorkers();
    if (count === 0) throw new Error('No worker of the relay had readers.');
  } else {
    await installation.setOffline(source.camera, true);
    await pause(trouble.seconds * 1_000);
    await installation.setOffline(source.camera, false);
  }
  const backMs = Date.now();
  const awayMs = trouble.kind === 'gone' ? backMs - beganMs : 0;
  const periodMs = keyFrameSeconds * 1_000;
  await pause(4_000 + behindMs(series));
  await allMove(players, backMs + GIVE_UP_MS + behindMs(series));
  const window: Window = { fromMs: beganMs - 200, toMs: Date.now() - 100 };
  const after = await source.sessions();
  return Promise.all(
    players.map(async (player): Promise<CutMeasurement> => {
      const still = longestStill(await player.frames(), window);
      return {
        source: source.kind,
        player: player.kind,
        keyFrameSeconds,
        trouble,
        stillMs: Math.max(0, still.lengthMs - awayMs),
        keyFrameMs: periodMs - (backMs % periodMs),
        isOpen: still.isOpen && still.lengthMs > MOVES_AGAIN_MS + periodMs,
        isDropped: before !== null && after !== null && wasDropped(before, after, player),
        ended: player.ended,
      };
    }),
  );
}

/** Resolves when all players have moved for a while, or at the limit. */
async function allMove(players: readonly Player[], limitMs: number): Promise<void> {
  while (Date.now() < limitMs) {
    const nowMs = Date.now();
    const alive = players.filter(({ ended }) => ended === null);
    const moving = await Promise.all(
      alive.map(async (player) => {
        const window = { fromMs: nowMs - MOVES_AGAIN_MS, toMs: nowMs };
        const mayRestMs = player.kind === 'ffmpeg-hls' ? Number.POSITIVE_INFINITY : MOVES_AGAIN_MS / 2;
        const isThere = (await player.frames()).some(({ atMs }) => atMs > nowMs - 9_000);
        return isThere && longestStill(await player.frames(), window).lengthMs < mayRestMs;
      }),
    );
    if (moving.every(Boolean)) return;
    await pause(300);
  }
}

export async function driftsOf(
  players: readonly Player[],
  source: CutDrift['source'],
  keyFrameSeconds: number,
): Promise<readonly CutDrift[]> {
  const drifts: CutDrift[] = [];
  for (const { kind: player, recording } of players) {
    if (recording === null) continue;
    const part = SOUND_SECONDS * keyFrameSeconds;
    const [begin, end] = [await soundOffset(recording, part), await soundOffset(recording, -part)];
    drifts.push({ source, player, keyFrameSeconds, begin, end });
  }
  return drifts;
}

export function nameOf(trouble: Trouble): string {
  if (trouble.kind === 'worker') return 'worker killed';
  return trouble.kind === 'cut' ? 'cut' : `gone for ${trouble.seconds} s`;
}

function behindMs({ keyFrameSeconds }: CutSeries): number {
  return (keyFrameSeconds - 1) * HLS_SEGMENTS_BEHIND * 1_000;
}

function inShort({ player, stillMs, isOpen, isDropped, ended }: CutMeasurement): string {
  const notes = [isOpen && 'still', isDropped && 'dropped', ended !== null && 'ended'].filter(Boolean);
  return `${player} ${stillMs.toFixed(0)} ms${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
