/** FLV's tag for AAC always says 44 kHz stereo; the real format is in the header below. */
const FLV_AAC = 0xaf;

/** The body of the FLV audio tag that opens a stream of AAC-LC, 16 kHz, mono (AudioSpecificConfig). */
export function flvAacHeader(): Buffer {
  return Buffer.from([FLV_AAC, 0, 0x14, 0x08]);
}

/** The body of the FLV audio tag of one block. */
export function flvAacFrame(block: Buffer): Buffer {
  return Buffer.concat([Buffer.from([FLV_AAC, 1]), block]);
}
