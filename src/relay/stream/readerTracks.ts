import type { PullSource } from '../pull/pullSource.js';
import type { PictureCodec, PictureSetup } from '../units/nalUnits.js';
import { isSameSound, type SoundSetup } from '../units/sound.js';
import type { DescribedTracks } from '../rtsp/sdp.js';

/** The tracks that the readers of a stream get. They stay the same while the stream has readers, and are kept for later readers. */
export class ReaderTracks {
  #given: DescribedTracks | null = null;
  /** The tracks of the latest source in force. */
  #seen: DescribedTracks | null = null;

  /** null: the tracks are not known yet. */
  get given(): DescribedTracks | null {
    return this.#given;
  }

  get codec(): PictureCodec | null {
    return this.#given?.picture?.codec ?? null;
  }

  /** The format of the sound that readers expect; null: they expect none. */
  get sound(): SoundSetup | null {
    return this.#given?.sound ?? null;
  }

  /** Takes the tracks of the source in force as final. True: waiting readers can get them now; false: readers have got tracks before. */
  settle({ picture, sound }: DescribedTracks): boolean {
    this.#seen = { picture, sound };
    if (this.#given !== null) return false;
    this.#given = this.#seen;
    return true;
  }

  /** Takes the slate as the only track, for a stream that begins without a source. */
  settleSlate(picture: PictureSetup): void {
    if (this.codec !== 'h264') this.#given = { picture, sound: null };
  }

  contradicts(codec: PictureCodec): boolean {
    return this.codec !== null && this.codec !== codec;
  }

  /** Whether the source's sound has the format that the readers know. Other sound is left out as long as the stream has readers. */
  takesSoundOf({ sound }: PullSource): boolean {
    return this.#given === null || isSameSound(this.#given.sound, sound);
  }

  /** Called when the last reader has left: the next readers get the tracks of the latest source, not those of a slate. */
  renew(): void {
    this.#given = this.#seen;
  }

  /** The next readers wait for the tracks until a source is in force. */
  forget(): void {
    this.#given = null;
    this.#seen = null;
  }
}
