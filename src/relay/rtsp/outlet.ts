import type { Writable } from 'node:stream';
import { WriteMemory } from './writeMemory.js';

/** Waits for a slow reader in our memory: some seconds of a camera of 2 Mbit/s. One access unit more may wait. */
const MOST_WAITING_BYTES = 1_000_000;
/** Shared by all outlets of a process: each fills it and sends it before the next one does. */
const shared = new WriteMemory();

/** The packets of one access unit: they reach a reader together or not at all, so that no torn picture is decoded. */
export interface PacketGroup {
  /** All packets, each behind the header that interleaves it. */
  readonly bytes: Buffer;
  /** How many packets. */
  readonly packets: number;
  /** `key`: a decoder may begin here. `other`: sound and reports, which go on while pictures are skipped. */
  readonly kind: 'key' | 'picture' | 'other';
}

/**
 * Sends packets to one reader over its connection. A reader that is too slow loses whole access
 * units up to the next key frame, counted: the memory for it stays bounded and it never decodes a broken picture.
 */
export class Outlet {
  readonly #socket: Writable;
  #isSkipping = false;
  #lost = 0;

  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** Packets that this reader was too slow for. */
  get lost(): number {
    return this.#lost;
  }

  /** Where the next group is written to, until it is sent. */
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
    // The system did not take all of it, and the socket keeps the rest.
    if (this.#socket.writableLength > 0) shared.leave(bytes);
    return true;
  }
}
