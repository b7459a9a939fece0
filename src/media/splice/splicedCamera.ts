import { abortReason } from '../../core/abortReason.js';
import type { Clock } from '../../core/clock.js';
import { Line } from './line.js';
import { Outlet } from './outlet.js';
import type { PicturePart } from './pictures.js';
import type { Reader } from './reader.js';
import { packetOf, timestampOf } from './rtpPacket.js';
import { describedParameterSets } from './sdp.js';
import { spliceErrors } from './spliceErrors.js';
import { SpliceTimeline } from './spliceTimeline.js';

/** Without a picture for so long the public path is left to the slate: a frozen picture would look live. */
const AWAY_MS = 1_500;
const AWAY_STEPS = 3;

export interface Splice {
  readonly from: string;
  readonly to: string;
  readonly revision: number;
}

interface Waiter {
  readonly revision: number;
  readonly settle: (error: Error | null) => void;
}

/** One camera: its present source, the one that is to follow, and its public path. */
export class SplicedCamera {
  readonly #clock: Clock;
  #to: string | null = null;
  #outlet: Outlet | null = null;
  #current: Line | null = null;
  #next: Line | null = null;
  #timeline = new SpliceTimeline();
  #pictureAt = 0;
  #pictureMs = 0;
  #problem: Error | null = null;
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `CameraError` when an address is none. */
  carry({ from, to, revision }: Splice): void {
    if (to !== this.#to) {
      this.#outlet?.close();
      this.#outlet = new Outlet(this.#clock, to, () => this.#settleArrivals());
      this.#to = to;
    }
    const isWanted = (line: Line | null): boolean => line?.from === from && line.revision === revision;
    if (isWanted(this.#next)) return;
    this.#next?.feed.close();
    this.#next = null;
    this.#problem = null;
    if (!isWanted(this.#current)) this.#next = this.#line(from, revision);
    const wanted = this.#next ?? this.#current;
    for (const waiter of [...this.#waiters]) {
      if (waiter.revision !== wanted?.revision) waiter.settle(spliceErrors.superseded());
    }
  }

  /** Resolves when pictures of this revision are sent; rejects with why not after `limitMs`, at once where waiting is in vain. */
  arrived(revision: number, limitMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(limitMs, () => waiter.settle(this.#whyNot()));
      const onAbort = (): void => waiter.settle(abortReason(signal.reason));
      const waiter: Waiter = {
        revision,
        settle: (error) => {
          cancel();
          signal.removeEventListener('abort', onAbort);
          this.#waiters.delete(waiter);
          if (error) reject(error);
          else resolve();
        },
      };
      signal.addEventListener('abort', onAbort);
      this.#waiters.add(waiter);
      const isKnown = [this.#next, this.#current].some((line) => line?.revision === revision);
      if (!isKnown) waiter.settle(spliceErrors.superseded());
      else if (this.#problem && this.#outlet?.isOpen && this.#next?.revision === revision) waiter.settle(this.#problem);
      else this.#settleArrivals();
    });
  }

  /** The revision of the pictures that are sent; null: none are, for the moment. */
  state(): { revision: number | null; bytes: number } {
    return { revision: this.#shownRevision(), bytes: this.#outlet?.bytes ?? 0 };
  }

  /** To be called a few times a second. */
  check(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#current?.feed.check(nowMs);
    this.#next?.feed.check(nowMs);
    if (this.#current && this.#isAway(nowMs)) this.#outlet?.close();
  }

  close(): void {
    this.#current?.feed.close();
    this.#next?.feed.close();
    this.#current = null;
    this.#next = null;
    this.#outlet?.close();
    for (const waiter of [...this.#waiters]) waiter.settle(spliceErrors.superseded());
  }

  #line(from: string, revision: number): Line {
    return new Line(this.#clock, from, revision, {
      mayBegin: (line, reader) => line === this.#current || this.#mayFollow(reader),
      picture: (line, part, reader, isFirst) => this.#picture(line, part, reader, isFirst),
      sound: (line, reader) => this.#sound(line, reader),
    });
  }

  /** With other tracks it can only follow once the media server has closed the path, which a rebuild of it does. */
  #mayFollow(reader: Reader): boolean {
    if (this.#outlet?.takes(reader.tracks) !== false) return true;
    this.#problem = spliceErrors.otherTracks();
    for (const waiter of [...this.#waiters]) {
      if (waiter.revision === this.#next?.revision) waiter.settle(this.#problem);
    }
    return false;
  }

  #picture(line: Line, part: PicturePart, reader: Reader, isFirst: boolean): void {
    if (line === this.#next) {
      this.#current?.feed.close();
      this.#current = line;
      this.#next = null;
      this.#problem = null;
    }
    if (line !== this.#current || !this.#outlet) return;
    if (isFirst) this.#timeline.join();
    if (part.begins) {
      this.#pictureMs = this.#clock.monotonicMs();
      this.#pictureAt = this.#timeline.picture(reader.clock.unwrap(0, part.timestamp), part.kind, this.#pictureMs);
      if (part.kind === 'key') this.#outlet.beginAt(reader.tracks);
      const [video] = reader.tracks;
      if (isFirst && !part.hasParameterSets && video) {
        for (const set of describedParameterSets(video)) this.#outlet.send(0, packetOf(set), this.#pictureAt);
      }
    }
    for (const frame of part.frames) this.#outlet.send(0, frame, this.#pictureAt);
    if (part.begins) this.#settleArrivals();
    this.#sound(line, reader);
  }

  #sound(line: Line, reader: Reader): void {
    const rate = reader.tracks[1]?.clockRate;
    if (line !== this.#current || rate === undefined) return;
    for (let frame = line.sounds[0]; frame; frame = line.sounds[0]) {
      const source = reader.clock.unwrap(1, timestampOf(frame));
      const at = this.#timeline.sound(source, reader.clock, rate, this.#clock.monotonicMs());
      if (at === 'wait') return;
      line.sounds.shift();
      if (at !== 'drop') this.#outlet?.send(1, frame, at);
    }
  }

  #isAway(nowMs: number): boolean {
    return nowMs - this.#pictureMs > Math.max(AWAY_MS, AWAY_STEPS * this.#timeline.stepMs);
  }

  #shownRevision(): number | null {
    const flows = this.#current && this.#outlet?.isOpen && !this.#isAway(this.#clock.monotonicMs());
    return flows ? (this.#current?.revision ?? null) : null;
  }

  #settleArrivals(): void {
    const shown = this.#shownRevision();
    for (const waiter of [...this.#waiters]) if (waiter.revision === shown) waiter.settle(null);
  }

  #whyNot(): Error {
    const line = this.#next ?? this.#current;
    const outletProblem = this.#next ? null : this.#outlet?.problem;
    return this.#problem ?? line?.feed.problem ?? outletProblem ?? spliceErrors.noPicture();
  }
}
