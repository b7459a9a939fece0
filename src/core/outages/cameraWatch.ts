import { nothingComes, type CameraLook } from './cameraLook.js';
import { isOurs } from './outage.js';

/** A shorter interruption is no outage and counts as `up`: a handover may freeze the picture for a moment. */
export const OUTAGE_FROM_MS = 1_500;
/** Viewers get a picture from the next key frame on: on average half of the usual key frame interval after the bytes. */
const PICTURE_AFTER_BYTES_MS = 500;
/** How long a first picture may take to come. */
const FIRST_PICTURE_MS = 15_000;
/** A gap that begins this close to the media server's move to another lease belongs to that move. */
const MOVE_MS = 5_000;
/** Two checks that lie further apart say nothing about the time between them. */
const BLIND_AFTER_MS = 30_000;

/** `away`: down because the camera itself is offline. */
export const SPAN_KINDS = ['up', 'down', 'away', 'unknown'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** A piece of a camera's time, in monotonic ms. */
export interface Span {
  readonly kind: SpanKind;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Gap {
  readonly beganMs: number;
  readonly reason: string;
  readonly message: string;
}

/** What is kept of a camera from one check to the next. Pure data: `step` makes the next one. */
export interface CameraWatch {
  /** Time up to here has been returned in spans; while the picture comes, the last movement. */
  readonly countedMs: number;
  readonly lookedMs: number;
  /** A check since `countedMs` found no new bytes. */
  readonly isStill: boolean;
  /** The camera is pulled and has brought nothing yet. */
  readonly isFirst: boolean;
  /** When the first of the checks in a row was made that the media server did not answer; null: it answers. */
  readonly unknownMs: number | null;
  /** How many bytes the connection had brought; null: not known, or the media server was restarted since. */
  readonly bytes: number | null;
  /** The revision that the media server served at the last check; absent or null: not known. */
  readonly revision?: number | null;
  /** When the media server moved it from one lease to another; absent: not since its checks began. */
  readonly movedLeaseMs?: number;
  /** Why the picture stands still; null: nothing has said so yet. */
  readonly why: Omit<Gap, 'beganMs'> | null;
  /** The open outage; null: none. */
  readonly outage: Gap | null;
}

export interface Step {
  /** null: nothing is expected of the camera. */
  readonly watch: CameraWatch | null;
  readonly spans: readonly Span[];
  /** Outages that are over, found or ended by this check; with `endedMs` null one that is open from now on. */
  readonly outages: ReadonlyArray<Gap & { readonly endedMs: number | null }>;
}

const ENGINE_AWAY = { reason: 'ENGINE_UNREACHABLE', message: 'The media server did not answer.' } as const;
const NOTHING_COMES = nothingComes();

/**
 * Takes one check. `sinceMs`: since when the camera is dark, if known. `revision`: the lease that the media server serves.
 * A move to another lease is planned, so the picture may take as long to come back as a first one takes to come.
 */
export function step(
  known: CameraWatch | null,
  look: CameraLook,
  nowMs: number,
  sinceMs: number | null = null,
  revision: number | null = null,
): Step {
  const before = known && withRevision(known, revision, nowMs);
  const next = takeIn(before, look, nowMs, sinceMs);
  if (next.watch === null || revision === null) return next;
  return { ...next, watch: { ...next.watch, revision } };
}

function withRevision(watch: CameraWatch, revision: number | null, nowMs: number): CameraWatch {
  const known = watch.revision ?? null;
  return revision === null || known === null || known === revision ? watch : { ...watch, movedLeaseMs: nowMs };
}

function takeIn(before: CameraWatch | null, look: CameraLook, nowMs: number, sinceMs: number | null): Step {
  if (before !== null && nowMs - before.lookedMs > BLIND_AFTER_MS) return afterBlindness(before, look, nowMs);
  if (look.kind === 'outside') return leave(before, nowMs);
  if (before === null) return begin(look, nowMs, sinceMs);
  if (look.kind === 'moving') return moved(before, look, nowMs);
  if (look.kind === 'unknown') {
    return { watch: { ...before, lookedMs: nowMs, unknownMs: before.unknownMs ?? nowMs }, spans: [], outages: [] };
  }
  return still(before, look, nowMs);
}

/** Time about which nothing is known yet, because the media server does not answer. null: none. */
export function undecided(watch: CameraWatch, nowMs: number): Span | null {
  return watch.unknownMs === null || nowMs <= watch.countedMs
    ? null
    : { kind: 'unknown', fromMs: watch.countedMs, toMs: nowMs };
}

function begin(look: CameraLook, nowMs: number, sinceMs: number | null): Step {
  const fresh = {
    lookedMs: nowMs,
    isStill: true,
    isFirst: false,
    unknownMs: null,
    bytes: null,
    why: null,
    outage: null,
  };
  switch (look.kind) {
    case 'moving': {
      const watch = { ...fresh, countedMs: look.movedMs ?? nowMs, isStill: false, bytes: look.bytes };
      return { watch, spans: [], outages: [] };
    }
    case 'starting':
      return { watch: { ...fresh, countedMs: nowMs, isFirst: true }, spans: [], outages: [] };
    case 'dark': {
      const countedMs = Math.min(nowMs, Math.max(sinceMs ?? nowMs, nowMs - BLIND_AFTER_MS));
      return still({ ...fresh, countedMs }, look, nowMs);
    }
    // A camera that was never seen to work is not counted while its state is unknown.
    case 'unknown':
    case 'outside':
      return { watch: null, spans: [], outages: [] };
  }
}

function moved(before: CameraWatch, look: Extract<CameraLook, { kind: 'moving' }>, nowMs: number): Step {
  const movedMs = look.movedMs ?? nowMs;
  const isSame = look.bytes !== null && look.bytes === before.bytes;
  if (movedMs <= before.countedMs || isSame) return still(before, null, nowMs);
  const watch: CameraWatch = {
    ...before,
    ...{ countedMs: movedMs, lookedMs: nowMs, bytes: look.bytes },
    ...{ isStill: false, isFirst: false, unknownMs: null, why: null, outage: null },
  };
  const beganMs = gapBegan(before);
  // Bytes began again somewhere between the previous check and this one, and the picture with the next key frame.
  const bytesMs = (Math.min(before.lookedMs, movedMs) + movedMs) / 2;
  const endedMs = Math.max(beganMs, bytesMs) + PICTURE_AFTER_BYTES_MS;
  const back = { ...watch, countedMs: Math.max(movedMs, endedMs) };
  if (before.outage !== null) {
    const spans = [span(kindOf(before.outage), before.countedMs, endedMs), span('up', endedMs, movedMs)];
    return { watch: back, spans, outages: [{ ...before.outage, endedMs }] };
  }
  // The connection went on bringing bytes while the media server did not answer our checks.
  const wentOn = before.bytes !== null && look.bytes !== null && look.bytes >= before.bytes && !before.isStill;
  const isBroken = before.isStill || (before.unknownMs !== null && !wentOn);
  if (!isBroken || bytesMs - beganMs < outageFromMs(before)) {
    const isUncounted = before.isFirst || (isBroken && isMove(before));
    return { watch, spans: isUncounted ? [] : [span('up', before.countedMs, movedMs)], outages: [] };
  }
  const outage = { beganMs, ...whyOf(before), endedMs };
  const spans = [
    span('up', before.countedMs, beganMs),
    span(kindOf(outage), beganMs, endedMs),
    span('up', endedMs, movedMs),
  ];
  return { watch: back, spans, outages: [outage] };
}

/** `look` null: the media server says that the stream flows, but no new bytes have come. */
function still(
  before: CameraWatch,
  look: Extract<CameraLook, { kind: 'dark' | 'starting' }> | null,
  nowMs: number,
): Step {
  const said = look && reasonIn(look);
  if (before.outage !== null) {
    const kind = kindOf(said ?? before.outage);
    const watch = { ...before, lookedMs: nowMs, countedMs: nowMs, unknownMs: null };
    return { watch, spans: [span(kind, before.countedMs, nowMs)], outages: [] };
  }
  const beganMs = gapBegan(before);
  const why = before.why ?? (before.unknownMs === null ? said : ENGINE_AWAY);
  const spans = beganMs > before.countedMs ? [span('up', before.countedMs, beganMs)] : [];
  const watch = { ...before, lookedMs: nowMs, countedMs: beganMs, isStill: true, unknownMs: null, why };
  if (nowMs - beganMs < outageFromMs(before)) return { watch, spans, outages: [] };
  const outage = { beganMs, ...(why ?? NOTHING_COMES) };
  return {
    watch: { ...watch, countedMs: nowMs, outage },
    spans: [...spans, span(kindOf(outage), beganMs, nowMs)],
    outages: [{ ...outage, endedMs: null }],
  };
}

/** null: the relay gives no reason. */
function reasonIn(look: Extract<CameraLook, { kind: 'dark' | 'starting' }>): Omit<Gap, 'beganMs'> | null {
  if (look.kind === 'dark') return { reason: look.reason, message: look.message };
  return look.why === undefined ? null : nothingComes(look.why);
}

/** Nothing is expected of the camera any more: an open outage, or the time under way, ends here. */
function leave(before: CameraWatch | null, nowMs: number): Step {
  if (before === null) return { watch: null, spans: [], outages: [] };
  const { outage, countedMs, unknownMs, isStill } = before;
  if (outage !== null) {
    return { watch: null, spans: [span(kindOf(outage), countedMs, nowMs)], outages: [{ ...outage, endedMs: nowMs }] };
  }
  const kind: SpanKind = unknownMs === null ? 'up' : 'unknown';
  return { watch: null, spans: isStill ? [] : [span(kind, countedMs, nowMs)], outages: [] };
}

/** The machine slept, or no check was made for long: that time is `unknown`, and an open outage goes on. */
function afterBlindness(before: CameraWatch, look: CameraLook, nowMs: number): Step {
  const blind = span('unknown', before.countedMs, nowMs);
  const resumed = { ...before, countedMs: nowMs, lookedMs: nowMs, isStill: true, unknownMs: null };
  const next = step(resumed, look, nowMs);
  return { ...next, spans: [blind, ...next.spans] };
}

/** If the media server stopped between two checks, it is taken to have stopped in the middle. */
function gapBegan({ countedMs, unknownMs, isStill }: CameraWatch): number {
  return unknownMs === null || isStill ? countedMs : (countedMs + unknownMs) / 2;
}

function outageFromMs(watch: CameraWatch): number {
  return watch.isFirst || isMove(watch) ? FIRST_PICTURE_MS : OUTAGE_FROM_MS;
}

/** True when the picture stands still because the media server moved to another lease. */
function isMove(watch: CameraWatch): boolean {
  const { movedLeaseMs } = watch;
  return (
    movedLeaseMs !== undefined && gapBegan(watch) < movedLeaseMs + MOVE_MS && gapBegan(watch) > movedLeaseMs - MOVE_MS
  );
}

function whyOf({ why, unknownMs }: CameraWatch): Omit<Gap, 'beganMs'> {
  return why ?? (unknownMs === null ? NOTHING_COMES : ENGINE_AWAY);
}

function kindOf(why: Pick<Gap, 'reason'>): SpanKind {
  return isOurs(why) ? 'down' : 'away';
}

function span(kind: SpanKind, fromMs: number, toMs: number): Span {
  return { kind, fromMs, toMs: Math.max(fromMs, toMs) };
}
