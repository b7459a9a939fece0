import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import { derivedPath, type DerivedKind } from '../../core/streams/derivedPaths.js';
import type { TranscodePlaces } from '../pull/transcodePlaces.js';
import type { ReaderLink } from '../reader/readerLink.js';
import type { VisitedStream } from '../rtsp/served.js';
import { DerivedStream } from './derivedStream.js';
import { h264Of } from './h264Stream.js';
import { secondSoundOf } from './secondSoundStream.js';

export interface DerivedStreamsOptions {
  readonly reader: Pick<ReaderLink, 'transcode'>;
  readonly clock: Clock;
  /** How long after PLAY a reader gets its first frames. */
  readonly beginsAfterMs: number;
  /** For transcodes of pictures. */
  readonly places: Pick<TranscodePlaces, 'ask'>;
}

/** The derived streams of a worker's cameras, each made when a reader first asks for it. */
export class DerivedStreams {
  readonly #options: DerivedStreamsOptions;
  /** By path. */
  readonly #streams = new Map<string, DerivedStream>();

  constructor(options: DerivedStreamsOptions) {
    this.#options = options;
  }

  /** `of`: the camera's own stream, the same as long as there is the camera. */
  find(kind: DerivedKind, cameraId: CameraId, of: VisitedStream): VisitedStream {
    const path = derivedPath(kind, cameraId);
    const known = this.#streams.get(path);
    if (known) return known;
    const { reader, clock, beginsAfterMs: afterMs, places } = this.#options;
    const source = kind === 'h264-sound' ? this.find('h264', cameraId, of) : of;
    const convert = kind === 'h264' ? h264Of(reader, places) : secondSoundOf(reader);
    const stream = new DerivedStream({ of: source, convert, begins: { clock, afterMs } });
    this.#streams.set(path, stream);
    return stream;
  }

  /** Call when the camera's stream has ended for good, which has ended the readers of these, too. */
  forget(cameraId: CameraId): void {
    for (const kind of ['sound', 'h264', 'h264-sound'] as const) this.#streams.delete(derivedPath(kind, cameraId));
  }
}
