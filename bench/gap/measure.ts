import { cpus } from 'node:os';
import type { Browser } from 'playwright-core';
import { longestGap, within, type Window } from './frames.js';
import { TRANSPORTS, type Kind, type Move, type Rig, type Transport } from './rig.js';
import { Watcher } from './watcher.js';

const WIDTH = 640;
const HEIGHT = 360;
const STEADY_MS = 3_000;
const STEADY_LIMIT_MS = 90_000;
const BEFORE_MS = 1_000;
/** From the moment that the media server has the other address. */
const AFTER_MS: Readonly<Record<Kind, number>> = {
  control: 12_000,
  naive: 25_000,
  forced: 12_000,
  handover: 12_000,
  splice: 12_000,
};
/** hls.js plays three segments behind, and a segment is as long as the key frames are apart. */
const HLS_SEGMENTS_BEHIND = 3;

/** What one viewer saw of one renewal. */
export interface Measurement {
  readonly keyFrameSeconds: number;
  readonly kind: Kind;
  readonly transport: Transport;
  readonly gapMs: number;
  /** When the gap began, after the renewal did. */
  readonly gapAtMs: number;
  /** The picture had not come back when the window ended. */
  readonly isOpen: boolean;
  readonly isDropped: boolean;
  readonly foreignFrames: number;
  readonly frames: number;
  /** Until the media server had the other address. */
  readonly renewalMs: number;
  /** How camlease says it took over; null: it does not say. */
  readonly how: string | null;
  /** The longest gap of a viewer of another camera meanwhile. */
  readonly bystanderGapMs: number;
  /** Share of the processors' time that was used, 0 to 1. */
  readonly busy: number;
  /** Why the renewal failed; null: it did not. */
  readonly failure: string | null;
}

/** Who watches the control camera all the time. */
export type Bystanders = Readonly<Record<Transport, Watcher>>;

/** Opens the pages of one kind, renews its camera once, and looks at what they showed. */
export async function measure(
  rig: Rig,
  browser: Browser,
  kind: Kind,
  keyFrameSeconds: number,
  bystanders: Bystanders,
): Promise<readonly Measurement[]> {
  await rig.prepare(kind);
  const watchers = await openAll(rig, browser, kind);
  try {
    const behindMs = (keyFrameSeconds - 1) * HLS_SEGMENTS_BEHIND * 1_000;
    // A player of a list that has just begun has nothing in hand, and stalls by itself before it is as far behind as it should be.
    await Promise.all(TRANSPORTS.map((transport) => watchers[transport].steady(STEADY_MS + behindMs, STEADY_LIMIT_MS)));
    const before = await sessions(rig, kind);
    await pause(BEFORE_MS);
    const usage = processorTime();
    const beganMs = Date.now();
    let [failure, move]: [string | null, Move | null] = [null, null];
    try {
      await rig.renew(kind);
      move = await rig.moved(kind, new Date(beganMs));
    } catch (thrown) {
      failure = thrown instanceof Error ? thrown.message : String(thrown);
    }
    const renewalMs = (move?.at.getTime() ?? Date.now()) - beganMs;
    await pause(AFTER_MS[kind] + behindMs);
    const window: Window = { fromMs: beganMs - BEFORE_MS, toMs: Date.now() - 100 };
    const busy = usage();
    const after = await sessions(rig, kind);
    return await Promise.all(
      TRANSPORTS.map(async (transport): Promise<Measurement> => {
        const frames = await watchers[transport].frames();
        const gap = longestGap(frames, window);
        const seen = within(frames, window);
        return {
          keyFrameSeconds,
          kind,
          transport,
          gapMs: gap.lengthMs,
          gapAtMs: gap.beganMs - beganMs,
          isOpen: gap.isOpen && gap.lengthMs > 1_000,
          isDropped: !stayed(before[transport], after[transport]),
          foreignFrames: seen.filter(({ width, height }) => width !== WIDTH || height !== HEIGHT).length,
          frames: seen.length,
          renewalMs,
          how: move?.how ?? null,
          bystanderGapMs: longestGap(await bystanders[transport].frames(), window).lengthMs,
          busy,
          failure,
        };
      }),
    );
  } finally {
    await Promise.all(TRANSPORTS.map((transport) => watchers[transport].close()));
  }
}

/** One page for each transport. */
export async function openAll(rig: Rig, browser: Browser, kind: Kind): Promise<Bystanders> {
  const [webrtc, hls] = await Promise.all([
    Watcher.open(browser, rig.pageOf(kind, 'webrtc')),
    Watcher.open(browser, rig.pageOf(kind, 'hls')),
  ]);
  return { webrtc, hls };
}

async function sessions(rig: Rig, kind: Kind): Promise<Readonly<Record<Transport, ReadonlySet<string>>>> {
  return { webrtc: await rig.sessions(kind, 'webrtc'), hls: await rig.sessions(kind, 'hls') };
}

/**
 * A reader that was dropped has a session of its own when he comes back. Those of pages that were closed before may be listed still,
 * and go meanwhile: that says nothing.
 */
function stayed(before: ReadonlySet<string>, after: ReadonlySet<string>): boolean {
  return [...after].every((id) => before.has(id)) && [...before].some((id) => after.has(id));
}

/** Call the answer for the share of time that was used since. */
function processorTime(): () => number {
  const read = (): { used: number; all: number } => {
    let [used, all] = [0, 0];
    for (const { times } of cpus()) {
      const busy = times.user + times.nice + times.sys + times.irq;
      used += busy;
      all += busy + times.idle;
    }
    return { used, all };
  };
  const first = read();
  return () => {
    const last = read();
    return (last.used - first.used) / Math.max(1, last.all - first.all);
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
