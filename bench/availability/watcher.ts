import { NAL_IDR, NAL_SPS, nalType } from '../../src/media/h264.js';
import { openReader, type Reader } from '../../src/media/splice/reader.js';
import { payloadOf, timestampOf } from '../../src/media/splice/rtpPacket.js';
import { systemClock } from '../../src/systemClock.js';

const TRY_AGAIN_MS = 150;
/** A connection that is open and brings nothing is tried again, as a player does. */
const SILENT_MS = 4_000;
/**
 * A still picture's P frames say "as before" and need a few dozen bytes; the test picture has a block that moves and a clock, so
 * that at least one frame in a second is larger.
 */
const STILL_BYTES = 120;
/** Two seconds of small frames are a slate. */
const SMALL_IN_A_ROW = 30;

const STAP_A = 24;
const FU_A = 28;

interface Frame {
  bytes: number;
  isKey: boolean;
  readonly timestamp: number;
}

/** Plays one camera's public path over RTSP, again and again, and notes when pictures of the camera (not its slate) came. */
export class CameraWatcher {
  readonly #url: string;
  /** Monotonic; of frames that were the camera's. */
  readonly seenMs: number[] = [];
  /** Those of the slate, and small ones of the camera. */
  slateFrames = 0;
  #isCamera = false;
  /** Small frames since the last large one: whose they are is not known yet. */
  #small: number[] = [];
  #frame: Frame | null = null;
  #lastPacketMs = 0;
  #reader: Reader | null = null;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(url: string) {
    this.#url = url;
    void this.#open();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#reader?.close();
  }

  async #open(): Promise<void> {
    const state = { isOver: false };
    const again = (): void => {
      if (state.isOver) return;
      state.isOver = true;
      this.#reader?.close();
      this.#reader = null;
      this.#frame = null;
      this.#isCamera = false;
      this.#small = [];
      if (!this.#stopped) this.#timer = setTimeout(() => void this.#open(), TRY_AGAIN_MS);
    };
    try {
      const reader = await openReader(systemClock, this.#url, {
        packet: (track, frame) => {
          if (track === 0 && !state.isOver) this.#packet(frame);
        },
        end: again,
      });
      if (this.#stopped || state.isOver) {
        reader.close();
        return;
      }
      this.#reader = reader;
      this.#lastPacketMs = performance.now();
      const look = (): void => {
        if (state.isOver || this.#stopped) return;
        if (performance.now() - this.#lastPacketMs > SILENT_MS) again();
        else setTimeout(look, 500).unref();
      };
      look();
    } catch {
      again();
    }
  }

  #packet(packet: Buffer): void {
    this.#lastPacketMs = performance.now();
    const timestamp = timestampOf(packet);
    const payload = payloadOf(packet);
    if (this.#frame?.timestamp !== timestamp) {
      if (this.#frame) this.#whole(this.#frame);
      this.#frame = { bytes: 0, isKey: false, timestamp };
    }
    this.#frame.bytes += payload.length;
    this.#frame.isKey ||= beginsKey(payload);
  }

  /** Key frames of both are large and tell nothing. */
  #whole({ bytes, isKey }: Frame): void {
    if (isKey) return;
    const nowMs = performance.now();
    if (bytes > STILL_BYTES) {
      this.seenMs.push(...this.#small, nowMs);
      this.#small = [];
      this.#isCamera = true;
      return;
    }
    this.slateFrames += 1;
    if (!this.#isCamera) return;
    this.#small.push(nowMs);
    if (this.#small.length <= SMALL_IN_A_ROW) return;
    this.#isCamera = false;
    this.#small = [];
  }
}

function beginsKey(payload: Buffer): boolean {
  const type = nalType(payload);
  if (type === NAL_IDR || type === NAL_SPS || type === STAP_A) return true;
  return type === FU_A && ((payload[1] ?? 0) & 0x1f) === NAL_IDR;
}
