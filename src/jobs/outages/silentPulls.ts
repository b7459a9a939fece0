import { type Camera, type CameraId, isAlwaysPulled } from '../../core/camera/camera.js';
import type { SeenStream } from '../../core/health/health.js';

/** Pulls in a row that brought nothing: the next one is not expected to bring anything either. */
const PULLS = 2;
/** A viewer that leaves sooner did not wait for a picture; a look may see a pull 5 s after its beginning. */
const LONG_ENOUGH_MS = 6_000;
/** MediaMTX gives a source up after so long, and opens it again for the next viewer: one that lasts longer counts as several. */
const GIVEN_UP_MS = 15_000;
/** A new lease is asked for at most this often. */
const ASK_AGAIN_MS = 3_600_000;

interface Pulls {
  readonly revision: number;
  /** In a row, those that are over. */
  readonly count: number;
  /** When the first of them began (wall clock). */
  readonly since: Date;
  /** How many pulls the one that goes on counts as by now. */
  readonly going: number;
  /** When the one that goes on began (monotonic); null: nobody asks. */
  readonly beganMs: number | null;
  readonly askedMs: number;
}

/**
 * On-demand cameras that bring nothing pull after pull. Each pull alone looks like a start, and between two of them the camera is
 * merely idle, so they are counted here, look by look.
 */
export class SilentPulls {
  readonly #onSilent: (id: CameraId) => void;
  readonly #known = new Map<CameraId, Pulls>();

  /** `onSilent`: its lease is worth another look; called at most once an hour for a camera. */
  constructor(onSilent: (id: CameraId) => void) {
    this.#onSilent = onSilent;
  }

  has(id: CameraId): boolean {
    const known = this.#known.get(id);
    return known !== undefined && known.count + known.going >= PULLS;
  }

  /** Takes in one look. */
  see({ id, mode, lease }: Camera, seen: SeenStream | null, now: Date, nowMs: number): void {
    const flow = seen?.flow ?? 'idle';
    // A camera that may not be pulled, or has no lease, is not helped by another one.
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
      // A viewer that presses play again at once is never seen to be gone.
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
