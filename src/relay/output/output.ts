import type { Clock } from '../../core/clock.js';
import type { PulledPicture, PullSource } from '../pull/pullSource.js';
import type { SoundSetup } from '../rtmp/sound.js';
import type { Readers } from './readers.js';
import { silenceOf, soundLengthMs, type SilentPiece } from './silence.js';
import { SoundRow } from './soundRow.js';
import { RelayTimeline } from './timeline.js';
import { UnitMemory } from './unitMemory.js';

/** What goes out to the readers of one stream: the units of its sources and what stands in for them, on one timeline. */
export class Output {
  readonly #readers: Readers;
  readonly #clock: Clock;
  readonly #isUnbroken: boolean;
  #timeline = new RelayTimeline();
  #row = new SoundRow();
  #lastKey: readonly Buffer[] | null = null;
  #keyMemory = new UnitMemory();
  #sentMs: number | null = null;
  #pictureMs: number | null = null;
  #soundMs: number | null = null;
  /** A stand-in stands between the source's pictures, so that a decoder cannot go on but at the next key frame. */
  #needsKey = true;

  /** `isUnbroken`: gaps of the sound are filled; false: it goes out as it came, for those who measure. */
  constructor(readers: Readers, clock: Clock, { isUnbroken }: { readonly isUnbroken: boolean }) {
    this.#readers = readers;
    this.#clock = clock;
    this.#isUnbroken = isUnbroken;
  }

  /** The latest key frame of a source, with its parameter sets; as it is until the next one. */
  get lastKey(): readonly Buffer[] | null {
    return this.#lastKey;
  }

  /** The natural time between two pictures. */
  get stepMs(): number {
    return this.#timeline.stepMs;
  }

  /** Since a picture went out, stand-ins included; null: none has. */
  get unsentMs(): number | null {
    return this.#sinceMs(this.#sentMs);
  }

  /** Since a picture of a source went out; null: none has. */
  get picturelessMs(): number | null {
    return this.#sinceMs(this.#pictureMs);
  }

  /** Since sound of a source came; null: none has. */
  get soundlessMs(): number | null {
    return this.#sinceMs(this.#soundMs);
  }

  /** What comes next is of another source. */
  join(): void {
    this.#timeline.join();
    this.#row.interrupt();
  }

  picture(source: PullSource, unit: PulledPicture): void {
    if (this.#needsKey && !unit.isKey) return;
    this.#needsKey = false;
    const nowMs = this.#clock.monotonicMs();
    const { presentMs } = this.#timeline.picture(unit.decodeMs, unit.offsetMs, nowMs);
    const units = source.unitsOf(unit);
    if (unit.isKey) this.#seeKey(units);
    this.#sentMs = nowMs;
    this.#pictureMs = nowMs;
    this.#readers.send({ kind: 'picture', presentMs, isKey: unit.isKey, units });
  }

  sound(setup: SoundSetup, sourceMs: number, data: Buffer): void {
    const nowMs = this.#clock.monotonicMs();
    // Also where it is left out, because silence was ahead of it: there is no need of more silence.
    this.#soundMs = nowMs;
    const timeMs = this.#timeline.sound(sourceMs, nowMs, soundLengthMs(setup, data));
    if (timeMs !== null) this.#sendSound(setup, timeMs, data, silenceOf(setup));
  }

  /** A key frame of our own with its parameter sets, as late after the last picture as it comes. */
  standIn(units: readonly Buffer[]): void {
    const nowMs = this.#clock.monotonicMs();
    this.#needsKey = true;
    this.#sentMs = nowMs;
    const { presentMs } = this.#timeline.repeat(nowMs);
    this.#readers.send({ kind: 'picture', presentMs, isKey: true, units });
  }

  /** Fills the time that has passed since the last sound. */
  silence(setup: SoundSetup): void {
    const piece = silenceOf(setup);
    if (piece === null) return;
    const nowMs = this.#clock.monotonicMs();
    const next = (): number | null => this.#timeline.silence(piece.lengthMs, nowMs);
    this.#row.interrupt();
    for (let timeMs = next(); timeMs !== null; timeMs = next()) this.#sendSound(setup, timeMs, piece.data, piece);
    this.#row.interrupt();
  }

  /** `piece`: null where silence of this format cannot be made; the sound goes out where the timeline puts it then. */
  #sendSound(setup: SoundSetup, wantedMs: number, data: Buffer, piece: SilentPiece | null): void {
    if (piece === null || !this.#isUnbroken) {
      this.#readers.send({ kind: 'sound', timeMs: wantedMs, data });
      return;
    }
    const { silence, timeMs } = this.#row.place(wantedMs, data, setup, piece);
    for (const silentMs of silence) this.#readers.send({ kind: 'sound', timeMs: silentMs, data: piece.data });
    if (timeMs !== null) this.#readers.send({ kind: 'sound', timeMs, data });
  }

  /** Forgets everything: the next readers begin with a timeline of their own. */
  reset(): void {
    this.#timeline = new RelayTimeline();
    this.#row = new SoundRow();
    this.#lastKey = null;
    this.#keyMemory = new UnitMemory();
    this.#needsKey = true;
    this.#sentMs = null;
    this.#pictureMs = null;
    this.#soundMs = null;
  }

  #seeKey(units: readonly Buffer[]): void {
    this.#keyMemory.clear();
    this.#lastKey = this.#keyMemory.copiesOf(units);
  }

  #sinceMs(atMs: number | null): number | null {
    return atMs === null ? null : this.#clock.monotonicMs() - atMs;
  }
}
