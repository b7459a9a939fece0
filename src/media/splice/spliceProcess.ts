import { childModule } from '../../core/childModule.js';
import type { Clock } from '../../core/clock.js';
import { ChildLink } from '../childLink.js';
import { carriedSchema, type SpliceTask } from './protocol.js';
import { spliceErrors } from './spliceErrors.js';
import type { Splice } from './splicedCamera.js';

const ANSWER_MS = 10_000;

export interface SpliceListener {
  /** It died, and the public paths with it. */
  lost?(): void;
  /** It is there again, and knows nothing of what it was told before. */
  restarted?(): void;
}

export interface SplicedRevision {
  readonly cameraId: string;
  /** Of the pictures that flow now; null: none do. */
  readonly revision: number | null;
  /** Sent to the public path since the camera is carried. */
  readonly bytes: number;
}

/** A child process that copies the packets of many cameras from feeder to public path; see `createSpliceProcess`. */
export interface SpliceProcess {
  /** Never rejects. */
  start(): Promise<{ available: boolean; problem: string | null }>;
  stop(): Promise<void>;
  /** Null while it is not running. */
  pid(): number | null;
  available(): boolean;
  /**
   * Carries `from` to `to` (rtsp:// addresses) from now on; a camera that is carried already goes over at the new source's first key
   * frame. Resolves when the process has been told; rejects with a `CameraError` (`SPLICE_…`) when it carries too many.
   */
  carry(cameraId: string, splice: Splice): Promise<void>;
  /**
   * Resolves when the public path gets pictures of this revision; rejects with a `CameraError` that says why not: after `limitMs`, or
   * at once where waiting is in vain (`SPLICE_OTHER_TRACKS`, `SPLICE_SUPERSEDED`).
   */
  arrived(cameraId: string, revision: number, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** Ends both sides; nothing happens when it is not carried. */
  drop(cameraId: string): Promise<void>;
  carried(signal?: AbortSignal): Promise<readonly SplicedRevision[]>;
  listen(listener: SpliceListener): void;
}

export interface SpliceProcessOptions {
  readonly clock: Clock;
  /** Tests start another module in its place. */
  readonly module?: URL;
}

/** The parent's side of the splice process: requests with time-outs, restarts with back-off, a clean end. */
export function createSpliceProcess({ clock, module }: SpliceProcessOptions): SpliceProcess {
  const listeners: SpliceListener[] = [];
  const link = new ChildLink<SpliceTask>(
    clock,
    module ?? childModule('../../spliceChild.js', import.meta.url),
    {
      lost: () => listeners.forEach((listener) => listener.lost?.()),
      restarted: () => listeners.forEach((listener) => listener.restarted?.()),
    },
    { lost: spliceErrors.processLost, threads: null },
  );
  const ask = (task: SpliceTask, limitMs = ANSWER_MS, signal?: AbortSignal): Promise<unknown> =>
    link.request(task, limitMs, spliceErrors.processSlow, signal);
  return {
    async start() {
      const { available, problem } = await link.start();
      return { available, problem };
    },
    stop: () => link.stop(),
    pid: () => link.pid(),
    available: () => link.pid() !== null && link.availability().available,
    async carry(cameraId, { from, to, revision }) {
      await ask({ op: 'carry', cameraId, from, to, revision });
    },
    async arrived(cameraId, revision, limitMs, signal) {
      // The process ends the wait itself, since it knows why no picture came.
      await ask({ op: 'arrived', cameraId, revision, limitMs }, limitMs + ANSWER_MS, signal);
    },
    async drop(cameraId) {
      await ask({ op: 'drop', cameraId });
    },
    async carried(signal) {
      return carriedSchema.parse(await ask({ op: 'carried' }, ANSWER_MS, signal));
    },
    listen: (listener) => void listeners.push(listener),
  };
}
