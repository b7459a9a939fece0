import { beginsPicture, isFiller, parameterSetsIn, type PictureCodec } from '../units/nalUnits.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { AccessUnits, type AccessUnit } from './accessUnits.js';
import { DecodeTimes } from './decodeTimes.js';
import { heldBack } from '../units/heldBack.js';
import { ParameterSets } from './parameterSets.js';
import type { RtpPacket } from './rtpPacket.js';
import type { TrackClocks } from './trackClocks.js';
import type { TrackFormat } from './trackFormat.js';

export interface PictureReaderOptions {
  readonly codec: PictureCodec;
  readonly format: TrackFormat;
  readonly clocks: TrackClocks;
  readonly onUnit: (unit: RelayUnit) => void;
}

/** Reads the packets of a picture track, in order, into pictures. Behind a gap, pictures are left out up to the next key frame. */
export class PictureReader {
  readonly #options: PictureReaderOptions;
  readonly #accessUnits: AccessUnits;
  readonly #sets: ParameterSets;
  readonly #decodeTimes = new DecodeTimes();
  /** How many pictures the stream holds back, by its SPS; null: it does not say. */
  #heldBack: number | null = null;
  #hasBegun = false;
  #waitsForKey = true;
  #dropped = 0;

  constructor(options: PictureReaderOptions) {
    this.#options = options;
    const { codec, format } = options;
    this.#sets = new ParameterSets(codec, format);
    this.#accessUnits = new AccessUnits({
      codec,
      hasOrder: Number(format.fmtp.get('sprop-max-don-diff') ?? 0) > 0,
      onUnit: (unit) => this.#take(unit),
      onBroken: (units) => {
        // Parameter sets are of use for later pictures too.
        this.#sets.learn(units);
        if (!this.#waitsForKey) this.#dropped += 1;
        this.#waitsForKey = true;
      },
    });
  }

  /** How many pictures were left out because a part of them, or of a picture before them, was missing. */
  get dropped(): number {
    return this.#dropped;
  }

  packet(packet: RtpPacket, arrivedMs: number): void {
    this.#accessUnits.take(packet, arrivedMs);
  }

  /** Packets are missing in front of the next one. */
  lose(): void {
    this.#accessUnits.lose();
  }

  #take({ timestamp, arrivedMs, units: all }: AccessUnit): void {
    const { codec, clocks, onUnit } = this.#options;
    this.#sets.learn(all);
    const { timeMs, hasJumped } = clocks.place('picture', timestamp, arrivedMs);
    if (hasJumped) this.#decodeTimes.forget();
    const isKey = beginsPicture(codec, all);
    if ((this.#waitsForKey && !isKey) || !this.#sets.isWhole) {
      if (this.#hasBegun) this.#dropped += 1;
      return;
    }
    this.#waitsForKey = false;
    this.#hasBegun = true;
    if (isKey) this.#begin();
    const decodeMs = this.#decodeTimes.of(timeMs);
    const units = all.filter((unit) => !isFiller(codec, unit) && !(isKey && parameterSetsIn(codec, [unit]).length > 0));
    clocks.show();
    onUnit({ kind: 'picture', decodeMs, offsetMs: timeMs - decodeMs, isKey, units });
  }

  /** A key frame goes out with the sets as they are now: those in front of it may be incomplete. */
  #begin(): void {
    const setup = this.#sets.changed();
    if (setup !== null) {
      this.#options.onUnit({ kind: 'picture-setup', setup });
      const { sps } = this.#sets;
      this.#heldBack = sps && heldBack(setup.codec, sps);
    }
    this.#decodeTimes.begin(this.#heldBack);
  }
}
