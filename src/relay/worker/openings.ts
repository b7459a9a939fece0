import type { Clock } from '../../core/clock.js';
import type { AudioTrack, StreamTracks } from '../../core/camera/tracks.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import type { PullSource } from '../pull/pullSource.js';
import { pictureSize } from '../units/pictureSize.js';
import type { RelayUnit } from '../units/relayUnit.js';
import type { SoundSetup } from '../units/sound.js';
import type { Outcome } from '../wire/opening.js';

/** A pull that an opening looks at. */
export interface OpenedPull {
  readonly source: PullSource;
  /** The latest key frame where the pull has been going for a while, with its parameter sets; null: the next one has to be waited for. */
  readonly lastKey: readonly Buffer[] | null;
}

export interface OpeningsOptions {
  readonly clock: Clock;
  /** Returns the pull of a target: the one that the camera has already, else a new one. */
  readonly pullOf: (target: PullTarget) => OpenedPull;
  readonly onOutcome: (id: number, outcome: Outcome) => void;
}

const OPEN_MS = 10_000;
/** How long an opening waits for sound after its picture; announced sound may never come. */
const SOUND_WAIT_MS = 500;
/** A key frame that is larger is of no camera. */
const MOST_KEY_BYTES = 16_000_000;
const START_CODE = Buffer.from([0, 0, 0, 1]);

/** Looks once at what targets send: their tracks and their first key frame. */
export class Openings {
  readonly #options: OpeningsOptions;
  readonly #running = new Map<number, () => void>();

  constructor(options: OpeningsOptions) {
    this.#options = options;
  }

  begin(id: number, target: PullTarget): void {
    const { clock, pullOf, onOutcome } = this.#options;
    const { source, lastKey } = pullOf(target);
    let key = lastKey === null ? null : copyOf(lastKey);
    const cancels: (() => void)[] = [];
    const end = (outcome: Outcome): void => {
      if (!this.close(id)) return;
      onOutcome(id, outcome);
    };
    const settle = (): void => end(key === null ? { reason: missingOf(source), code: null } : openedOf(source, key));
    const settleSoon = (): void => {
      if (source.sound !== null) settle();
      else cancels.push(clock.after(SOUND_WAIT_MS, settle));
    };
    const take = (unit: RelayUnit): void => {
      if (unit.kind === 'left-out' && unit.track === 'picture' && source.picture === null)
        end({ reason: 'codec', code: null });
      else if (unit.kind === 'sound-setup' && key !== null) settle();
      else if (unit.kind === 'picture' && unit.isKey && key === null) {
        key = copyOf(source.unitsOf(unit));
        settleSoon();
      }
    };
    cancels.push(
      source.use({ onUnit: take, onEnd: (over) => end(key === null ? over : openedOf(source, key)) }),
      clock.after(OPEN_MS, settle),
    );
    this.#running.set(id, () => {
      for (const cancel of cancels) cancel();
    });
    if (key !== null) settleSoon();
  }

  /** Stops an opening; nothing is reported of it any more. False: it is over. */
  close(id: number): boolean {
    this.#running.get(id)?.();
    return this.#running.delete(id);
  }
}

/** Why no key frame came within the time. */
function missingOf({ bytes, picture }: PullSource): 'silence' | 'not-a-stream' | 'no-key-frame' {
  if (bytes === 0) return 'silence';
  return picture === null ? 'not-a-stream' : 'no-key-frame';
}

function openedOf({ picture, sound }: PullSource, key: readonly Buffer[]): Outcome {
  const length = key.reduce((sum, unit) => sum + START_CODE.length + unit.length, 0);
  if (picture === null || length > MOST_KEY_BYTES) return { reason: 'protocol', code: null };
  const { codec } = picture;
  const size = pictureSize(codec, key) ?? pictureSize(codec, picture.parameterSets);
  // Without its size no decoder can begin. `SPS`: a person reads what is wrong with it, and not that no key frame came.
  if (size === null) return { reason: 'protocol', code: 'SPS' };
  const video = { codec: codec === 'h264' ? 'H264' : 'H265', ...size };
  const tracks: StreamTracks = { video, audio: sound && audioOf(sound) };
  return { tracks, keyFrame: Buffer.concat(key.flatMap((unit) => [START_CODE, unit])) };
}

const SOUND_NAMES: Readonly<Record<SoundSetup['codec'], string>> = {
  aac: 'AAC',
  opus: 'Opus',
  pcma: 'PCMA',
  pcmu: 'PCMU',
};

function audioOf({ codec, sampleRate, channels }: SoundSetup): AudioTrack {
  return { codec: SOUND_NAMES[codec], sampleRate, channels };
}

/** The bytes of units are valid only for as long as they are delivered. */
function copyOf(units: readonly Buffer[]): readonly Buffer[] {
  return units.map((unit) => Buffer.from(unit));
}
