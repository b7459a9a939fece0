import type { Clock } from '../../core/clock.js';
import type { PulledPicture, PullSource } from '../pull/pullSource.js';
import { Rhythm } from '../units/rhythm.js';
import type { SoundSetup } from '../units/sound.js';
import type { Readers } from './readers.js';
import { silenceOf, soundLengthMs, type SilentPiece } from './silence.js';
import { SoundHold } from './soundHold.js';
import { SoundRow } from './soundRow.js';
import { RelayTimeline } from './timeline.js';
import { UnitMemory } from './unitMemory.js';

/** A source with this time or more between its pictures, in ms, is slow. Its pictures are kept up to its next key frame, to be sent again. */
export const SLOW_STEP_MS = 1_000;
/** Limits of what is kept so. */
const MOST_KEPT = 60;
const MOST_KEPT_BYTES = 2_000_000;
/** The time between two pictures that are sent again at once. */
const AGAIN_STEP_MS = 1;

/** Sends the readers of one stream the pictures and sound of its sources, and the stand-ins between them, on one timeline. */
export class Output {
  readonly #readers: Readers;
  readonly #clock: Clock;
  readonly #isUnbroken: boolean;
  #timeline = new RelayTimeline();
  #row = new SoundRow();
  readonly #hold: SoundHold;
  #lastKey: readonly Buffer[] | null = null;
  #keyMemory = new UnitMemory();
  readonly #rhythm = new Rhythm();
  /** The pictures behind the latest key frame; null: not all are kept. */
  #behindKey: (readonly Buffer[])[] | null = null;
  #keptBytes = 0;
  #sentMs: number | null = null;
  #pictureMs: number | null = null;
  #soundMs: number | null = null;
  /** A stand-in went out since the source's last picture, so a decoder can go on only at the source's next key frame. */
  #needsKey = true;

  /** `isUnbroken`: gaps in the sound are filled with silence; false: sound goes out as it came, as the proof of a candidate needs it. */
  constructor(readers: Readers, clock: Clock, { isUnbroken }: { readonly isUnbroken: boolean }) {
    this.#readers = readers;
    this.#clock = clock;
    this.#isUnbroken = isUnbroken;
    this.#hold = new SoundHold(clock, (timeMs, data) => this.#readers.send({ kind: 'sound', timeMs, data }));
  }

  /** The latest key frame of a source, with its parameter sets. Its bytes are valid until the next key frame. */
  get lastKey(): readonly Buffer[] | null {
    return this.#lastKey;
  }

