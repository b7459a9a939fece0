import type { Camera, CameraId } from '../../core/camera/camera.js';
import { leaseCamera, type LeaseDeps, type LeaseOutcome } from './lease.js';

/** Calls of one account at once, waiting or running: enough for 5 a second when answers take some seconds. */
const WORKERS = 16;
/**
 * After this many answers 'too often' with no other outcome between them, the rest of the account's cameras are left for
 * later.
 */
const BUSY_ANSWERS = 40;

/** Cameras to lease; more may be added while the first are being leased. */
export class LeaseQueue {
  readonly #waiting: CameraId[] = [];
  readonly #known = new Set<CameraId>();
  readonly #queued: Set<CameraId>;
  #closed = false;
  #wake: (() => void)[] = [];

  /** `queued` is shared with other passes: this queue adds what waits in it. */
  constructor(queued: Set<CameraId>) {
    this.#queued = queued;
  }

  /** Adds cameras, each once; returns how many were new. A closed queue takes none, because nothing would fetch them. */
  add(ids: Iterable<CameraId>): number {
    if (this.#closed) return 0;
    const fresh = [...ids].filter((id) => !this.#known.has(id));
    for (const id of fresh) {
      this.#known.add(id);
      this.#queued.add(id);
      this.#waiting.push(id);
    }
    this.#wakeAll();
    return fresh.length;
  }

  /** Puts back a camera that `next` gave out. */
  again(id: CameraId): void {
    this.#queued.add(id);
    this.#waiting.push(id);
    this.#wakeAll();
  }

  /** No more cameras will be added. */
  close(): void {
    this.#closed = true;
    this.#wakeAll();
  }

  /** Closes the queue and empties it; returns the cameras that waited. */
  clear(): CameraId[] {
    this.close();
    for (const id of this.#waiting) this.#queued.delete(id);
    return this.#waiting.splice(0);
  }

  /** The next camera, waiting for one if need be; null: the queue is closed and empty. */
  async next(): Promise<CameraId | null> {
    for (;;) {
      const id = this.#waiting.shift();
      if (id !== undefined) {
        this.#queued.delete(id);
        return id;
      }
      if (this.#closed) return null;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/**
 * Leases the queue's cameras of one account until the queue is closed and empty. Once the cloud refuses the account,
 * `onOutcome` is called with `account-refused` for each camera that is left, and no call is made for it. A limit that
 * passes is waited out.
 */
export async function leaseMany(
  deps: LeaseDeps,
  account: string,
  queue: LeaseQueue,
  wants: (camera: Camera) => boolean,
  onOutcome: (id: CameraId, outcome: LeaseOutcome) => void,
  signal: AbortSignal,
): Promise<void> {
  let busyAnswers = 0;
  const giveUp = (): void => {
    for (const id of queue.clear()) onOutcome(id, { kind: 'account-refused' });
  };
  const one = async (): Promise<boolean> => {
    const id = await queue.next();
    if (id === null) return false;
    const outcome = await leaseCamera(deps, id, wants, signal);
    if (outcome.kind === 'account-busy' && ++busyAnswers < BUSY_ANSWERS) {
      queue.again(id);
      return true;
    }
    if (outcome.kind === 'account-busy' || outcome.kind === 'account-refused') {
      onOutcome(id, { kind: 'account-refused' });
      giveUp();
      return false;
    }
    busyAnswers = 0;
    onOutcome(id, outcome);
    return true;
  };
  const work = async (): Promise<void> => {
    while (await one()) signal.throwIfAborted();
  };
  const onAbort = (): void => void queue.clear();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // An account that is marked as refused is tried with one call first, not with sixteen.
    while (deps.states.isRefused(account) && (await one())) signal.throwIfAborted();
    const results = await Promise.allSettled(Array.from({ length: WORKERS }, work));
    const died = results.find((result) => result.status === 'rejected');
    if (died) throw died.reason;
  } finally {
    queue.clear();
    signal.removeEventListener('abort', onAbort);
  }
}
