import { PLAYER_KINDS, PLAYERS, type PlayerKind } from '../players/player.js';
import { seconds, spread, table, type Wish } from '../report.js';
import { nameOf, type BrokenSeries, type CutDrift, type CutMeasured, type CutMeasurement } from './measure.js';
import { SOURCES, SOURCE_NAMES } from './sources.js';

const BACK_WITHIN_MS = 1_500;
/** Plus the time to the next key frame. */
const BACK_AFTER_DEATH_MS = 2_000;
const SOUND_APART_MS = 40;

/** Markdown tables with one row for each source, trouble and player. */
export function cutTables({ measurements, drifts, broken }: CutMeasured): string {
  const tables = [...new Set(measurements.map(({ keyFrameSeconds }) => keyFrameSeconds))].map((keyFrameSeconds) => {
    const rows = groups(measurements.filter((each) => each.keyFrameSeconds === keyFrameSeconds)).map(row);
    const sound = drifts.filter((drift) => drift.keyFrameSeconds === keyFrameSeconds).map(soundRow);
    return [
      `Key frames ${keyFrameSeconds} s apart:`,
      '',
      table(
        [
          'served by',
          'trouble',
          'viewer',
          'still beyond the camera’s absence, median (least, most)',
          'dropped or ended',
          'later than wanted',
        ],
        rows,
      ),
      ...(sound.length > 0
        ? ['', table(['served by', 'viewer', 'sound after picture at first', 'at the end', 'moved by'], sound)]
        : []),
      '',
    ].join('\n');
  });
  return [...tables, ...broken.map((series) => `${nameOfSeries(series)} ended early: ${series.reason}\n`)].join('\n');
}

function nameOfSeries({ source, keyFrameSeconds }: BrokenSeries): string {
  return `${SOURCE_NAMES[source]}, key frames ${keyFrameSeconds} s apart,`;
}

/** In the order of sources, troubles and players. */
function groups(all: readonly CutMeasurement[]): readonly (readonly CutMeasurement[])[] {
  const troubles = [...new Set(all.map(({ trouble }) => nameOf(trouble)))];
  return SOURCES.flatMap((source) =>
    troubles.flatMap((trouble) =>
      PLAYER_KINDS.map((player) =>
        all.filter((each) => each.source === source && nameOf(each.trouble) === trouble && each.player === player),
      ),
    ),
  ).filter((group) => group.length > 0);
}

function row(of: readonly CutMeasurement[]): string[] {
  const [first] = of;
  if (!first) return [];
  return [
    SOURCE_NAMES[first.source],
    nameOf(first.trouble),
    PLAYERS[first.player].name,
    spread(of.map(({ stillMs }) => stillMs)) + (of.some(({ isOpen }) => isOpen) ? ' or longer' : ''),
    `${lost(of)} of ${of.length}`,
    `${of.filter(isLate).length} of ${of.length}`,
  ];
}

function soundRow({ source, player, begin, end }: CutDrift): string[] {
  const told = (offset: CutDrift['begin']): string =>
    offset === null ? '–' : `${offset.offsetMs.toFixed(0)} ms (${offset.beeps} beeps)`;
  const moved = begin && end ? `${(end.offsetMs - begin.offsetMs).toFixed(0)} ms` : '–';
  const name = source === 'control' ? 'camlease, never cut' : SOURCE_NAMES[source];
  return [name, PLAYERS[player].name, told(begin), told(end), moved];
}

/** The wishes for the relay (on-demand); the other sources are shown for comparison. */
export function cutWishes({ measurements, drifts, broken }: CutMeasured): readonly Wish[] {
  const wished = groups(measurements.filter(({ source }) => source === 'on-demand')).flatMap((of): readonly Wish[] => {
    const [first] = of;
    if (!first) return [];
    const what = `${nameOf(first.trouble)}, ${PLAYERS[first.player].name}, key frames ${first.keyFrameSeconds} s apart`;
    const late = of.filter(isLate).length;
    // MediaMTX drops its readers when a source dies; only camlease's page reconnects by itself.
    if (first.trouble.kind === 'worker') return first.player.startsWith('page-') ? [backAgain(what, of)] : [];
    return [
      { what, wanted: 'no player dropped or ended', seen: `${lost(of)} of ${of.length}`, isMet: lost(of) === 0 },
      {
        what,
        wanted: `moves within ${seconds(BACK_WITHIN_MS)} and the next key frame${pieceMs(first.player, first) > 0 ? ' and a piece' : ''}`,
        seen: `${late} of ${of.length} later, longest ${seconds(Math.max(...of.map(({ stillMs }) => stillMs)))}`,
        isMet: late === 0,
      },
    ];
  });
  const whole = broken
    .filter(({ source }) => source === 'on-demand')
    .map((series) => ({
      what: `${nameOfSeries(series)} all troubles`,
      wanted: 'a picture at each player',
      seen: series.reason,
      isMet: false,
    }));
  return [...wished, ...whole, ...soundWishes(drifts)];
}

function backAgain(what: string, of: readonly CutMeasurement[]): Wish {
  const [first] = of;
  const limitMs = BACK_AFTER_DEATH_MS + (first?.keyFrameSeconds ?? 0) * 1_000;
  const longestMs = Math.max(...of.map(({ stillMs }) => stillMs));
  return {
    what,
    wanted: `frames again within ${seconds(limitMs)}`,
    seen: seconds(longestMs),
    isMet: longestMs <= limitMs,
  };
}

function soundWishes(drifts: readonly CutDrift[]): readonly Wish[] {
  const atEnd = (drift: CutDrift | undefined): number => drift?.end?.offsetMs ?? Number.NaN;
  return drifts
    .filter(({ source }) => source === 'on-demand')
    .map((drift) => {
      const control = drifts.find(
        ({ source, player, keyFrameSeconds }) =>
          source === 'control' && player === drift.player && keyFrameSeconds === drift.keyFrameSeconds,
      );
      const apart = atEnd(drift) - atEnd(control);
      return {
        what: `sound, ${PLAYERS[drift.player].name}, key frames ${drift.keyFrameSeconds} s apart`,
        wanted: `at most ${SOUND_APART_MS} ms from the control's`,
        seen: Number.isNaN(apart) ? 'not measured' : `${apart.toFixed(0)} ms`,
        isMet: Math.abs(apart) <= SOUND_APART_MS,
      };
    });
}

function isLate(one: CutMeasurement): boolean {
  return one.isOpen || one.stillMs > BACK_WITHIN_MS + one.keyFrameMs + pieceMs(one.player, one);
}

/** FFmpeg takes HLS a segment at a time, so its frames come in steps of a segment. */
function pieceMs(player: PlayerKind, { keyFrameSeconds }: CutMeasurement): number {
  return player === 'ffmpeg-hls' ? keyFrameSeconds * 1_000 : 0;
}

function lost(of: readonly CutMeasurement[]): number {
  return of.filter(({ isDropped, isOpen, ended }) => isDropped || isOpen || ended !== null).length;
}
