import type { CameraId } from '../../core/camera/camera.js';
import { NOTHING_COMES } from '../../core/health/cameraTroubles.js';
import { OVER_CAP } from '../../core/health/relayReasons.js';
import type { Outage } from '../../core/outages/outage.js';
import type { JobsDeps } from '../run/deps.js';

/** A log line names this many cameras at most. */
const NAMES_SHOWN = 5;
/** A camera is logged at most once in this time, however often its picture comes and goes. */
const LOG_EVERY_MS = 600_000;
/**
 * Outages with these reasons are logged here. The others are logged where they are found: a lease that was refused, a
 * listing that says offline.
 */
const LOGGED_HERE: ReadonlySet<string> = new Set([NOTHING_COMES.code, OVER_CAP.code]);

/** Logs which cameras bring no picture, in one line for all with the same reason. */
export class OutageLines {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> };
  /** When (monotonic ms) each camera was last logged. */
  readonly #loggedMs = new Map<CameraId, number>();
  #waiting: { readonly id: CameraId; readonly message: string }[] = [];

  constructor(deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> }) {
    this.#deps = deps;
  }

  /** Takes an outage that begins now. */
  began({ subject, reason, message }: Outage): void {
    if (subject.kind !== 'camera' || !LOGGED_HERE.has(reason)) return;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - (this.#loggedMs.get(subject.id) ?? Number.NEGATIVE_INFINITY) < LOG_EVERY_MS) return;
    this.#loggedMs.set(subject.id, nowMs);
    this.#waiting.push({ id: subject.id, message });
  }

  /** The camera was deleted. */
  forget(id: CameraId): void {
    this.#loggedMs.delete(id);
  }

  /** Writes the log lines, after a check of all cameras. */
  log(): void {
    const { log, store } = this.#deps;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of new Set(waiting.map((one) => one.message))) {
      const ids = waiting.flatMap((one) => (one.message === message ? [one.id] : []));
      const names = ids.slice(0, NAMES_SHOWN).map((id) => store.peek(id)?.name ?? id);
      const more = ids.length > NAMES_SHOWN ? ` and ${ids.length - NAMES_SHOWN} more` : '';
      log.warn(`No picture comes from ${names.join(', ')}${more}. ${message}`, { cameras: ids.length });
    }
  }
}
