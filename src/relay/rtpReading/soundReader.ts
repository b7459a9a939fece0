import type { RelayUnit } from '../units/relayUnit.js';
import { OPUS_RATE } from '../units/opus.js';
import type { SoundSetup } from '../units/sound.js';
import { genericAacSetup, GenericAacReader } from './genericAac.js';
import { LatmReader } from './latm.js';
import type { RtpPacket } from './rtpPacket.js';
import { SoundUnits, type SoundReader } from './soundUnits.js';
import type { TrackClocks } from './trackClocks.js';
import type { TrackFormat } from './trackFormat.js';

export interface SoundReaderOptions {
  readonly format: TrackFormat;
  readonly clocks: TrackClocks;
  readonly onUnit: (unit: RelayUnit) => void;
}

/** null: the format cannot be read. */
export function soundReader({ format, clocks, onUnit }: SoundReaderOptions): SoundReader | null {
  const units = new SoundUnits(clocks, onUnit);
  switch (format.encoding) {
    case 'PCMA':
      return new PlainReader(units, plainSetup('pcma', format));
    case 'PCMU':
      return new PlainReader(units, plainSetup('pcmu', format));
    case 'OPUS':
      return new PlainReader(units, opusSetup(format));
    case 'MPEG4-GENERIC': {
      const setup = genericAacSetup(format);
      return setup && new GenericAacReader(units, format, setup);
    }
    case 'MP4A-LATM':
      return new LatmReader(units, format);
    default:
      return null;
  }
}

function plainSetup(codec: 'pcma' | 'pcmu', { clockRate, channels }: TrackFormat): SoundSetup {
  return { codec, sampleRate: clockRate, channels, config: null };
}

/** `rtpmap` names two channels for each Opus stream (RFC 7587, section 7); a decoder gives two for any. */
function opusSetup({ fmtp }: TrackFormat): SoundSetup {
  const channels = fmtp.get('sprop-stereo') === '0' ? 1 : 2;
  return { codec: 'opus', sampleRate: OPUS_RATE, channels, config: null };
}

/** Sound of which each packet is one unit: G.711 and Opus. */
class PlainReader implements SoundReader {
  readonly #units: SoundUnits;
  readonly #setup: SoundSetup;

  constructor(units: SoundUnits, setup: SoundSetup) {
    this.#units = units;
    this.#setup = setup;
  }

  packet({ timestamp, payload }: RtpPacket, arrivedMs: number): void {
    this.#units.give(this.#setup, payload, timestamp, arrivedMs);
  }

  lose(): void {
    // Each packet stands for itself.
  }
}
