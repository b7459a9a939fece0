import type { Measurement } from './measure.js';
import { KINDS, TRANSPORTS, type Kind, type Transport } from './rig.js';

const HANDOVER_MS: Readonly<Record<Transport, number>> = { webrtc: 1_000, hls: 450 };
const NAIVE_TIMES = 12;
const SPLICE_ABOVE_CONTROL_MS = 50;
const FORCED_WEBRTC_MS = 1_500;
const FORCED_HLS_MS = 5_000;
const NAMES: Readonly<Record<Transport, string>> = { webrtc: 'WebRTC', hls: 'HLS' };

export interface Wish {
  readonly what: string;
  readonly wanted: string;
  readonly seen: string;
  readonly isMet: boolean;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Markdown tables, one for each distance of key frames. */
export function tables(all: readonly Measurement[]): string {
  return distances(all)
    .map((keyFrameSeconds) => {
      const rows = KINDS.flatMap((kind) =>
        TRANSPORTS.map((transport) => pick(all, keyFrameSeconds, kind, transport)).filter((of) => of.length > 0),
      );
      return [
        `Key frames ${keyFrameSeconds} s apart:`,
        '',
        '| renewal | viewer | longest gap, median (least, most) | readers dropped | frames of another size | another camera meanwhile, median (most) | taken over by | after, median | processors used |',
        '|---|---|---|---|---|---|---|---|---|',
        ...rows.map((of) => row(of)),
        '',
      ].join('\n');
    })
    .join('\n');
}

function row(of: readonly Measurement[]): string {
  const [first] = of;
  if (!first) return '';
  const gaps = of.map(({ gapMs }) => gapMs);
  const others = of.map(({ bystanderGapMs }) => bystanderGapMs);
  const open = of.some(({ isOpen }) => isOpen) ? ' or longer' : '';
  const failures = of.filter(({ failure }) => failure !== null).length;
  const cells = [
    first.kind + (failures > 0 ? ` (${failures} of ${of.length} failed)` : ''),
    NAMES[first.transport],
    `${seconds(median(gaps))} s (${seconds(Math.min(...gaps))}, ${seconds(Math.max(...gaps))}${open})`,
    `${of.filter(({ isDropped }) => isDropped).length} of ${of.length}`,
    `${of.reduce((sum, { foreignFrames }) => sum + foreignFrames, 0)}`,
    `${seconds(median(others))} s (${seconds(Math.max(...others))})`,
    counted(of.flatMap(({ how }) => (how === null ? [] : [how]))),
    first.kind === 'control' ? '' : `${seconds(median(of.map(({ renewalMs }) => renewalMs)))} s`,
    `${Math.round(median(of.map(({ busy }) => busy)) * 100)} %`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** `splice 9, forward 1`. */
function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${count}`).join(', ');
}

/** What was wanted, as far as its kinds were measured. */
export function wishes(all: readonly Measurement[]): readonly Wish[] {
  return distances(all).flatMap((keyFrameSeconds) =>
    TRANSPORTS.flatMap((transport): readonly Wish[] => {
      const of = (kind: Kind): readonly Measurement[] => pick(all, keyFrameSeconds, kind, transport);
      const gap = (kind: Kind): number => median(of(kind).map(({ gapMs }) => gapMs));
      const name = (kind: Kind): string => `${kind}, ${NAMES[transport]}, key frames ${keyFrameSeconds} s apart`;
      const atMost = (kind: Kind, limitMs: number): Wish => ({
        what: name(kind),
        wanted: `at most ${seconds(limitMs)} s`,
        seen: `${seconds(gap(kind))} s`,
        isMet: gap(kind) <= limitMs,
      });
      const list: Wish[] = [];
      if (of('handover').length > 0 && keyFrameSeconds === 1) {
        list.push(atMost('handover', HANDOVER_MS[transport]));
        if (of('naive').length > 0) list.push(timesShorter(name('handover'), gap('naive') / gap('handover')));
      }
      if (of('splice').length > 0 && of('control').length > 0)
        list.push(atMost('splice', gap('control') + SPLICE_ABOVE_CONTROL_MS));
      if (of('splice').length > 0) list.push(bySplice(name('splice'), of('splice')));
      for (const kind of ['handover', 'splice'] as const)
        if (of(kind).length > 0) list.push(undisturbed(name(kind), of(kind)));
      if (of('forced').length > 0)
        list.push(atMost('forced', transport === 'hls' ? FORCED_HLS_MS : FORCED_WEBRTC_MS + keyFrameSeconds * 1_000));
      return list;
    }),
  );
}

export function wishTable(list: readonly Wish[]): string {
  return [
    '| what | wanted | seen | |',
    '|---|---|---|---|',
    ...list.map(({ what, wanted, seen, isMet }) => `| ${what} | ${wanted} | ${seen} | ${isMet ? 'met' : 'missed'} |`),
  ].join('\n');
}

function timesShorter(what: string, times: number): Wish {
  const wanted = `at least ${NAIVE_TIMES} times shorter than naive`;
  return { what, wanted, seen: `${times.toFixed(1)} times`, isMet: times >= NAIVE_TIMES };
}

/** A splice process that is away is made up for by the handover, which must not be measured in its place. */
function bySplice(what: string, of: readonly Measurement[]): Wish {
  const seen = counted(of.map(({ how }) => how ?? 'not said'));
  return { what, wanted: 'taken over by the splice', seen, isMet: of.every(({ how }) => how === 'splice') };
}

function undisturbed(what: string, of: readonly Measurement[]): Wish {
  const dropped = of.filter(({ isDropped }) => isDropped).length;
  const foreign = of.reduce((sum, { foreignFrames }) => sum + foreignFrames, 0);
  const wanted = 'no reader dropped, no frame of another size';
  return { what, wanted, seen: `${dropped} dropped, ${foreign} frames`, isMet: dropped === 0 && foreign === 0 };
}

function pick(
  all: readonly Measurement[],
  keyFrameSeconds: number,
  kind: Kind,
  transport: Transport,
): readonly Measurement[] {
  return all.filter(
    (each) => each.keyFrameSeconds === keyFrameSeconds && each.kind === kind && each.transport === transport,
  );
}

function distances(all: readonly Measurement[]): readonly number[] {
  return [...new Set(all.map(({ keyFrameSeconds }) => keyFrameSeconds))];
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}
