import type { Pair } from './transport.js';

interface Place {
  readonly track: number;
  readonly isReport: boolean;
}

/** Limit of packets that come before the answer to PLAY, which they may overtake. */
const MOST_EARLY = 2_000;
const MOST_EARLY_BYTES = 4_000_000;
const RTP_HEAD = 12;

export interface TrackHandlers {
  readonly packet: (track: number, packet: Buffer) => void;
  readonly report: (track: number, packet: Buffer) => void;
}

/** Finds the track of each packet, and holds packets that come before the session is known to play. */
export class TrackReceiver {
  readonly #handlers: TrackHandlers;
  readonly #byChannel = new Map<number, Place>();
  /** By payload type: for cameras that answer with the same channels for two tracks. */
  readonly #byType = new Map<number, number>();
  #areChannelsShared = false;
  #early: { readonly place: Place; readonly packet: Buffer }[] | null = [];
  #earlyBytes = 0;

  constructor(handlers: TrackHandlers) {
    this.#handlers = handlers;
  }

  /** Adds a track whose packets come in the connection. */
  add(track: number, payloadType: number, { packets, reports }: Pair): void {
    this.#byType.set(payloadType, track);
    if (this.#byChannel.has(packets)) {
      this.#areChannelsShared = true;
      return;
    }
    this.#byChannel.set(packets, { track, isReport: false });
    if (reports !== packets) this.#byChannel.set(reports, { track, isReport: true });
  }

  isKnown(channel: number): boolean {
    return this.#byChannel.has(channel);
  }

  /** A packet in the connection; packets of other channels are left out. */
  onChannel(channel: number, packet: Buffer): void {
    const place = this.#byChannel.get(channel);
    if (place === undefined) return;
    if (!this.#areChannelsShared) this.take(place, packet);
    else if (!place.isReport)
      this.take({ ...place, track: this.#byType.get((packet[1] ?? 0) & 0x7f) ?? place.track }, packet);
  }

  take(place: Place, packet: Buffer): void {
    if (packet.length < (place.isReport ? 8 : RTP_HEAD)) return;
    if (this.#early === null) {
      this.#hand(place, packet);
      return;
    }
    this.#earlyBytes += packet.length;
    if (this.#early.length >= MOST_EARLY || this.#earlyBytes > MOST_EARLY_BYTES) return;
    // A copy: the packet's memory is used again.
    this.#early.push({ place, packet: Buffer.from(packet) });
  }

  /** Called when the session plays: the packets that were held are handed over, and later ones at once. */
  play(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const { place, packet } of early) this.#hand(place, packet);
  }

  #hand({ track, isReport }: Place, packet: Buffer): void {
    if (isReport) this.#handlers.report(track, packet);
    else this.#handlers.packet(track, packet);
  }
}
