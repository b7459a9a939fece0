import { isSameSound, type PullSource } from '../pull/pullSource.js';
import type { PictureCodec, PictureSetup } from '../rtmp/nalUnits.js';
import type { SoundSetup } from '../rtmp/sound.js';
import type { DescribedTracks } from '../rtsp/sdp.js';

/** What readers of a stream are told of its tracks. It is fixed while somebody reads, and remembered for those who come next. */
export class ToldTracks {
  #told: DescribedTracks | null = null;
  /** Of the source in force last. */
  #seen: DescribedTracks | null = null;

  /** null: nothing is known yet. */
  get told(): DescribedTracks | null {
    return this.#told;
  }

  get codec(): PictureCodec | null {
    return this.#told?.picture?.codec ?? null;
  }

  /** Silence is made of this; null: readers expect no sound. */
  get sound(): SoundSetup | null {
    return this.#told?.sound ?? null;
  }

  /** The tracks of a source in force have come as far as they will. True: readers can be told of them now. */
  settle({ picture, sound }: PullSource): boolean {
    this.#seen = { picture, sound };
    if (this.#told !== null) return false;
    this.#told = this.#seen;
    return true;
  }

  /** Where the stream begins with a slate alone. */
  settleSlate(picture: PictureSetup): void {
    if (this.codec !== 'h264') this.#told = { picture, sound: null };
  }

  contradicts(codec: PictureCodec): boolean {
    return this.codec !== null && this.codec !== codec;
  }

  /** Sound of another form than the readers know is left out until nobody reads. */
  takesSoundOf({ sound }: PullSource): boolean {
    return this.#told === null || isSameSound(this.#told.sound, sound);
  }

  /** Nobody reads any more: the next readers are told what was seen last of a source, and nothing of a slate. */
  renew(): void {
    this.#told = this.#seen;
  }

  /** The next readers are told nothing before a source is in force. */
  forget(): void {
    this.#told = null;
    this.#seen = null;
  }
}
