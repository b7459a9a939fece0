import type { Clock } from '../core/clock.js';
import { SLATE_AFTER_MS } from '../core/whenGone.js';
import type { Output } from './output.js';
import type { RelayNews } from './relayNews.js';
import { beginsPicture, parameterSetsIn, type PictureSetup } from './rtmp/nalUnits.js';
import type { ToldTracks } from './tracks.js';

/**
 * Without a picture a stand-in is sent: so late while bridging, and as long after the latest key frame as the source's own key frames
 * lie apart. HLS servers begin their pieces with key frames, and a player whose pieces become shorter stalls when they grow again.
 */
const REPEAT_MS = 1_000;
/** So late while a source is there, */
const LIVE_REPEAT_MS = 4_000;
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
    const { unsentMs, keylessMs, keyStepMs, stepMs, lastKey } = output;
    const slate = this.#slateOfNow();
    const lateMs = isBridging() ? REPEAT_MS : Math.max(LIVE_REPEAT_MS, LATE_STEPS * stepMs);
    if (unsentMs !== null && unsentMs < lateMs) return;
    const isSlateDue = slate !== null && !this.#isSlate;
    if (isBridging() && !isSlateDue && keylessMs !== null && keylessMs < keyStepMs) return;
    const units = slate ?? lastKey;
    if (slate && !this.#isSlate) tell({ kind: 'slate' });
    this.#isSlate = slate !== null;
    if (units !== null) output.standIn(units);
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
