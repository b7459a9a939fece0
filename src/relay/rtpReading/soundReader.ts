import type { RelayUnit } from '../units/relayUnit.js';
import type { SoundSetup } from '../units/sound.js';
import type { RtpPacket } from './rtpPacket.js';
import type { TrackClocks } from './trackClocks.js';
import type { TrackFormat } from './trackFormat.js';

/** Reads the packets of a sound track, in order. */
export interface SoundReader {
  packet(packet: RtpPacket, arrivedMs: number): void;
  /** Packets are missing in front of the next one. */
  lose(): void;
}

export interface SoundReaderOptions {
  readonly format: TrackFormat;
  readonly clocks: TrackClocks;
  readonly onUnit: (unit: RelayUnit) => void;
}

/** null: the format cannot be read. */
export function soundReader(options: SoundReaderOptions): SoundReader | null {
  const { encoding, clockRate, channels } = options.format;
  if (encoding === 'PCMA' || encoding === 'PCMU') {
    const codec = encoding === 'PCMA' ? 'pcma' : 'pcmu';
    return new PlainReader(options, { codec, sampleRate: clockRate, channels, config: null });
  }
  return null;
}

/** Sound whose payload is one unit. */
class PlainReader implements SoundReader {
  readonly #options: SoundReaderOptions;
  readonly #setup: SoundSetup;
  #isSetUp = false;

  constructor(options: SoundReaderOptions, setup: SoundSetup) {
    this.#options = options;
    this.#setup = setup;
  }

  packet({ timestamp, payload }: RtpPacket, arrivedMs: number): void {
    const { clocks, onUnit } = this.#options;
    if (payload.length === 0) return;
    const { timeMs } = clocks.place('sound', timestamp, arrivedMs);
    // Sound that was described may never come, so its setup is given with the first of it.
    if (!this.#isSetUp) onUnit({ kind: 'sound-setup', setup: this.#setup });
    this.#isSetUp = true;
    onUnit({ kind: 'sound', timeMs, data: payload });
  }

  lose(): void {
    // Each packet stands for itself.
  }
}
