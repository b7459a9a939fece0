import { PLAYER_KINDS, PLAYERS, type PlayerKind } from '../players/player.js';
import { counted, median, seconds, spread, table, type Wish } from '../report.js';
import type { Drift, Measured, Measurement } from './measure.js';
import { KINDS, type Kind } from './rig.js';

const HANDOVER_MS = { webrtc: 1_000, hls: 450, rtsp: Number.POSITIVE_INFINITY } as const;
const NAIVE_TIMES = 12;
const ABOVE_CONTROL_MS = 50;
const DIRECT_WEBRTC_MS = 1_500;
const DIRECT_HLS_MS = 5_000;
const SOUND_APART_MS = 40;

/** Markdown tables, one for each distance of key frames. */
export function tables({ measurements, drifts }: Measured): string {
  return distances(measurements)
    .map((keyFrameSeconds) => {
      const of = (kind: Kind): readonly string[][] =>
        PLAYER_KINDS.map((player) => pick(measurements, keyFrameSeconds, kind, player))
          .filter((each) => each.length > 0)
          .map((each) => row(each));
      const sound = drifts.filter((drift) => drift.keyFrameSeconds === keyFrameSeconds);
      return [
        `Key frames ${keyFrameSeconds} s apart:`,
        '',
        table(HEADS, KINDS.flatMap(of)),
        ...(sound.length > 0 ? ['', table(SOUND_HEADS, sound.map(soundRow))] : []),
        '',
      ].join('\n');
    })
    .join('\n');
}

const HEADS = [
  'renewal',
  'viewer',
  'longest gap, median (least, most)',
  'dropped or ended',
  'frames of another size',
  'another camera meanwhile, median (most)',
  'taken over by',
  'after, median',
  'processors used',
];

function row(of: readonly Measurement[]): string[] {
  const [first] = of;
  if (!first) return [];
  const others = of.map(({ bystanderGapMs }) => bystanderGapMs);
  const failures = of.filter(({ failure }) => failure !== null).length;
  return [
    first.kind + (failures > 0 ? ` (${failures} of ${of.length} failed)` : ''),
    PLAYERS[first.player].name,
    spread(of.map(({ gapMs }) => gapMs)) + (of.some(({ isOpen }) => isOpen) ? ' or longer' : ''),
    `${lost(of)} of ${of.length}`,
    `${foreign(of)}`,
    `${seconds(median(others))} (${seconds(Math.max(...others))})`,
    counted(of.flatMap(({ how }) => (how === null ? [] : [how]))),
    first.kind === 'control' ? '' : seconds(median(of.map(({ renewalMs }) => renewalMs))),
    `${Math.round(median(of.map(({ busy }) => busy)) * 100)} %`,
  ];
}

const SOUND_HEADS = ['renewal', 'viewer', 'sound after picture at first', 'after all renewals', 'moved by'];

function soundRow(drift: Drift): string[] {
  const { begin, end } = drift;
  const told = (offset: Drift['begin']): string =>
    offset === null ? '–' : `${offset.offsetMs.toFixed(0)} ms (${offset.beeps} beeps)`;
  const moved = begin && end ? `${(end.offsetMs - begin.offsetMs).toFixed(0)} ms` : '–';
  return [drift.kind, PLAYERS[drift.player].name, told(begin), told(end), moved];
}

/** The wishes for all kinds that were measured. */
export function wishes({ measurements, drifts }: Measured): readonly Wish[] {
  return distances(measurements).flatMap((keyFrameSeconds) => [
    ...PLAYER_KINDS.flatMap((player) => playerWishes(measurements, keyFrameSeconds, player)),
    ...soundWishes(drifts.filter((drift) => drift.keyFrameSeconds === keyFrameSeconds)),
  ]);
}

