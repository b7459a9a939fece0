import { Bits } from '../units/bits.js';
import { aacFrameSamples, aacSetup, plainAacConfig, type SoundSetup } from '../units/sound.js';
import { latmSetup, muxConfig, type MuxConfig } from './latmConfig.js';
import type { RtpPacket } from './rtpPacket.js';
import type { SoundReader, SoundUnits } from './soundUnits.js';
import type { TrackFormat } from './trackFormat.js';

/** A longer element is none. */
const MOST_BYTES = 65_536;

/** AAC as `MP4A-LATM` (RFC 6416): an element of ISO 14496-3 (1.7.3) in one packet or several, with its configuration inside or in the SDP. */
export class LatmReader implements SoundReader {
  readonly #units: SoundUnits;
  readonly #clockRate: number;
  readonly #isConfigInside: boolean;
  #config: MuxConfig | null;
  #setup: SoundSetup | null;
  /** The element so far, and its time stamp. */
  #open: { readonly timestamp: number; readonly bytes: Buffer } | null = null;

  constructor(units: SoundUnits, { fmtp, clockRate, channels }: TrackFormat) {
    this.#units = units;
    this.#clockRate = clockRate;
    this.#isConfigInside = fmtp.get('cpresent') !== '0';
    this.#config = muxConfig(new Bits(Buffer.from(fmtp.get('config') ?? '', 'hex')));
    const plain = plainAacConfig(clockRate, channels);
    this.#setup = (this.#config && latmSetup(this.#config)) ?? (plain && aacSetup(plain));
  }

  packet({ payload, timestamp, isMarked }: RtpPacket, arrivedMs: number): void {
    // An element whose end was not marked ends where the time goes on.
    if (this.#open !== null && this.#open.timestamp !== timestamp) this.#finish(arrivedMs);
    const before = this.#open?.bytes ?? Buffer.alloc(0);
    if (before.length + payload.length > MOST_BYTES) {
      this.#open = null;
      return;
    }
    this.#open = { timestamp, bytes: Buffer.concat([before, payload]) };
    if (isMarked) this.#finish(arrivedMs);
  }

  lose(): void {
    this.#open = null;
  }

  #finish(arrivedMs: number): void {
    if (this.#open === null) return;
    const { timestamp, bytes } = this.#open;
    this.#open = null;
    const reader = new Bits(bytes);
    let ticks = 0;
    // Several elements may stand in a packet; each begins at a byte.
    while (reader.left >= 8) {
      if (!this.#readConfig(reader)) return;
      const setup = this.#setup;
      if (setup === null) return;
      const samples = setup.config ? aacFrameSamples(setup.config) : 1_024;
      for (let frame = 0; frame < (this.#config?.frames ?? 1); frame++) {
        const data = frameIn(reader);
        if (data === null) return;
        this.#units.give(setup, data, timestamp + ticks, arrivedMs);
        ticks += Math.round((samples * this.#clockRate) / setup.sampleRate);
      }
      reader.skip(reader.left & 7);
    }
  }

  /** False: the frames cannot be read. */
  #readConfig(reader: Bits): boolean {
    if (!this.#isConfigInside) return true;
    const isSame = reader.flag();
    if (isSame) return this.#config !== null;
    const config = muxConfig(reader);
    if (config === null) return false;
    const isChanged = !this.#config?.audio.equals(config.audio);
    this.#config = config;
    if (isChanged || this.#setup === null) this.#setup = latmSetup(config);
    return this.#setup !== null;
  }
}

/** A frame behind its length, which is written in bytes of 255 and a last smaller one; null: it is not whole. */
function frameIn(reader: Bits): Buffer | null {
  let length = 0;
  for (let part = 255; part === 255;) {
    if (reader.left < 8) return null;
    part = reader.number(8);
    length += part;
  }
  return 8 * length > reader.left ? null : reader.bytes(length);
}
