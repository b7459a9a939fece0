import { type Camera, type CameraId, isAlwaysPulled } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';

/** After this many pulls in a row without a picture, the next pull is expected to bring none either. */
const PULLS = 2;
/** A shorter pull does not count, because the viewer did not wait for a picture; a check may see a pull 5 s after its beginning. */
const LONG_ENOUGH_MS = 6_000;
/** MediaMTX gives a source up after so long and opens it again for the next viewer: a pull that lasts longer counts as several. */
const GIVEN_UP_MS = 15_000;
/** A new lease is asked for at most this often. */
const ASK_AGAIN_MS = 3_600_000;

interface Pulls {
  readonly revision: number;
  /** Ended pulls in a row without a picture. */
  readonly count: number;
  /** When the first of them began (wall clock). */
  readonly since: Date;
  /** How many pulls the one that is going counts as by now. */
  readonly going: number;
  /** When (monotonic ms) the pull that is going began; null: nobody watches. */
  readonly beganMs: number | null;
  readonly askedMs: number;
}

/**
 * Counts on-demand cameras' pulls that bring nothing. Each such pull alone looks like a start, and between two of them the
 * camera is just idle, so they are counted from check to check.
 */
export class SilentPulls {
  readonly #onSilent: (id: CameraId) => void;
  readonly #known = new Map<CameraId, Pulls>();

  /** `onSilent`: asks for a new lease; called at most once an hour for a camera. */
  constructor(onSilent: (id: CameraId) => void) {
    this.#onSilent = onSilent;
  }

  has(id: CameraId): boolean {
    const known = this.#known.get(id);
    return known !== undefined && known.count + known.going >= PULLS;
  }

  /** Takes what one check found of a camera. */
  see({ id, mode, lease }: Camera, seen: SeenStream | null, now: Date, nowMs: number): void {
    const flow = seen?.flow ?? 'idle';
    // A camera that the relay may not pull, or has no address for, would not be helped by a new lease.
    if (flow === 'unknown' || seen?.reason === 'over-cap' || seen?.reason === 'no-address') return;
    const before = this.#known.get(id);
    const isOver = lease === null || isAlwaysPulled(mode) || flow === 'flowing';
    const isNewer = before && (before.revision !== lease?.revision || (lease.provenAt ?? before.since) > before.since);
    if (isOver || isNewer) {
      this.#known.delete(id);
      return;
    }
    if (flow !== 'idle') {
      const fresh = { revision: lease.revision, count: 0, since: now, askedMs: Number.NEGATIVE_INFINITY };
      const pulls = before ?? fresh;
      const beganMs = before?.beganMs ?? nowMs;
      // A viewer that presses play again at once leaves no check without a pull, so a long pull counts as several.
      this.#keep(id, { ...pulls, beganMs, going: Math.floor((nowMs - beganMs) / GIVEN_UP_MS) }, nowMs);
      return;
    }
    if (!before || before.beganMs === null) return;
    const lastedMs = nowMs - before.beganMs;
    const pulls = lastedMs < LONG_ENOUGH_MS ? 0 : Math.max(1, Math.floor(lastedMs / GIVEN_UP_MS));
    this.#keep(id, { ...before, count: before.count + pulls, going: 0, beganMs: null }, nowMs);
  }

  #keep(id: CameraId, pulls: Pulls, nowMs: number): void {
    const asks = pulls.count + pulls.going >= PULLS && nowMs - pulls.askedMs >= ASK_AGAIN_MS;
    this.#known.set(id, asks ? { ...pulls, askedMs: nowMs } : pulls);
    if (asks) this.#onSilent(id);
  }
}
