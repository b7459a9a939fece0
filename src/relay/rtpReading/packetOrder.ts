import type { RtpPacket } from './rtpPacket.js';

/** A packet that is missing is waited for until so many later ones have come. */
const WINDOW = 32;
/** A step of the sequence beyond this is a restart of the numbers, not a loss. */
const RESTART = 3_000;

export interface PacketOrderOptions {
  /** True: the transport keeps the order (TCP), so a missing packet will not come any more. */
  readonly isOrdered: boolean;
  readonly onPacket: (packet: RtpPacket, arrivedMs: number) => void;
  /** Called before the packet behind a gap. */
  readonly onLost: (packets: number) => void;
}

interface Held {
  readonly packet: RtpPacket;
  readonly arrivedMs: number;
}

/** Brings the packets of a track into the order of their numbers: each comes once, and what is missing is said. */
export class PacketOrder {
  readonly #options: PacketOrderOptions;
  #source: number | null = null;
  #next: number | null = null;
  /** Packets behind a gap, by their number. */
  readonly #held = new Map<number, Held>();
  /** Packets in a row that are far behind; a few old ones are repetitions, more are a restart. */
  #behind = 0;

  constructor(options: PacketOrderOptions) {
    this.#options = options;
  }

  take(packet: RtpPacket, arrivedMs: number): void {
    if (this.#source !== null && this.#source !== packet.source) this.#restart(packet);
    this.#source = packet.source;
    this.#next ??= packet.sequence;
    // Of 16 bits with a sign: how far ahead of the expected packet.
    const ahead = ((packet.sequence - this.#next) << 16) >> 16;
    if (ahead < 0) {
      this.#behind += 1;
      const isRestart = ahead < -RESTART || this.#behind > WINDOW;
      if (!isRestart) return;
    }
    if (ahead < 0 || ahead > RESTART) this.#restart(packet);
    this.#behind = 0;
    if (packet.sequence === this.#next) {
      this.#give({ packet, arrivedMs });
      this.#giveHeld();
    } else if (this.#options.isOrdered) {
      this.#skipTo(packet.sequence);
      this.#give({ packet, arrivedMs });
    } else this.#hold(packet, arrivedMs);
  }

  #hold(packet: RtpPacket, arrivedMs: number): void {
    // A copy: the packet's memory is used again.
    this.#held.set(packet.sequence, { packet: { ...packet, payload: Buffer.from(packet.payload) }, arrivedMs });
    if (this.#held.size < WINDOW) return;
    const next = this.#next ?? 0;
    const ahead = [...this.#held.keys()].map((sequence) => (sequence - next) & 0xffff);
    this.#skipTo((next + Math.min(...ahead)) & 0xffff);
    this.#giveHeld();
  }

  #giveHeld(): void {
    for (let held = this.#heldNext(); held !== undefined; held = this.#heldNext()) this.#give(held);
  }

  #heldNext(): Held | undefined {
    if (this.#held.size === 0 || this.#next === null) return undefined;
    const held = this.#held.get(this.#next);
    this.#held.delete(this.#next);
    return held;
  }

  #give({ packet, arrivedMs }: Held): void {
    this.#next = (packet.sequence + 1) & 0xffff;
    this.#options.onPacket(packet, arrivedMs);
  }

  #skipTo(sequence: number): void {
    const lost = (sequence - (this.#next ?? sequence)) & 0xffff;
    this.#next = sequence;
    this.#options.onLost(lost);
  }

  /** The numbers begin anew, as after a restart of the sender: how many packets are missing is not known. */
  #restart(packet: RtpPacket): void {
    this.#held.clear();
    this.#next = packet.sequence;
    this.#behind = 0;
    this.#options.onLost(1);
  }
}
