import { SLATE_AFTER_MS } from '../../core/camera/whenGone.js';
import type { Clock } from '../../core/clock.js';
import type { Output } from '../output/output.js';
import type { RelayNews } from '../pull/relayNews.js';
import { beginsPicture, parameterSetsIn, type PictureSetup } from '../units/nalUnits.js';
import type { ReaderTracks } from './readerTracks.js';

/** While bridging, no stand-in is sent earlier after a picture of the source: a late picture is better than a repeated one. */
const REPEAT_MS = 500;
/**
 * How often a stand-in is sent while bridging. A picture gets into an HLS playlist only when the next one has come (gohlslib 2.4, fmp4), so
 * with rare stand-ins a player that is close to live would stall, and stay later by as much. Shorter than an HLS segment, so that each MPEG-TS
 * segment has two: hls.js moves a segment's only picture to the end of the segment before, and falls behind (observed with hls.js 1.7.4).
 */
const STAND_IN_MS = 400;
/**
 * While a source is in force, a stand-in is sent after so long without a picture. hls.js 1.7.4 gives up for good when a low-latency HLS
 * playlist has not changed for 3.6 s (three times 0.4 s, requested three times).
 */
const LIVE_REPEAT_MS = 2_500;
/**
 * For a source whose pictures cannot be sent again as they were: after so many of its picture steps, if that is later, because its pictures
 * are of no use then up to its next key frame. MediaMTX waits ten seconds, in which sender reports count too.
 */
const LATE_STEPS = 3;
/** After so long without sound of the source, silence is sent. */
const SOUND_LATE_MS = 1_000;
/** How often the bridge checks what is missing. */
const LOOK_MS = 250;
/** The same while bridging or sending silence, so that silence goes out in small pieces. */
const SILENCE_LOOK_MS = 100;

export interface BridgeOptions {
  readonly clock: Clock;
  readonly output: Output;
  readonly tracks: ReaderTracks;
  /** True: no source is in force, and stand-ins go out. */
  readonly isBridging: () => boolean;
  /** Called each time before the bridge checks what is missing. */
  readonly onCheck: () => void;
  readonly onNews: (news: RelayNews) => void;
}

/**
 * Sends stand-ins while a source sends nothing: its last key frame again, after some seconds the camera's slate, and silence for missing
 * sound. For a source that stalls without ending, the last key frame is repeated as well.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  #slate: readonly Buffer[] | null = null;
  #isSlate = false;
  #isSilent = false;
  #cancelChecks: () => void = () => undefined;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** `units`: an H.264 key frame with its parameter sets. Anything else, such as no units, removes the slate. */
  setSlate(units: readonly Buffer[]): void {
    const isWhole = parameterSetsIn('h264', units).length >= 2 && beginsPicture('h264', units);
    this.#slate = isWhole ? units : null;
  }

  /** The track for readers, where the stream has nothing but the slate; null: there is no slate. */
  get slateSetup(): PictureSetup | null {
    if (this.#slate === null) return null;
    return { codec: 'h264', parameterSets: parameterSetsIn('h264', this.#slate), lengthBytes: 4 };
  }

  start(): void {
    const isOften = this.#isSilent || this.#options.isBridging();
    this.#cancelChecks = this.#options.clock.after(isOften ? SILENCE_LOOK_MS : LOOK_MS, () => {
      this.start();
      this.#options.onCheck();
      this.sendWhatIsMissing();
    });
  }

  stop(): void {
    this.#cancelChecks();
  }

  sendWhatIsMissing(): void {
    this.#sendPicture();
    this.#sendSilence();
  }

  #sendPicture(): void {
    const { output, isBridging, onNews } = this.#options;
    const { unsentMs, lastKey } = output;
    const slate = this.#slateOfNow();
    const bridges = isBridging();
    const isDue = bridges ? this.#isDueWhileBridging() : unsentMs === null || unsentMs >= this.#liveRepeatMs();
    if (!isDue) return;
    if (!bridges && output.canSendAgain) {
      output.sendAgain();
      return;
    }
    const units = slate ?? lastKey;
    if (slate && !this.#isSlate) onNews({ kind: 'slate' });
    this.#isSlate = slate !== null;
    if (units !== null) output.standIn(units);
  }

  #liveRepeatMs(): number {
    const { canSendAgain, stepMs } = this.#options.output;
    return canSendAgain ? LIVE_REPEAT_MS : Math.max(LIVE_REPEAT_MS, LATE_STEPS * stepMs);
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
