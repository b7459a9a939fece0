import type { RelayUnit } from '../units/relayUnit.js';
import { adtsFrame, type SoundSetup } from '../units/sound.js';
import type { RtpPacket } from './rtpPacket.js';
import type { TrackClocks } from './trackClocks.js';

/** Reads the packets of a sound track, in order. */
export interface SoundReader {
  packet(packet: RtpPacket, arrivedMs: number): void;
  /** Packets are missing in front of the next one. */
  lose(): void;
}

/** Gives the units of a sound track, with its setup in front of the first one and wherever it changes. */
export class SoundUnits {
  readonly #clocks: TrackClocks;
  readonly #onUnit: (unit: RelayUnit) => void;
  #setup: SoundSetup | null = null;

  constructor(clocks: TrackClocks, onUnit: (unit: RelayUnit) => void) {
    this.#clocks = clocks;
    this.#onUnit = onUnit;
  }

  /** `timestamp`: RTP's, 32 bits. The setup is given with the first unit: sound that was described may never come. */
  give(setup: SoundSetup, unit: Buffer, timestamp: number, arrivedMs: number): void {
    // Some senders put whole ADTS frames where the format has bare ones.
    const framed = setup.codec === 'aac' ? adtsFrame(unit) : null;
    const data = framed?.data ?? unit;
    if (data.length === 0) return;
    const { timeMs } = this.#clocks.place('sound', timestamp >>> 0, arrivedMs);
    if (this.#setup !== setup) this.#onUnit({ kind: 'sound-setup', setup });
    this.#setup = setup;
    this.#onUnit({ kind: 'sound', timeMs, data });
  }
}
