import { FrameSource } from '../../simulator/clips/frameSource.js';
import { PictureEncoder } from '../../simulator/clips/pictureEncoder.js';
import { cameraPicture } from '../../simulator/clips/testPicture.js';
import { loadAv } from '../../src/media/av.js';
import { annexBNals, NAL_PPS, nalType } from '../../src/media/formats/h264.js';
import { openReader, type Reader } from '../../test/support/rtsp/reader.js';
import { payloadOf } from '../../test/support/rtsp/rtpPacket.js';
import { systemClock } from '../../src/systemClock.js';

const TRY_AGAIN_MS = 150;
/** A connection without a packet for so long is opened again, as a player does. */
const SILENT_MS = 4_000;
const STAP_A = 24;
const MARKER = 0x80;

/**
 * The picture parameter set (PPS) of the simulator's cameras. It names their constant quantizer, with which no slate is encoded, so it tells
 * the camera's pictures from the slate. (Sequence parameter sets are the same where size and rate are.)
 */
export async function cameraParameters(): Promise<Buffer> {
  const { lib, constants } = await loadAv();
  const av = { ...lib, ...constants };
  const { width, height, framesPerSecond, groupSeconds } = cameraPicture('any', 'any');
  const job = {
    codec: 'h264',
    width,
    height,
    framesPerSecond,
    framesPerGroup: framesPerSecond * groupSeconds,
  } as const;
  const graph = `testsrc=size=${width}x${height}:rate=${framesPerSecond},format=yuv420p`;
  using source = new FrameSource(av, graph, 'buffersink');
  using encoder = new PictureEncoder(av, job);
  const parameters = annexBNals(encoder.encode(source.next(), 0, true)).find((nal) => nalType(nal) === NAL_PPS);
  if (!parameters) throw new Error('The encoder gives no picture parameters.');
  return parameters;
}

/** Plays one camera's public path over RTSP, reconnecting as needed, and notes when pictures of the camera (not its slate) came. */
export class CameraWatcher {
  readonly #url: string;
  readonly #parameters: Buffer;
  /** When frames of the camera itself came (monotonic ms). */
  readonly seenMs: number[] = [];
  /** True: the latest parameter set was the camera's. Camera and slate both send theirs in front of every key frame. */
  #isCamera = false;
  #lastPacketMs = 0;
  #reader: Reader | null = null;
  #stopped = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(url: string, parameters: Buffer) {
    this.#url = url;
    this.#parameters = parameters;
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
      this.#isCamera = false;
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
    for (const nal of wholeNals(payloadOf(packet))) {
      if (nalType(nal) === NAL_PPS) this.#isCamera = nal.equals(this.#parameters);
    }
    const isLastOfFrame = ((packet[5] ?? 0) & MARKER) !== 0;
    if (this.#isCamera && isLastOfFrame) this.seenMs.push(performance.now());
  }
}

function wholeNals(payload: Buffer): Buffer[] {
  if (payload.length === 0) return [];
  if (nalType(payload) !== STAP_A) return [payload];
  const nals: Buffer[] = [];
  for (let at = 1; at + 2 < payload.length; at += 2 + payload.readUInt16BE(at)) {
    nals.push(payload.subarray(at + 2, at + 2 + payload.readUInt16BE(at)));
  }
  return nals;
}
