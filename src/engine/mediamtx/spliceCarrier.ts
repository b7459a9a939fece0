import type { CameraId } from '../../core/camera.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import type { MovedStream } from '../mediaEngine.js';
import type { EngineLog } from './engineLog.js';
import type { SplicedLease } from './desiredPaths.js';
import type { Carriage, Splicer } from './splicer.js';

/** What to carry, and until when anything comes of it. */
export interface WantedCarriage extends Carriage {
  readonly expiresAt: Date;
}

export interface SpliceCarrierDeps {
  /** null: there is none, and seamless cameras are handed over. */
  readonly splicer: Splicer | null;
  readonly clock: Clock;
  readonly log: EngineLog;
  /** What is carried has changed, so feeders are to forward or to stop it; `urgent`: pictures stand still. */
  readonly onChange: (urgent: boolean) => void;
}

/** A new lease's first key frame: cameras send one every 1 to 4 s. */
const ARRIVE_WITHIN_MS = 8_000;
/** One that died may die again. */
const STABLE_AFTER_MS = 3_000;
const RETRY_MS = 30_000;

/** Tells the splice process which cameras to carry, knows which it really carries, and gives back those that it cannot. */
export class SpliceCarrier {
  readonly #deps: SpliceCarrierDeps;
  /** What goes out at each public path by the splice. */
  readonly #carried = new Map<CameraId, SplicedLease>();
  readonly #going = new Map<CameraId, { revision: number; done: Promise<readonly MovedStream[]> }>();
  /** Which revision each camera that is new to the splice is beginning with. */
  readonly #beginning = new Map<CameraId, number>();
  readonly #retryAtMs = new Map<CameraId, number>();
  #wanted: ReadonlyMap<CameraId, WantedCarriage> = new Map();
  #starting: Promise<void> | null = null;
  #problem: string | null = null;
  #died = false;
  #stopped = false;
  #cancelTimer = (): void => undefined;

