import { SLATE_AFTER_MS } from '../../core/camera/whenGone.js';
import type { Clock } from '../../core/clock.js';
import type { Output } from '../output/output.js';
import type { RelayNews } from '../pull/relayNews.js';
import { beginsPicture, parameterSetsIn, type PictureSetup } from '../rtmp/nalUnits.js';
import type { ToldTracks } from './tracks.js';

/** While bridging, no stand-in comes sooner after a picture of the source: pictures that come late are better than a repeated one. */
const REPEAT_MS = 500;
/**
 * While bridging, a stand-in comes so often. A picture gets into an HLS list only when the next one is there (gohlslib 2.4, fmp4), so a player
 * that is little behind would run dry between rare ones and stay later by as much. Shorter than an HLS piece, so that an MPEG-TS piece has
 * two of them: hls.js moves the only picture of one to the end of the piece before it, and falls behind (seen with hls.js 1.7.4).
 */
const STAND_IN_MS = 400;
/**
 * A stand-in is sent so late while a source is there. A low-latency HLS list that does not change for 3.6 s (thrice 0.4 s, asked for three times)
 * ends hls.js 1.7.4 for good.
 */
const LIVE_REPEAT_MS = 2_500;
/** or after so many steps of a slow one. MediaMTX ends a source that is silent for ten seconds; sender reports count, too. */
const LATE_STEPS = 3;
/** A source whose sound stops for so long gets silence in its place. */
const SOUND_LATE_MS = 1_000;
const LOOK_MS = 250;
/** While silence is made, so that it comes in small pieces. */
const SILENCE_LOOK_MS = 100;

export interface BridgeOptions {
  readonly clock: Clock;
  readonly output: Output;
  readonly tracks: ToldTracks;
  /** No source is in force. */
  readonly isBridging: () => boolean;
  /** Called before each look at what is missing. */
  readonly onLook: () => void;
  readonly tell: (news: RelayNews) => void;
}

/**
 * Sends what stands in for a source: the last key frame again, after some seconds the camera's labelled slate, and silence for missing
 * sound. A source that stands still without ending has its last key frame repeated as well.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  #slate: readonly Buffer[] | null = null;
  #isSlate = false;
  #isSilent = false;
  #cancelLook: () => void = () => undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** A key frame of H.264 with its parameter sets; anything else, as no units at all, leaves the stream without a slate. */
  setSlate(units: readonly Buffer[]): void {
    const isWhole = parameterSetsIn('h264', units).length >= 2 && beginsPicture('h264', units);
    this.#slate = isWhole ? units : null;
  }

  /** As readers are told of it, where a stream consists of the slate alone; null: there is none. */
  get slateSetup(): PictureSetup | null {
    if (this.#slate === null) return null;
    return { codec: 'h264', parameterSets: parameterSetsIn('h264', this.#slate), lengthBytes: 4 };
  }

  start(): void {
    const isOften = this.#isSilent || this.#options.isBridging();
    this.#cancelLook = this.#options.clock.after(isOften ? SILENCE_LOOK_MS : LOOK_MS, () => {
      this.start();
      this.#options.onLook();
      this.sendWhatIsMissing();
    });
  }

  stop(): void {
    this.#cancelLook();
  }

  sendWhatIsMissing(): void {
    this.#sendPicture();
    this.#sendSilence();
  }

  #sendPicture(): void {
    const { output, isBridging, tell } = this.#options;
    const { unsentMs, stepMs, lastKey } = output;
    const slate = this.#slateOfNow();
    const bridges = isBridging();
    const isDue = bridges
      ? this.#isDueWhileBridging()
      : unsentMs === null || unsentMs >= Math.max(LIVE_REPEAT_MS, LATE_STEPS * stepMs);
    if (!isDue) return;
    const units = slate ?? lastKey;
    if (slate && !this.#isSlate) tell({ kind: 'slate' });
    this.#isSlate = slate !== null;
    if (units !== null) output.standIn(units);
  }

  #isDueWhileBridging(): boolean {
    const { unsentMs, picturelessMs } = this.#options.output;
    if (picturelessMs !== null && picturelessMs < REPEAT_MS) return false;
    return unsentMs === null || unsentMs >= STAND_IN_MS;
  }

  #slateOfNow(): readonly Buffer[] | null {
    const { picturelessMs } = this.#options.output;
    const isLong = picturelessMs === null || picturelessMs >= SLATE_AFTER_MS;
    return this.#options.isBridging() && isLong && this.#options.tracks.codec === 'h264' ? this.#slate : null;
  }

  #sendSilence(): void {
    const { output, isBridging, tracks } = this.#options;
    const { soundlessMs } = output;
    const isLate = soundlessMs === null || soundlessMs >= SOUND_LATE_MS;
    this.#isSilent = tracks.sound !== null && (isLate || isBridging());
    if (tracks.sound !== null && this.#isSilent) output.silence(tracks.sound);
  }
}
