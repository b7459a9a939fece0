import { longestGap, within, type Window } from '../players/frames.js';
import { allSteady, closeAll, openPlayer, openPlayers, type PlayerRoom } from '../players/openPlayers.js';
import type { Player, PlayerKind } from '../players/player.js';
import { soundOffset, type SoundOffset } from '../players/soundOffset.js';
import type { CameraMove } from '../rig/installation.js';
import { processorTime } from '../rig/processorTime.js';
import { wasDropped } from '../rig/sessions.js';
import { playersFor, type Kind, type Rig, type RigOptions } from './rig.js';

const WIDTH = 640;
const HEIGHT = 360;
const STEADY_MS = 3_000;
const STEADY_LIMIT_MS = 90_000;
const BEFORE_MS = 1_000;
/** How long to watch after the media server has the new address. */
const AFTER_MS = 12_000;
const AFTER_NAIVE_MS = 25_000;
/** hls.js plays three segments behind, and a segment is as long as the distance of key frames. */
const HLS_SEGMENTS_BEHIND = 3;
/** Length of the part at the beginning and at the end of a recording that is analysed. */
const SOUND_SECONDS = 15;

/** What one viewer saw of one renewal. */
export interface Measurement {
  readonly keyFrameSeconds: number;
  readonly kind: Kind;
  readonly player: PlayerKind;
  readonly gapMs: number;
  /** When the gap began, counted from the start of the renewal. */
  readonly gapAtMs: number;
  /** True: the picture had not come back when the window ended. */
  readonly isOpen: boolean;
  readonly isDropped: boolean;
  /** Why the player's program ended; null: it did not end. */
  readonly ended: string | null;
  readonly foreignFrames: number;
  readonly frames: number;
  /** Time until the media server had the new address. */
  readonly renewalMs: number;
  /** How camlease took over, by its own report; null: it reports nothing. */
  readonly how: string | null;
  /** The longest gap of the two viewers of another camera meanwhile. */
  readonly bystanderGapMs: number;
  /** Share of all processors' time that was used, 0 to 1. */
  readonly busy: number;
  /** Why the renewal failed; null: it succeeded. */
  readonly failure: string | null;
}

/** The offset of sound and picture at the beginning and at the end of a recording. */
export interface Drift {
  readonly keyFrameSeconds: number;
  readonly kind: Kind;
  readonly player: PlayerKind;
  readonly begin: SoundOffset | null;
  readonly end: SoundOffset | null;
}

export interface Measured {
  readonly measurements: readonly Measurement[];
  readonly drifts: readonly Drift[];
}

export interface Series {
  readonly rig: Rig;
  readonly room: PlayerRoom;
  readonly options: RigOptions;
  readonly players: readonly PlayerKind[];
  readonly renewals: number;
  /** The players that watch the control camera all the time. */
  readonly bystanders: readonly Player[];
  readonly say: (line: string) => void;
}

/**
 * Renews the camera of one kind repeatedly while the same players watch it; a player that was dropped or has no picture any more is
 * replaced before the next renewal, so that each renewal is judged by itself.
 */
export async function measureKind(series: Series, kind: Kind): Promise<Measured> {
  const { rig, room, options, renewals } = series;
  await rig.prepare(kind);
  const kinds = playersFor(kind, series.players, options.bFrames);
  let players = await openPlayers(room, kinds, rig.addresses(kind));
  let recorded: readonly Player[] | null = null;
  const all: Measurement[] = [];
  try {
    for (let round = 1; round <= renewals; round++) {
      if (round > 1) await rig.prepare(kind);
      players = await allSteady(room, players, rig.addresses(kind), {
        // A player of a playlist that has just begun has no buffer, and stalls until it is as far behind as it should be.
        steadyMs: STEADY_MS + behindMs(options),
        limitMs: STEADY_LIMIT_MS,
      });
      recorded ??= players;
      const seen = await renewOnce(series, kind, players);
      all.push(...seen);
      series.say(`key frames ${options.keyFrameSeconds} s, round ${round}, ${kind}: ${seen.map(inShort).join(', ')}`);
      if (round === renewals) break;
      players = await Promise.all(
        players.map(async (player, at) => {
          const one = seen[at];
          if (one === undefined || (!one.isDropped && !one.isOpen && one.ended === null)) return player;
          await player.close();
          return (await openPlayer(room, player.kind, rig.addresses(kind))) ?? player;
        }),
      );
    }
  } finally {
    await closeAll(players);
  }
  const whole = (recorded ?? []).filter((player) => players.includes(player));
  return { measurements: all, drifts: await driftsOf(whole, kind, options) };
}

