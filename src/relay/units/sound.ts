/** What a decoder of the sound needs. */
export interface SoundSetup {
  readonly codec: 'aac' | 'opus' | 'pcma' | 'pcmu';
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig (ISO 14496-3); null for Opus and G.711. */
  readonly config: Buffer | null;
}

const NO_CONFIG = Buffer.alloc(0);

/** True when one decoder serves both; null: no sound. */
export function isSameSound(a: SoundSetup | null, b: SoundSetup | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.codec !== b.codec || a.sampleRate !== b.sampleRate || a.channels !== b.channels) return false;
  return (a.config ?? NO_CONFIG).equals(b.config ?? NO_CONFIG);
}

/** Sample rates by their index (ISO 14496-3, table 1.18). */
const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const ESCAPED_RATE = 15;
/** The object type of AAC-LC, which cameras send. */
const LOW_COMPLEXITY = 2;

/** Reads an AudioSpecificConfig; null: it is not valid for AAC. */
export function aacSetup(config: Buffer): SoundSetup | null {
  if (config.length < 2) return null;
  const bits = config.readUInt16BE();
  const index = (bits >> 7) & 0x0f;
  if (index === ESCAPED_RATE) {
    if (config.length < 5) return null;
    const rate = (config.readUIntBE(1, 4) >>> 7) & 0xffffff;
    return setupOf(rate, (config.readUInt8(4) >> 3) & 0x0f, config);
  }
  const rate = RATES[index];
  return rate === undefined ? null : setupOf(rate, (bits >> 3) & 0x0f, config);
}

/** An AudioSpecificConfig of AAC-LC; null: the rate has no index. */
export function plainAacConfig(sampleRate: number, channels: number): Buffer | null {
  const index = RATES.indexOf(sampleRate);
  if (index === -1) return null;
  const config = Buffer.alloc(2);
  config.writeUInt16BE((LOW_COMPLEXITY << 11) | (index << 7) | ((channels === 8 ? 7 : channels) << 3));
  return config;
}

/** How many samples a frame has: 1,024, or 960 where the configuration says so behind the channels. */
export function aacFrameSamples(config: Buffer): number {
  if (config.length < 2) return 1_024;
  const isEscaped = ((config.readUInt16BE() >> 7) & 0x0f) === ESCAPED_RATE;
  return (((isEscaped ? config[4] : config[1]) ?? 0) & 4) === 0 ? 1_024 : 960;
}

function setupOf(sampleRate: number, configuration: number, config: Buffer): SoundSetup | null {
  if (sampleRate === 0) return null;
  // 0: the channels are described later in the stream; cameras have one or two, so 2 is assumed. 7 stands for eight channels.
  const channels = configuration === 0 ? 2 : configuration === 7 ? 8 : configuration;
  return { codec: 'aac', sampleRate, channels, config: Buffer.from(config) };
}

export interface AdtsFrame {
  readonly setup: SoundSetup;
  /** Without the ADTS header. */
  readonly data: Buffer;
}

/** Reads one AAC frame that begins with an ADTS header (ISO 13818-7, 6.2); null: there is no such header. */
export function adtsFrame(bytes: Buffer): AdtsFrame | null {
  if (bytes.length < 7 || (bytes.readUInt16BE() & 0xfff6) !== 0xfff0) return null;
  const length = ((bytes.readUInt8(3) & 3) << 11) | (bytes.readUInt8(4) << 3) | (bytes.readUInt8(5) >> 5);
  if (length !== bytes.length) return null;
  const profile = bytes.readUInt8(2) >> 6;
  const index = (bytes.readUInt8(2) >> 2) & 0x0f;
  const configuration = ((bytes.readUInt8(2) & 1) << 2) | (bytes.readUInt8(3) >> 6);
  const config = Buffer.alloc(2);
  config.writeUInt16BE(((profile + 1) << 11) | (index << 7) | (configuration << 3));
  const setup = aacSetup(config);
  const headerBytes = (bytes.readUInt8(1) & 1) === 0 ? 9 : 7;
  return setup && { setup, data: bytes.subarray(headerBytes) };
}
