import type { Clock } from '../../core/clock.js';
import { openPublisher, type Publisher } from './publisher.js';
import { Retry } from './retry.js';
import { canFollow, type SdpTrack } from './sdp.js';
import { spliceErrors } from './spliceErrors.js';

/** A key frame older than this, and what follows it, is not sent any more once the path takes packets. */
const STALE_MS = 1_000;
const LARGEST_HELD_BYTES = 16 * 1024 * 1024;
/** A publisher that lasted so long was not refused; the next wait is a short one again. */
const LASTED_MS = 10_000;

interface Held {
  readonly track: number;
  readonly frame: Buffer;
  readonly timestamp: number;
}

/**
 * The public side of a camera. It is opened with the first key frame in hand, so that whoever published before is overridden
 * at the moment there is a picture, and opened again when the media server closes it.
 */
export class Outlet {
  readonly #clock: Clock;
  readonly #address: string;
  readonly #onOpen: () => void;
  readonly #retry = new Retry();
  #publisher: Publisher | null = null;
  #openedMs = 0;
  #isOpening = false;
  #retryAtMs = 0;
  #cancelRetry: () => void = () => undefined;
  /** From the last key frame on; empty: nothing to begin with. */
  #held: Held[] = [];
  #heldBytes = 0;
  #heldSinceMs = 0;
  #heldTracks: readonly SdpTrack[] = [];
  #bytes = 0;
  #problem: Error | null = null;
  #turn = 0;

  constructor(clock: Clock, address: string, onOpen: () => void) {
    this.#clock = clock;
    this.#address = address;
    this.#onOpen = onOpen;
  }

  get isOpen(): boolean {
    return this.#publisher !== null;
  }

  /** Sent so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Why it is not open; null: it is, or nothing went wrong. */
  get problem(): Error | null {
    return this.#problem;
  }

  /** False when readers would have to begin anew for these tracks. */
  takes(tracks: readonly SdpTrack[]): boolean {
    return this.#publisher === null || canFollow(this.#publisher.tracks, tracks);
  }

  /** The picture can be decoded from here on: what is not sent yet is given up. */
  beginAt(tracks: readonly SdpTrack[]): void {
    if (this.#publisher) return;
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldSinceMs = this.#clock.monotonicMs();
    this.#heldTracks = tracks;
    this.#open();
  }

  send(track: number, frame: Buffer, timestamp: number): void {
    if (this.#publisher) {
      this.#bytes += frame.length;
      this.#publisher.write(track, frame, timestamp);
    } else if (this.#heldTracks.length > 0) {
      this.#held.push({ track, frame, timestamp });
      this.#heldBytes += frame.length;
      if (this.#heldBytes > LARGEST_HELD_BYTES) this.#giveUpHeld();
    }
  }

  /** Viewers see the slate from now on; the next key frame opens it again. */
  close(): void {
    this.#turn++;
    this.#isOpening = false;
    this.#publisher?.close();
    this.#publisher = null;
    this.#cancelRetry();
    this.#giveUpHeld();
  }

  #open(): void {
    const waitMs = this.#retryAtMs - this.#clock.monotonicMs();
    if (this.#isOpening) return;
    this.#cancelRetry();
    if (waitMs > 0) {
      this.#cancelRetry = this.#clock.after(waitMs, () => this.#openNow());
    } else {
      this.#openNow();
    }
  }

  #openNow(): void {
    if (this.#clock.monotonicMs() - this.#heldSinceMs > STALE_MS) this.#giveUpHeld();
    if (this.#heldTracks.length === 0 || this.#publisher || this.#isOpening) return;
    this.#isOpening = true;
    const turn = ++this.#turn;
    const tracks = this.#heldTracks;
    openPublisher(this.#clock, this.#address, tracks, (error) => {
      if (turn === this.#turn) this.#lost(error);
    }).then(
      (publisher) => {
        if (turn === this.#turn) this.#opened(publisher);
        else publisher.close();
      },
      (error: unknown) => {
        if (turn === this.#turn) this.#lost(error);
      },
    );
  }

  #opened(publisher: Publisher): void {
    this.#isOpening = false;
    if (!canFollow(publisher.tracks, this.#heldTracks)) {
      publisher.close();
      this.#openNow();
      return;
    }
    this.#publisher = publisher;
    this.#openedMs = this.#clock.monotonicMs();
    this.#problem = null;
    const held = this.#held;
    this.#giveUpHeld();
    for (const { track, frame, timestamp } of held) this.send(track, frame, timestamp);
    this.#onOpen();
  }

  #lost(error: unknown): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#publisher && nowMs - this.#openedMs > LASTED_MS) this.#retry.forget();
    this.#publisher = null;
    this.#isOpening = false;
    this.#problem = error instanceof Error ? error : spliceErrors.closed();
    this.#retryAtMs = nowMs + this.#retry.next();
    this.#open();
  }

  #giveUpHeld(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldTracks = [];
  }
}
