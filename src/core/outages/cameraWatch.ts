import { nothingComes, type CameraLook } from './cameraLook.js';
import { isOurs } from './outage.js';

/**
 * An interruption that is shorter is no outage and counts as time in which the camera worked: a handover may freeze a picture
 * for a moment.
 */
export const OUTAGE_FROM_MS = 1_500;
/** Who watches has a picture from the next key frame on: half of the usual interval later than the bytes. */
const PICTURE_AFTER_BYTES_MS = 500;
/** A picture that was never there may take so long until it comes. */
const FIRST_PICTURE_MS = 15_000;
/** A gap that begins so soon after the media server went to another lease belongs to that move. */
const MOVE_MS = 5_000;
/** Looks that lie further apart say nothing of the time between them. */
const BLIND_AFTER_MS = 30_000;

/** `away`: down, but because the camera itself is offline. */
export const SPAN_KINDS = ['up', 'down', 'away', 'unknown'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** A piece of a camera's time; milliseconds of the clock that never jumps. */
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

/** What is remembered of a camera from look to look. Pure data: `step` makes the next one. */
export interface CameraWatch {
  /** Time up to here has been given out in spans; while the picture comes, the last movement. */
  readonly countedMs: number;
  readonly lookedMs: number;
  /** A look since then found nothing new. */
  readonly isStill: boolean;
  /** It is pulled and has brought nothing yet. */
  readonly isFirst: boolean;
  /** The first of the looks in a row that the media server did not answer; null: it answers. */
  readonly unknownMs: number | null;
  /** What the connection had brought; null: not known, or the media server was restarted since. */
  readonly bytes: number | null;
  /** The lease that the media server served at the last look; absent or null: not known. */
  readonly revision?: number | null;
  /** When it went from one lease to another; absent: not since it is watched. */
  readonly movedLeaseMs?: number;
  /** Why the picture stands still, once something said so. */
  readonly why: Omit<Gap, 'beganMs'> | null;
  /** The outage that goes on; null: none. */
  readonly outage: Gap | null;
}

export interface Step {
  /** null: nothing is expected of the camera. */
  readonly watch: CameraWatch | null;
  readonly spans: readonly Span[];
  /** Outages that were found to have been, or to have ended; with `endedMs` null one that goes on from now. */
  readonly outages: ReadonlyArray<Gap & { readonly endedMs: number | null }>;
}

const ENGINE_AWAY = { reason: 'ENGINE_UNREACHABLE', message: 'The media server was away.' } as const;
const NOTHING_COMES = nothingComes();

/**
 * Takes in one look. `sinceMs`: when what makes it dark began, if that is known. `revision`: the lease that the media server serves;
 * that it goes from one to another is planned, and the picture may take as long to come back as it takes to come.
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

/** Time of which nothing can be said yet: the media server does not answer. null: none. */
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
    // What was never seen to work is not missed while nobody can tell.
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
  // Bytes began again somewhere between the look before and this one, and the picture with the key frame after that.
  const bytesMs = (Math.min(before.lookedMs, movedMs) + movedMs) / 2;
  const endedMs = Math.max(beganMs, bytesMs) + PICTURE_AFTER_BYTES_MS;
  const back = { ...watch, countedMs: Math.max(movedMs, endedMs) };
  if (before.outage !== null) {
    const spans = [span(kindOf(before.outage), before.countedMs, endedMs), span('up', endedMs, movedMs)];
    return { watch: back, spans, outages: [{ ...before.outage, endedMs }] };
  }
  // The same connection went on bringing bytes while the media server did not answer us.
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

/** `look` null: it flows, as far as is known, and brought nothing new. */
function still(
  before: CameraWatch,
  look: Extract<CameraLook, { kind: 'dark' | 'starting' }> | null,
  nowMs: number,
): Step {
  const said = look && saidBy(look);
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
function saidBy(look: Extract<CameraLook, { kind: 'dark' | 'starting' }>): Omit<Gap, 'beganMs'> | null {
  if (look.kind === 'dark') return { reason: look.reason, message: look.message };
  return look.why === undefined ? null : nothingComes(look.why);
}

/** Nothing is expected any more: what was under way ends here. */
function leave(before: CameraWatch | null, nowMs: number): Step {
  if (before === null) return { watch: null, spans: [], outages: [] };
  const { outage, countedMs, unknownMs, isStill } = before;
  if (outage !== null) {
    return { watch: null, spans: [span(kindOf(outage), countedMs, nowMs)], outages: [{ ...outage, endedMs: nowMs }] };
  }
  const kind: SpanKind = unknownMs === null ? 'up' : 'unknown';
  return { watch: null, spans: isStill ? [] : [span(kind, countedMs, nowMs)], outages: [] };
}

/** The machine slept, or we did nothing for long: an outage goes on as it was, and the time is nobody's. */
function afterBlindness(before: CameraWatch, look: CameraLook, nowMs: number): Step {
  const blind = span('unknown', before.countedMs, nowMs);
  const resumed = { ...before, countedMs: nowMs, lookedMs: nowMs, isStill: true, unknownMs: null };
  const next = step(resumed, look, nowMs);
  return { ...next, spans: [blind, ...next.spans] };
}

/** When the media server died between two looks, it is taken to have died in the middle. */
function gapBegan({ countedMs, unknownMs, isStill }: CameraWatch): number {
  return unknownMs === null || isStill ? countedMs : (countedMs + unknownMs) / 2;
}

function outageFromMs(watch: CameraWatch): number {
  return watch.isFirst || isMove(watch) ? FIRST_PICTURE_MS : OUTAGE_FROM_MS;
}

/** It stands still because the media server went to another lease. */
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
