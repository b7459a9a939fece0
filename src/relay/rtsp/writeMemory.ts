/** Holds an access unit of a camera of 2 Mbit/s; a larger one makes it grow. */
const FIRST_BYTES = 128 * 1_024;

/**
 * Memory that is written out and used again. The system mostly takes all bytes within a socket's `write`, so that memory of its own for each
 * access unit would be garbage at once.
 */
export class WriteMemory {
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** The borrower's until the next call. */
  borrow(length: number): Buffer {
    if (length > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(2 * length);
    return this.#memory.subarray(0, length);
  }

  /** `borrowed` is needed for longer, so that others get other memory. Of bytes from elsewhere nothing follows. */
  leave(borrowed: Buffer): void {
    if (borrowed.buffer === this.#memory.buffer) this.#memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }
}