async function renewOnce(series: Series, kind: Kind, players: readonly Player[]): Promise<readonly Measurement[]> {
  const { rig, options, bystanders } = series;
  const before = await rig.sessions(kind);
  await pause(BEFORE_MS);
  const usage = processorTime();
  const beganMs = Date.now();
  let [failure, move]: [string | null, CameraMove | null] = [null, null];
  try {
    await rig.renew(kind);
    move = await rig.moved(kind, new Date(beganMs));
  } catch (thrown) {
    failure = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const renewalMs = (move?.at.getTime() ?? Date.now()) - beganMs;
  await pause((kind === 'naive' ? AFTER_NAIVE_MS : AFTER_MS) + behindMs(options));
  const window: Window = { fromMs: beganMs - BEFORE_MS, toMs: Date.now() - 100 };
  const busy = usage();
  const after = await rig.sessions(kind);
  const others = await Promise.all(bystanders.map(async (one) => longestGap(await one.frames(), window).lengthMs));
  return Promise.all(
    players.map(async (player): Promise<Measurement> => {
      const frames = await player.frames();
      const gap = longestGap(frames, window);
      const seen = within(frames, window);
      return {
        keyFrameSeconds: options.keyFrameSeconds,
        kind,
        player: player.kind,
        gapMs: gap.lengthMs,
        gapAtMs: gap.beganMs - beganMs,
        isOpen: gap.isOpen && gap.lengthMs > 1_000,
        isDropped: wasDropped(before, after, player),
        ended: player.ended,
        foreignFrames: seen.filter(({ width, height }) => width !== WIDTH || height !== HEIGHT).length,
        frames: seen.length,
        renewalMs,
        how: move?.how ?? null,
        bystanderGapMs: Math.max(0, ...others),
        busy,
        failure,
      };
    }),
  );
}

/** The sound offsets of the players that recorded from the first renewal to the last. */
async function driftsOf(players: readonly Player[], kind: Kind, options: RigOptions): Promise<readonly Drift[]> {
  if (options.sound === 'none') return [];
  const { keyFrameSeconds } = options;
  const drifts: Drift[] = [];
  for (const { kind: player, recording } of players) {
    if (recording === null) continue;
    const part = SOUND_SECONDS * keyFrameSeconds;
    const [begin, end] = [await soundOffset(recording, part), await soundOffset(recording, -part)];
    drifts.push({ keyFrameSeconds, kind, player, begin, end });
  }
  return drifts;
}

function behindMs({ keyFrameSeconds }: RigOptions): number {
  return (keyFrameSeconds - 1) * HLS_SEGMENTS_BEHIND * 1_000;
}

function inShort({ player, gapMs, gapAtMs, isDropped, ended, foreignFrames, failure, how }: Measurement): string {
  const notes = [
    how !== null && `by ${how}`,
    isDropped && 'dropped',
    ended !== null && 'ended',
    foreignFrames > 0 && `${foreignFrames} foreign`,
    failure,
  ].filter(Boolean);
  return `${player} ${gapMs.toFixed(0)} ms at ${(gapAtMs / 1_000).toFixed(1)} s${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
