const VERSION = 3;
const PART_BYTES = 1_536;
const REPLY_BYTES = 1 + 2 * PART_BYTES;

/** The first bytes of a player: C0 and C1 of the plain handshake (RTMP 1.0, section 5.2). `random`: 1,528 bytes. */
export function opening(random: Buffer): Buffer {
  const c1 = Buffer.alloc(PART_BYTES);
  // Time 0, then four zeros: no digest is asked for.
  random.copy(c1, 8, 0, PART_BYTES - 8);
  return Buffer.concat([Buffer.from([VERSION]), c1]);
}

/** The server speaks another protocol. */
export class NotRtmp extends Error {}

/**
 * Reads S0, S1 and S2; null: more bytes are needed. `rest`: the bytes behind them. S2 is not checked: some servers do not echo C1 there.
 * Throws `NotRtmp`.
 */
export function closing(received: Buffer): { readonly c2: Buffer; readonly rest: Buffer } | null {
  const version = received[0];
  // Version 6 is the encrypted form, which no camera cloud uses; HTTP answers begin with a letter.
  if (version !== undefined && version !== VERSION) throw new NotRtmp('The server does not speak RTMP.');
  if (received.length < REPLY_BYTES) return null;
  return { c2: received.subarray(1, 1 + PART_BYTES), rest: received.subarray(REPLY_BYTES) };
}
