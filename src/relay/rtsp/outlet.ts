import type { Writable } from 'node:stream';

/** Waits for a slow reader in our memory: some seconds of a camera of 2 Mbit/s. One access unit more may wait. */
const MOST_WAITING_BYTES = 1_000_000;

/** The packets of one access unit: they reach a reader together or not at all, so that no torn picture is decoded. */
export interface PacketGroup {
  /** 0 to 255: the interleaved channel. */
  readonly channel: number;
  readonly packets: readonly Buffer[];
  /** `key`: a decoder may begin here. `other`: sound and reports, which go on while pictures are skipped. */
  readonly kind: 'key' | 'picture' | 'other';
}

/**
 * Sends packets to one reader, interleaved into its connection (RFC 2326, section 10.12). A reader that is too slow loses whole access
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

  /** False: the reader was too slow, and the group is lost. */
  send({ channel, packets, kind }: PacketGroup): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return false;
    const isFull = this.#socket.writableLength > MOST_WAITING_BYTES;
    if (kind === 'key' && !isFull) this.#isSkipping = false;
    else if (kind !== 'other' && isFull) this.#isSkipping = true;
    if (isFull || (this.#isSkipping && kind !== 'other')) {
      this.#lost += packets.length;
      return false;
    }
    // One system call for all of them.
    this.#socket.cork();
    for (const packet of packets) {
      const header = Buffer.allocUnsafe(4);
      header.writeUInt8(0x24, 0);
      header.writeUInt8(channel, 1);
      header.writeUInt16BE(packet.length, 2);
      this.#socket.write(header);
      this.#socket.write(packet);
    }
    this.#socket.uncork();
    return true;
  }
}
