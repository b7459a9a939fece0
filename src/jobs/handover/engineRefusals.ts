import type { CameraId } from '../../core/camera/camera.js';
import type { StreamRefusal } from '../../core/health/health.js';
import type { RefusedStream } from '../../engine/mediaEngine.js';
import type { JobsDeps } from '../run/deps.js';

/**
 * Refused cameras are offered to the media server again after this wait, and then after twice the last one: the operator
 * may have removed the cause.
 */
const AGAIN_FIRST_MS = 15_000;
const AGAIN_LONGEST_MS = 5 * 60_000;
/** A log line names this many cameras at most. */
const NAMES_SHOWN = 5;

/** What is known about the media server beside its streams. */
export interface EngineKnowledge {
  /** Cameras that the media server does not serve as it was told to, and why. */
  readonly refused: ReadonlyMap<CameraId, StreamRefusal>;
  /** What is wrong with the media server, with a cure; null: nothing. */
  readonly problem: string | null;
}

export const NOTHING_REFUSED: EngineKnowledge = { refused: new Map(), problem: null };

/** Which cameras the media server refuses, as its latest apply report named them; each change is logged once. */
export class EngineRefusals {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> };
  #refused: ReadonlyMap<CameraId, StreamRefusal> = new Map();
  #againAtMs: number | null = null;
  #againMs = 0;

  constructor(deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> }) {
    this.#deps = deps;
  }

  get refused(): ReadonlyMap<CameraId, StreamRefusal> {
    return this.#refused;
  }

  /** When (monotonic ms) to offer the refused cameras again; null: none is refused. */
  get againAtMs(): number | null {
    return this.#againAtMs;
  }

  /** Takes the refusals of one apply report, which names every refused camera. */
  take(reported: readonly RefusedStream[]): void {
    const { clock, log } = this.#deps;
    const before = this.#refused;
    const now = new Map(
      reported.map(({ cameraId, code, message, cure }) => [cameraId, { code, message, cure }] as const),
    );
    this.#refused = now;
    const fresh = [...now].filter(([id, refusal]) => !isSame(before.get(id), refusal));
    for (const [{ code, message, cure }, ids] of byReason(fresh)) {
      log.warn(`The media server does not serve ${this.#names(ids)}: ${message}`, { code, cure, cameras: ids.length });
    }
    const over = [...before.keys()].filter((id) => !now.has(id) && this.#deps.store.peek(id));
    if (over.length > 0) log.info(`The media server serves ${this.#names(over)} again.`);
    if (now.size === 0) {
      this.#againAtMs = null;
      return;
    }
    this.#againMs = fresh.length > 0 ? AGAIN_FIRST_MS : Math.min(AGAIN_LONGEST_MS, this.#againMs * 2);
    this.#againAtMs = clock.monotonicMs() + this.#againMs;
  }

  /** Another replica applies from now on, and learns what the media server refuses. */
  forget(): void {
    this.#refused = new Map();
    this.#againAtMs = null;
  }

  #names(ids: readonly CameraId[]): string {
    const names = ids.slice(0, NAMES_SHOWN).map((id) => this.#deps.store.peek(id)?.name ?? id);
    return ids.length > NAMES_SHOWN ? `${names.join(', ')} and ${ids.length - NAMES_SHOWN} more` : names.join(', ');
  }
}

/** Groups cameras by their refusal, for one log line each: one setting of MediaMTX's file may refuse every camera. */
export function byReason(
  refused: Iterable<readonly [CameraId, StreamRefusal]>,
): ReadonlyMap<StreamRefusal, readonly CameraId[]> {
  const reasons = new Map<string, { readonly refusal: StreamRefusal; readonly ids: CameraId[] }>();
  for (const [id, refusal] of refused) {
    const key = `${refusal.code} ${refusal.message} ${refusal.cure}`;
    const known = reasons.get(key) ?? { refusal, ids: [] };
    known.ids.push(id);
    reasons.set(key, known);
  }
  return new Map([...reasons.values()].map(({ refusal, ids }) => [refusal, ids]));
}

function isSame(a: StreamRefusal | undefined, b: StreamRefusal): boolean {
  return a !== undefined && a.code === b.code && a.message === b.message && a.cure === b.cure;
}