  /** The usual time between two pictures of the source, in ms. */
  get stepMs(): number {
    return Math.max(this.#timeline.stepMs, this.#rhythm.stepMs ?? 0);
  }

  /** True: the latest pictures can be sent again without a break in what a decoder knows; so it is for slow sources. */
  get canSendAgain(): boolean {
    return this.#lastKey !== null && this.#behindKey !== null && !this.#needsKey;
  }

  /** Time in ms since a picture went out, stand-ins included; null: none has. */
  get unsentMs(): number | null {
    return this.#sinceMs(this.#sentMs);
  }

  /** Time in ms since a picture of a source went out; null: none has. */
  get picturelessMs(): number | null {
    return this.#sinceMs(this.#pictureMs);
  }

  /** Time in ms since sound of a source came; null: none has. */
  get soundlessMs(): number | null {
    return this.#sinceMs(this.#soundMs);
  }

  /** The next pictures and sound come from another source. */
  join(): void {
    this.#timeline.join();
    this.#row.interrupt();
    this.#rhythm.interrupt();
  }

  picture(source: PullSource, unit: PulledPicture): void {
    const nowMs = this.#clock.monotonicMs();
    this.#rhythm.see(nowMs);
    if (this.#needsKey && !unit.isKey) return;
    this.#needsKey = false;
    const { presentMs } = this.#timeline.picture(unit.decodeMs, unit.offsetMs, nowMs);
    const units = source.unitsOf(unit);
    if (unit.isKey) this.#seeKey(units);
    else this.#keepBehindKey(units);
    this.#sentMs = nowMs;
    this.#pictureMs = nowMs;
    this.#sendPicture(presentMs, unit.isKey, units);
  }

  sound(setup: SoundSetup, sourceMs: number, data: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    // Counts also when the timeline leaves this sound out because silence was sent for its time: the source brings sound again.
    this.#soundMs = nowMs;
    const timeMs = this.#timeline.sound(sourceMs, nowMs, soundLengthMs(setup, data));
    if (timeMs !== null) this.#sendSound(setup, timeMs, data, silenceOf(setup));
  }

  /** Sends a stand-in: a key frame with its parameter sets, timed as long after the last picture as the time that really passed. */
  standIn(units: readonly Buffer[]): void {
    const nowMs = this.#clock.monotonicMs();
    this.#needsKey = true;
    this.#sentMs = nowMs;
    const { presentMs } = this.#timeline.repeat(nowMs);
    this.#sendPicture(presentMs, true, units);
  }

  /**
   * Sends the latest key frame and the pictures behind it again, at once: it keeps players alive between two pictures of a slow source, whose
   * next picture still fits what their decoders know. Only where `canSendAgain`.
   */
  sendAgain(): void {
    const nowMs = this.#clock.monotonicMs();
    this.#sentMs = nowMs;
    for (const [at, units] of [this.#lastKey ?? [], ...(this.#behindKey ?? [])].entries()) {
      const { presentMs } = this.#timeline.repeat(nowMs, AGAIN_STEP_MS);
      this.#sendPicture(presentMs, at === 0, units);
    }
  }

  /** Fills the time since the last sound with silence. */
  silence(setup: SoundSetup): void {
    const piece = silenceOf(setup);
    if (piece === null) return;
    const nowMs = this.#clock.monotonicMs();
    const next = (): number | null => this.#timeline.silence(piece.lengthMs, nowMs);
    this.#row.interrupt();
    for (let timeMs = next(); timeMs !== null; timeMs = next()) this.#sendSound(setup, timeMs, piece.data, piece);
    this.#row.interrupt();
  }

  /** `piece`: null where silence of this format cannot be made; the sound then goes out at the time that the timeline gave. */
  #sendSound(setup: SoundSetup, wantedMs: number, data: Buffer, piece: SilentPiece | null): void {
    if (!this.#isUnbroken) {
      this.#readers.send({ kind: 'sound', timeMs: wantedMs, data });
      return;
    }
    if (piece === null) {
      this.#hold.sound(wantedMs, data);
      return;
    }
    const { silence, timeMs } = this.#row.place(wantedMs, data, setup, piece);
    for (const silentMs of silence) this.#hold.sound(silentMs, piece.data);
    if (timeMs !== null) this.#hold.sound(timeMs, data);
  }

  #sendPicture(presentMs: number, isKey: boolean, units: readonly Buffer[]): void {
    this.#hold.seePicture(presentMs);
    this.#readers.send({ kind: 'picture', presentMs, isKey, units });
  }

  /** Forgets all state: the next readers get a new timeline. */
  reset(): void {
    this.#timeline = new RelayTimeline();
    this.#row = new SoundRow();
    this.#hold.reset();
    this.#lastKey = null;
    this.#behindKey = null;
    this.#rhythm.interrupt();
    this.#keyMemory = new UnitMemory();
    this.#needsKey = true;
    this.#sentMs = null;
    this.#pictureMs = null;
    this.#soundMs = null;
  }

  #seeKey(units: readonly Buffer[]): void {
    this.#keyMemory.clear();
    this.#lastKey = this.#keyMemory.copiesOf(units);
    this.#keptBytes = 0;
    this.#behindKey = this.#isFast ? null : [];
  }

  #keepBehindKey(units: readonly Buffer[]): void {
    if (this.#behindKey === null) return;
    this.#keptBytes += units.reduce((sum, unit) => sum + unit.length, 0);
    const isTooMuch = this.#behindKey.length >= MOST_KEPT || this.#keptBytes > MOST_KEPT_BYTES;
    if (this.#isFast || isTooMuch) this.#behindKey = null;
    else this.#behindKey.push(this.#keyMemory.copiesOf(units));
  }

  get #isFast(): boolean {
    return (this.#rhythm.stepMs ?? Number.POSITIVE_INFINITY) < SLOW_STEP_MS;
  }

  #sinceMs(atMs: number | null): number | null {
    return atMs === null ? null : this.#clock.monotonicMs() - atMs;
  }
}
