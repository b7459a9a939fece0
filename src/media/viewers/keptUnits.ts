import type { VideoUnit } from '../formats/units.js';

/** Limits of the pictures that a new WebRTC viewer gets at once. */
const MOST_BYTES = 8_000_000;
const MOST_UNITS = 400;

/** The pictures since the last key frame; empty when they exceed the limits. */
export class KeptUnits {
  #units: VideoUnit[] = [];
  #bytes = 0;

  get units(): readonly VideoUnit[] {
    return this.#units;
  }

  add(unit: VideoUnit): void {
    if (unit.keyFrame) {
      this.#units = [];
      this.#bytes = 0;
    }
    this.#bytes += unit.data.length;
    const fits = this.#bytes <= MOST_BYTES && this.#units.length < MOST_UNITS;
    if (fits && (unit.keyFrame || this.#units.length > 0)) this.#units.push(unit);
    else this.#units = [];
  }
}
