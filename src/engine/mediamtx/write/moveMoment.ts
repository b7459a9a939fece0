import { sleep, type Clock } from '../../../core/clock.js';
import { forwardingRevisions } from '../paths/forwardingRevisions.js';
import { leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import { waitForKeyFrameMs, type KeyFrameTimes } from './keyFrameMoment.js';

export interface MoveMomentDeps {
  readonly clock: Clock;
  /** The key frame rhythm of the feeder with this path name; null: not known. */
  readonly keyFramesOf: (feeder: string) => KeyFrameTimes | null;
}

/** How long a file write takes until confirmed, assumed until one was measured: a small file on an idle machine. */
const USUAL_WRITE_MS = 60;
const WRITES_REMEMBERED = 5;
/**
 * From a confirmed write until the new feeder's pictures could go out: the feeder connects, and MediaMTX shows the slate's current frame
 * to its end (up to 100 ms), with room for error. Measured, see docs/decisions/2026-11-21-handover-moment.md.
 */
const MARGIN_MS = 140;
const LOOK_MS = 50;

/** Delays a write that moves cameras to other feeders until just before their next key frame. */
export class MoveMoment {
  readonly #deps: MoveMomentDeps;
  #writesMs: readonly number[] = [];

  constructor(deps: MoveMomentDeps) {
    this.#deps = deps;
  }

  /** Records how long a file write took until it was confirmed. */
  wrote(ms: number): void {
    this.#writesMs = [...this.#writesMs, ms].slice(-WRITES_REMEMBERED);
  }

  /** Resolves at the best moment to begin the write from `before` to `desired`; soon after `isOver` turns true. */
  async come(before: PathConfigs, desired: PathConfigs, isOver: () => boolean): Promise<void> {
    const { clock } = this.#deps;
    const endMs = clock.monotonicMs() + this.#waitMs(before, desired);
    for (let leftMs = endMs - clock.monotonicMs(); leftMs > 0 && !isOver(); leftMs = endMs - clock.monotonicMs())
      await sleep(clock, Math.min(leftMs, LOOK_MS));
  }

  #waitMs(before: PathConfigs, desired: PathConfigs): number {
    const { clock, keyFramesOf } = this.#deps;
    const from = forwardingRevisions(before);
    const moving = [...forwardingRevisions(desired)].filter(
      ([cameraId, revision]) => from.has(cameraId) && from.get(cameraId) !== revision,
    );
    const rhythms = moving.map(([cameraId, revision]) => keyFramesOf(leasePathName(cameraId, revision)));
    return waitForKeyFrameMs(rhythms, {
      nowMs: clock.monotonicMs(),
      effectMs: median(this.#writesMs) ?? USUAL_WRITE_MS,
      marginMs: MARGIN_MS,
    });
  }
}

function median(numbers: readonly number[]): number | null {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? null;
}
