const VERSION = 3;
const PART_BYTES = 1536;

/**
 * The server's side of the plain RTMP handshake: C0 C1 in, S0 S1 S2 out, C2 in. Clients that try the handshake with digests (FFmpeg) also
 * accept this one, as they must for old servers.
 */
export class Handshake {
  #pending: Buffer = Buffer.alloc(0);
  #answered = false;

  /** `reply`: bytes to send now. `rest`: once the handshake is done, the bytes behind it. Throws when the client does not speak RTMP. */
  take(bytes: Buffer): { reply: Buffer | null; rest: Buffer | null } {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    if (this.#pending.length > 0 && this.#pending[0] !== VERSION && !this.#answered)
      throw new Error('This is not RTMP');
    let reply: Buffer | null = null;
    if (!this.#answered && this.#pending.length >= 1 + PART_BYTES) {
      reply = answer(this.#pending.subarray(1, 1 + PART_BYTES));
      this.#pending = this.#pending.subarray(1 + PART_BYTES);
      this.#answered = true;
    }
    const isDone = this.#answered && this.#pending.length >= PART_BYTES;
    return { reply, rest: isDone ? this.#pending.subarray(PART_BYTES) : null };
  }
}

function answer(c1: Buffer): Buffer {
  const s1 = Buffer.alloc(PART_BYTES, 0x5a);
  s1.fill(0, 0, 8); // time and, by four zeros, 'no digest'
  return Buffer.concat([Buffer.from([VERSION]), s1, c1]);
}