  constructor(deps: SpliceCarrierDeps) {
    this.#deps = deps;
    deps.splicer?.listen({ lost: () => this.#lost(), restarted: () => this.#restarted() });
  }

  /** A sentence while seamless cameras are carried by handover; null: they are not. */
  get problem(): string | null {
    return this.#wanted.size === 0 ? null : this.#problem;
  }

  /** The lease that the splice carries to the camera's public path; null: none. */
  leaseOf(cameraId: CameraId): SplicedLease | null {
    return this.#carried.get(cameraId) ?? null;
  }

  /**
   * Makes these be carried and no others. Cameras that are carried already go over to their new lease before this resolves, within
   * 8 s and all at once; those that are new to the splice follow by themselves. Returns who went over.
   */
  async want(wanted: ReadonlyMap<CameraId, WantedCarriage>): Promise<readonly MovedStream[]> {
    this.#wanted = wanted;
    if (wanted.size > 0) this.#startOnce();
    for (const cameraId of this.#carried.keys()) if (!wanted.has(cameraId)) this.#drop(cameraId);
    const moved = await Promise.all([...wanted].map(([cameraId, carriage]) => this.#goOver(cameraId, carriage)));
    this.#beginAll();
    return moved.flat();
  }

  /** Now and then: begins what could not be begun, and notices what is carried no more. `dark`: cameras whose picture does not arrive. */
  async look(dark: readonly CameraId[]): Promise<void> {
    const { splicer } = this.#deps;
    if (splicer === null || !splicer.available() || this.#wanted.size === 0) return;
    const carried = new Map((await splicer.carried()).map(({ cameraId, revision }) => [cameraId, revision]));
    for (const cameraId of [...this.#carried.keys()]) {
      if (carried.get(cameraId) === undefined) this.#fall(cameraId, 'it is not carried any more');
      else if (dark.includes(cameraId)) this.#fall(cameraId, 'its picture does not arrive');
    }
    this.#beginAll();
  }

  /** Gives all cameras back to their feeders, for good. True: there were some. */
  release(): boolean {
    this.#stopped = true;
    const some = this.#carried.size > 0;
    this.#carried.clear();
    return some;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#starting;
    if (this.#starting !== null) await this.#deps.splicer?.stop();
  }

  /** Who asks again meanwhile waits for the same. */
  #goOver(cameraId: CameraId, carriage: WantedCarriage): Promise<readonly MovedStream[]> {
    const running = this.#going.get(cameraId);
    if (running?.revision === carriage.revision) return running.done;
    const done = this.#goOverNow(cameraId, carriage).finally(() => {
      if (this.#going.get(cameraId)?.done === done) this.#going.delete(cameraId);
    });
    this.#going.set(cameraId, { revision: carriage.revision, done });
    return done;
  }

  async #goOverNow(cameraId: CameraId, carriage: WantedCarriage): Promise<readonly MovedStream[]> {
    const before = this.#carried.get(cameraId)?.revision;
    if (before === undefined || before === carriage.revision) return [];
    const why = await this.#carry(cameraId, carriage);
    if (why === null) return [{ cameraId, revision: carriage.revision, how: 'splice' }];
    if (this.#carried.has(cameraId)) this.#fall(cameraId, why);
    return [];
  }

  #beginAll(): void {
    const { splicer, clock } = this.#deps;
    if (splicer === null || !splicer.available() || this.#died || this.#stopped) return;
    for (const [cameraId, carriage] of this.#wanted) {
      const waits = (this.#retryAtMs.get(cameraId) ?? 0) > clock.monotonicMs();
      const { revision } = carriage;
      if (this.#carried.has(cameraId) || this.#beginning.get(cameraId) === revision || waits) continue;
      this.#beginning.set(cameraId, revision);
      void this.#begin(cameraId, carriage).finally(() => {
        if (this.#beginning.get(cameraId) === revision) this.#beginning.delete(cameraId);
      });
    }
    if (this.#wanted.size === this.#carried.size) this.#problem = null;
  }

  async #begin(cameraId: CameraId, carriage: WantedCarriage): Promise<void> {
    const why = await this.#carry(cameraId, carriage);
    if (why !== null) {
      // A renewal took this lease's feeder away meanwhile; the next one has been begun with.
      if (this.#wanted.get(cameraId)?.revision === carriage.revision) this.#giveUpFor(cameraId, why);
      return;
    }
    if (this.#wanted.size === this.#carried.size) this.#problem = null;
    this.#deps.onChange(false);
  }

  /** null: it arrived; else why not. */
  async #carry(cameraId: CameraId, { from, to, revision, expiresAt }: WantedCarriage): Promise<string | null> {
    const { splicer } = this.#deps;
    if (splicer === null) return 'there is no splice';
    try {
      await splicer.carry(cameraId, { from, to, revision });
      await splicer.arrived(cameraId, revision, ARRIVE_WITHIN_MS);
    } catch (thrown) {
      return messageOf(thrown);
    }
    if (!splicer.available()) return 'the splice process died';
    this.#carried.set(cameraId, { revision, expiresAt });
    this.#retryAtMs.delete(cameraId);
    return null;
  }

  /** The camera's feeder takes over, and the splice is tried again later. */
  #fall(cameraId: CameraId, why: string): void {
    this.#carried.delete(cameraId);
    this.#giveUpFor(cameraId, why);
    this.#deps.onChange(true);
  }

  #giveUpFor(cameraId: CameraId, why: string): void {
    const { splicer, clock, log } = this.#deps;
    this.#retryAtMs.set(cameraId, clock.monotonicMs() + RETRY_MS);
    if (this.#stopped || splicer?.available() !== true) return;
    log.warn('a seamless camera is carried by handover for now', { camera: cameraId, reason: why });
    splicer.drop(cameraId).catch(() => undefined);
  }

  #drop(cameraId: CameraId): void {
    this.#carried.delete(cameraId);
    this.#deps.splicer?.drop(cameraId).catch(() => undefined);
  }

  #startOnce(): void {
    const { splicer } = this.#deps;
    if (splicer === null) {
      this.#problem = NO_SPLICE;
      return;
    }
    this.#starting ??= splicer.start().then(({ available, problem }) => {
      if (available) this.#beginAll();
      else this.#problem = problem === null ? NO_SPLICE : `${NO_SPLICE} ${problem}`;
    });
  }

  #lost(): void {
    if (this.#stopped) return;
    this.#died = true;
    this.#cancelTimer();
    const count = this.#carried.size;
    if (count === 0) return;
    const what = count === 1 ? '1 camera is' : `${count} cameras are`;
    this.#problem = `The splice process died; ${what} carried by handover until it is back.`;
    this.#deps.log.warn(this.#problem);
    this.#carried.clear();
    this.#deps.onChange(true);
  }

  #restarted(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.after(STABLE_AFTER_MS, () => {
      this.#died = false;
      this.#retryAtMs.clear();
      this.#beginAll();
    });
  }
}

const NO_SPLICE = 'Seamless cameras are carried by handover, since no splice process can run here.';
