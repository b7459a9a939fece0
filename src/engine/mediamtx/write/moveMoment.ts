import { sleep, type Clock } from '../../../core/clock.js';
import { forwardingRevisions } from '../paths/forwardingRevisions.js';
import { leasePathName, type PathConfigs } from '../paths/pathConfig.js';
import { waitForKeyFrameMs, type KeyFrameTimes } from './keyFrameMoment.js';

export interface MoveMomentDeps {
  readonly clock: Clock;
  /** The rhythm of a feeder, by the name of its path; null: not known. */
  readonly keyFramesOf: (feeder: string) => KeyFrameTimes | null;
}

/** Until a write of the file is confirmed, while none was seen: a small file on a machine that has little else to do. */
const USUAL_WRITE_MS = 60;
const WRITES_REMEMBERED = 5;
/**
 * From a confirmed write until the new feeder's pictures would go out: it connects, MediaMTX shows the slate's current frame to
 * its end (up to 100 ms), and none of this is exact. Measured, see docs/decisions/2026-11-21-handover-moment.md.
 */
const MARGIN_MS = 140;
const LOOK_MS = 50;

/** Finds the moment for a write that moves cameras to other feeders: just before the next key frame. */
export class MoveMoment {
  readonly #deps: MoveMomentDeps;
  #writesMs: readonly number[] = [];

  constructor(deps: MoveMomentDeps) {
    this.#deps = deps;
  }

  /** A write took so long from its beginning until it was confirmed. */
  wrote(ms: number): void {
    this.#writesMs = [...this.#writesMs, ms].slice(-WRITES_REMEMBERED);
  }

  /** Resolves when it is best to begin the write that turns one into the other; at once when `isOver`. */
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
