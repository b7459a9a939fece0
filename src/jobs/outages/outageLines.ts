import type { CameraId } from '../../core/camera/camera.js';
import { NOTHING_COMES } from '../../core/health/cameraTroubles.js';
import { OVER_CAP } from '../../core/health/relayReasons.js';
import type { Outage } from '../../core/outages/outage.js';
import type { JobsDeps } from '../run/deps.js';

/** More names than this say nothing to anybody. */
const NAMES_SHOWN = 5;
/** What was said of a camera is not said of it again for so long, however often its picture comes and goes. */
const SAID_FOR_MS = 600_000;
/** What comes of other troubles is logged by those who find them: a lease that was refused, a listing that says offline. */
const SAID_HERE: ReadonlySet<string> = new Set([NOTHING_COMES.code, OVER_CAP.code]);

/** Says in the log which cameras bring no picture, one line for all that have the same reason. */
export class OutageLines {
  readonly #deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> };
  /** When (monotonic) it was last said of a camera. */
  readonly #said = new Map<CameraId, number>();
  #waiting: { readonly id: CameraId; readonly message: string }[] = [];

  constructor(deps: Pick<JobsDeps, 'clock' | 'log'> & { readonly store: Pick<JobsDeps['store'], 'peek'> }) {
    this.#deps = deps;
  }

  /** One that begins now. */
  began({ subject, reason, message }: Outage): void {
    if (subject.kind !== 'camera' || !SAID_HERE.has(reason)) return;
    const nowMs = this.#deps.clock.monotonicMs();
    if (nowMs - (this.#said.get(subject.id) ?? Number.NEGATIVE_INFINITY) < SAID_FOR_MS) return;
    this.#said.set(subject.id, nowMs);
    this.#waiting.push({ id: subject.id, message });
  }

  /** The camera is gone. */
  forget(id: CameraId): void {
    this.#said.delete(id);
  }

  /** After a look at all cameras. */
  say(): void {
    const { log, store } = this.#deps;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const message of new Set(waiting.map((one) => one.message))) {
      const ids = waiting.flatMap((one) => (one.message === message ? [one.id] : []));
      const names = ids.slice(0, NAMES_SHOWN).map((id) => store.peek(id)?.name ?? id);
      const more = ids.length > NAMES_SHOWN ? ` and ${ids.length - NAMES_SHOWN} more` : '';
      log.warn(`No picture comes of ${names.join(', ')}${more}. ${message}`, { cameras: ids.length });
    }
  }
}
