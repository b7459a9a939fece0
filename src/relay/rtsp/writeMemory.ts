/** Enough for an access unit of a camera of 2 Mbit/s; grows for a larger one. */
const FIRST_BYTES = 128 * 1_024;

/**
 * Memory for bytes to be written to sockets, used again for each write. The system mostly takes all bytes during `socket.write`, so fresh
 * memory for each access unit would be garbage at once.
 */
export class WriteMemory {
  #memory = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** Returns memory that is valid until the next call. */
  borrow(length: number): Buffer {
    if (length > this.#memory.length) this.#memory = Buffer.allocUnsafeSlow(2 * length);
    return this.#memory.subarray(0, length);
  }

  /** Leaves `borrowed` to its borrower for good: later borrowers get new memory. Memory that was not borrowed here is ignored. */
  leave(borrowed: Buffer): void {
    if (borrowed.buffer === this.#memory.buffer) this.#memory = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }
}
