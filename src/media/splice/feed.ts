import type { Clock } from '../../core/clock.js';
import { openReader, type Reader } from './reader.js';
import { Retry } from './retry.js';
import { spliceErrors } from './spliceErrors.js';

/** A connection that stays open and says nothing for so long is given up. */
const SILENT_MS = 10_000;

export interface FeedListener {
  packet(track: number, frame: Buffer, reader: Reader): void;
}

/** Plays one feeder path for as long as it is wanted, and tries again by itself when that ends. */
export class Feed {
  readonly #clock: Clock;
  readonly #address: string;
  readonly #listener: FeedListener;
  readonly #retry = new Retry();
  #reader: Reader | null = null;
  #lastMs = 0;
  #closed = false;
  #cancelRetry: () => void = () => undefined;
  #problem: Error | null = null;

  constructor(clock: Clock, address: string, listener: FeedListener) {
    this.#clock = clock;
    this.#address = address;
    this.#listener = listener;
    void this.#open();
  }

  /** Why nothing comes; null: something does, or nothing was heard yet. */
  get problem(): Error | null {
    return this.#problem;
  }

  /** To be called now and then. */
  check(nowMs: number): void {
    if (!this.#reader || nowMs - this.#lastMs < SILENT_MS) return;
    this.#reader.close();
    this.#lost(spliceErrors.noPicture());
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#reader?.close();
    this.#reader = null;
  }

  async #open(): Promise<void> {
    // Of this try only: a late word of an earlier connection must not end the present one.
    const attempt = { isOver: false };
    const end = (error: unknown): void => {
      if (attempt.isOver) return;
      attempt.isOver = true;
      this.#lost(error);
    };
    try {
      const reader = await openReader(this.#clock, this.#address, {
        packet: (track, frame, from) => {
          if (this.#closed || attempt.isOver) return;
          this.#lastMs = this.#clock.monotonicMs();
          this.#problem = null;
          this.#retry.forget();
          this.#listener.packet(track, frame, from);
        },
        end,
      });
      if (this.#closed || attempt.isOver) {
        reader.close();
        return;
      }
      this.#lastMs = this.#clock.monotonicMs();
      this.#reader = reader;
    } catch (error) {
      end(error);
    }
  }

  #lost(error: unknown): void {
    this.#reader = null;
    if (this.#closed) return;
    this.#problem = error instanceof Error ? error : spliceErrors.closed();
    this.#cancelRetry();
    this.#cancelRetry = this.#clock.after(this.#retry.next(), () => void this.#open());
  }
}
