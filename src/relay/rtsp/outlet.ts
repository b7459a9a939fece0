import type { Writable } from 'node:stream';
import { WriteMemory } from './writeMemory.js';

/** How much may wait in memory for a slow reader: some seconds of a camera of 2 Mbit/s. One access unit more may wait. */
const MOST_WAITING_BYTES = 1_000_000;
/** Shared by all outlets of this process: each outlet fills it and sends it before another one uses it. */
const shared = new WriteMemory();

/** The packets of one access unit. A reader gets all of them or none, so that it never decodes a part of a picture. */
export interface PacketGroup {
  /** All packets, each with its interleaving header in front. */
  readonly bytes: Buffer;
  /** How many packets. */
  readonly packets: number;
  /** `key`: a decoder may begin here. `other`: sound and reports, which go on while pictures are skipped. */
  readonly kind: 'key' | 'picture' | 'other';
}

/**
 * Sends packets to one reader over its connection. A reader that is too slow loses whole access units up to the next key frame, so that the
 * memory for it is bounded and it never decodes a broken picture. Lost packets are counted.
 */
export class Outlet {
  readonly #socket: Writable;
  #isSkipping = false;
  #lost = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** How many packets this reader lost because it was too slow. */
  get lost(): number {
    return this.#lost;
  }

  /** Memory for the next group; valid until `send` is called with it. */
  memoryFor(length: number): Buffer {
    return this.#socket.writableLength === 0 ? shared.borrow(length) : Buffer.allocUnsafe(length);
  }

  /** False: the reader was too slow, and the group is lost. */
  send({ bytes, packets, kind }: PacketGroup): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return false;
    const isFull = this.#socket.writableLength > MOST_WAITING_BYTES;
    if (kind === 'key' && !isFull) this.#isSkipping = false;
    else if (kind !== 'other' && isFull) this.#isSkipping = true;
    if (isFull || (this.#isSkipping && kind !== 'other')) {
      this.#lost += packets;
      return false;
    }
    this.#socket.write(bytes);
    // The system did not take all bytes, and the socket still needs the rest, so other outlets must get other memory.
    if (this.#socket.writableLength > 0) shared.leave(bytes);
    return true;
  }
}