function playerWishes(all: readonly Measurement[], keyFrameSeconds: number, player: PlayerKind): readonly Wish[] {
  const { transport } = PLAYERS[player];
  const of = (kind: Kind): readonly Measurement[] => pick(all, keyFrameSeconds, kind, player);
  const gap = (kind: Kind): number => median(of(kind).map(({ gapMs }) => gapMs));
  const name = (kind: Kind): string => `${kind}, ${PLAYERS[player].name}, key frames ${keyFrameSeconds} s apart`;
  const atMost = (kind: Kind, limitMs: number): Wish => ({
    what: name(kind),
    wanted: `at most ${seconds(limitMs)}`,
    seen: seconds(gap(kind)),
    isMet: gap(kind) <= limitMs,
  });
  const list: Wish[] = [];
  if (of('handover').length > 0 && keyFrameSeconds === 1) {
    list.push(atMost('handover', HANDOVER_MS[transport]));
    if (of('naive').length > 0) list.push(timesShorter(name('handover'), gap('naive') / gap('handover')));
  }
  for (const kind of ['on-demand', 'seamless'] as const) {
    const isProgram = player.startsWith('ffmpeg-');
    if (of(kind).length > 0 && of('control').length > 0 && !isProgram)
      list.push(atMost(kind, gap('control') + ABOVE_CONTROL_MS));
  }
  if (of('seamless').length > 0) list.push(byRelay(name('seamless'), of('seamless')));
  for (const kind of ['on-demand', 'handover', 'seamless'] as const)
    if (of(kind).length > 0) list.push(undisturbed(name(kind), of(kind)));
  if (of('direct').length > 0 && player.startsWith('page-'))
    list.push(atMost('direct', transport === 'hls' ? DIRECT_HLS_MS : DIRECT_WEBRTC_MS + keyFrameSeconds * 1_000));
  return list;
}

/** The wishes for sound: its offset at the end for the renewed camera, compared with that of the control camera. */
function soundWishes(drifts: readonly Drift[]): readonly Wish[] {
  const atEnd = (drift: Drift | undefined): number => drift?.end?.offsetMs ?? Number.NaN;
  return drifts
    .filter(({ kind }) => kind === 'on-demand')
    .map((drift) => {
      const control = drifts.find(({ kind, player }) => kind === 'control' && player === drift.player);
      const apart = atEnd(drift) - atEnd(control);
      return {
        what: `on-demand, ${PLAYERS[drift.player].name}, key frames ${drift.keyFrameSeconds} s apart, sound`,
        wanted: `at most ${SOUND_APART_MS} ms from the control's`,
        seen: Number.isNaN(apart) ? 'not measured' : `${apart.toFixed(0)} ms`,
        isMet: Math.abs(apart) <= SOUND_APART_MS,
      };
    });
}

function timesShorter(what: string, times: number): Wish {
  const wanted = `at least ${NAIVE_TIMES} times shorter than naive`;
  return { what, wanted, seen: `${times.toFixed(1)} times`, isMet: times >= NAIVE_TIMES };
}

/** The wish that the relay took over: where it is away camlease uses a handover instead, which must not be measured in its place. */
function byRelay(what: string, of: readonly Measurement[]): Wish {
  const hows = of.map(({ how }) => how ?? 'not said');
  const isMet = hows.every((how) => how === 'relay');
  return { what, wanted: 'taken over without a handover', seen: counted(hows), isMet };
}

function undisturbed(what: string, of: readonly Measurement[]): Wish {
  const wanted = 'no reader dropped or ended, no frame of another size';
  return { what, wanted, seen: `${lost(of)}, ${foreign(of)} frames`, isMet: lost(of) === 0 && foreign(of) === 0 };
}

function lost(of: readonly Measurement[]): number {
  return of.filter(({ isDropped, ended, isOpen }) => isDropped || isOpen || ended !== null).length;
}

function foreign(of: readonly Measurement[]): number {
  return of.reduce((sum, { foreignFrames }) => sum + foreignFrames, 0);
}

function pick(
  all: readonly Measurement[],
  keyFrameSeconds: number,
  kind: Kind,
  player: PlayerKind,
): readonly Measurement[] {
  return all.filter((each) => each.keyFrameSeconds === keyFrameSeconds && each.kind === kind && each.player === player);
}

function distances(all: readonly Measurement[]): readonly number[] {
  return [...new Set(all.map(({ keyFrameSeconds }) => keyFrameSeconds))];
}
