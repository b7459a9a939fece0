import type { ReaderReport } from '../../core/streams/readerFrames.js';
import {
  avcSetup,
  beginsPicture,
  hevcSetup,
  isFiller,
  parameterSetsIn,
  unitsOf,
  type PictureCodec,
  type PictureSetup,
} from '../units/nalUnits.js';
import type { RelayUnit } from '../units/relayUnit.js';
import { aacSetup, adtsFrame, isSameSound, type SoundSetup } from '../units/sound.js';

const LENGTH_BYTES = 4;
const SHORT_START = Buffer.from([0, 0, 1]);

/** Makes the relay's units of what a reader child sends of one pull. Throws `MediaError` as `unitsOf` does. */
export class ReadUnits {
  #codec: PictureCodec = 'h264';
  #lengthBytes = LENGTH_BYTES;
  #picture: PictureSetup | null = null;
  #sound: SoundSetup | null = null;
  readonly #leftOut = new Set<string>();

  of(report: ReaderReport, bytes: Buffer): RelayUnit[] {
    switch (report.kind) {
      case 'picture-track':
        return this.#track(report.codec, bytes);
      case 'picture':
        return this.#pictureOf(report, bytes);
      case 'sound-track':
        return this.#soundTrack(report, bytes);
      case 'sound':
        return this.#soundOf(report.timeMs, bytes);
      case 'left-out':
        if (this.#leftOut.has(report.track + report.codec)) return [];
        this.#leftOut.add(report.track + report.codec);
        return [{ kind: 'left-out', track: report.track, codec: report.codec }];
      case 'ready':
      case 'bytes':
      case 'made': // of a transcode
      case 'transcode':
      case 'end':
        return [];
    }
  }

  #track(codec: PictureCodec, config: Buffer): RelayUnit[] {
    this.#codec = codec;
    if (config[0] !== 1) return [];
    const setup = codec === 'h264' ? avcSetup(config) : hevcSetup(config);
    this.#lengthBytes = setup?.lengthBytes ?? LENGTH_BYTES;
    return setup === null ? [] : this.#setUp(setup.codec, setup.parameterSets);
  }

  #setUp(codec: PictureCodec, parameterSets: readonly Buffer[]): RelayUnit[] {
    const known = this.#picture;
    const isSame =
      known?.codec === codec && parameterSets.every((set) => known.parameterSets.some((one) => one.equals(set)));
    if (isSame) return [];
    this.#picture = { codec, parameterSets: parameterSets.map((set) => Buffer.from(set)), lengthBytes: LENGTH_BYTES };
    return [{ kind: 'picture-setup', setup: this.#picture }];
  }

  #pictureOf(report: Extract<ReaderReport, { kind: 'picture' }>, bytes: Buffer): RelayUnit[] {
    const { decodeMs, offsetMs, isAnnexB } = report;
    const codec = this.#codec;
    const units = (isAnnexB ? unitsOf(longStart(bytes), LENGTH_BYTES) : unitsOf(bytes, this.#lengthBytes)).filter(
      (unit) => !isFiller(codec, unit),
    );
    if (units.length === 0) return [];
    const isKey = beginsPicture(codec, units);
    const sets = isKey ? parameterSetsIn(codec, units) : [];
    const setUp = sets.length >= 2 ? this.#setUp(codec, sets) : [];
    // Nobody can decode what comes before the first parameter sets.
    if (this.#picture === null) return [];
    return [...setUp, { kind: 'picture', decodeMs, offsetMs, isKey, units }];
  }

  #soundTrack(report: Extract<ReaderReport, { kind: 'sound-track' }>, config: Buffer): RelayUnit[] {
    const { codec, sampleRate, channels } = report;
    if (codec !== 'aac') return this.#soundSetUp({ codec, sampleRate, channels, config: null });
    // With ADTS headers the first frame says it all.
    this.#sound = this.#sound?.codec === 'aac' ? this.#sound : null;
    return this.#soundSetUp(aacSetup(config));
  }

  #soundOf(timeMs: number, bytes: Buffer): RelayUnit[] {
    const framed = this.#sound === null || this.#sound.codec === 'aac' ? adtsFrame(bytes) : null;
    const setUp = framed === null ? [] : this.#soundSetUp(framed.setup);
    const data = framed?.data ?? bytes;
    return this.#sound === null || data.length === 0 ? setUp : [...setUp, { kind: 'sound', timeMs, data }];
  }

  #soundSetUp(setup: SoundSetup | null): RelayUnit[] {
    if (setup === null) return [];
    const isSame = isSameSound(this.#sound, setup);
    this.#sound = setup;
    return isSame ? [] : [{ kind: 'sound-setup', setup }];
  }
}

/** With a start code of four bytes in front, as `unitsOf` expects of a body with start codes. */
function longStart(bytes: Buffer): Buffer {
  return bytes.subarray(0, SHORT_START.length).equals(SHORT_START) ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
