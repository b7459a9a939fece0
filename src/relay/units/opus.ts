/** Opus packets carry this many samples in a second, whatever was recorded (RFC 7587, section 4.1). */
export const OPUS_RATE = 48_000;

/** Length of a frame in ms by the configuration in the first byte of a packet (RFC 6716, table 2). */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
/** A packet holds 120 ms at most (RFC 6716, section 3.2.5). */
const LONGEST_MS = 120;

/** How long the sound of a packet is, in ms; 0: the packet is not readable. */
export function opusLengthMs(packet: Buffer): number {
  const [first, second = 0] = packet;
  if (first === undefined) return 0;
  const configuration = first >> 3;
  const frameMs =
    configuration < 12
      ? SILK_MS[configuration & 3]
      : configuration < 16
        ? HYBRID_MS[configuration & 1]
        : CELT_MS[configuration & 3];
  const code = first & 3;
  const frames = code === 0 ? 1 : code === 3 ? second & 0x3f : 2;
  return Math.min(LONGEST_MS, (frameMs ?? 0) * frames);
}

/** 20 ms of silence: one frame of CELT over the full band, one channel, which decoders for two channels take too. */
export const SILENT_OPUS: Buffer = Buffer.from('f8fffe', 'hex');
