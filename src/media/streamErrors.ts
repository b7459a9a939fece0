import { CameraError } from '../core/errors.js';
import type { RelayReason } from '../core/streams/relay.js';

/** A source gave no picture, or ended. `reason` says how. */
export class SourceEnd extends CameraError {
  readonly reason: RelayReason;

  constructor(reason: RelayReason, ...error: ConstructorParameters<typeof CameraError>) {
    super(...error);
    this.reason = reason;
  }
}

/** The errors that a proof or a pull can find in a stream. Their sentences never contain its address. */
export const streamErrors = {
  noPicture: (cause?: unknown, reason: RelayReason = 'silence') =>
    new SourceEnd(reason, 'STREAM_NO_PICTURE', 'retry', 'The stream opened, but brought no picture in time.', {
      cure: 'Wait for the next try; if it stays, check whether the camera shows a picture in the vendor’s app.',
      cause,
    }),
  refused: (reason: RelayReason = 'refused') =>
    new SourceEnd(reason, 'STREAM_REFUSED', 'retry', 'The cloud refused or closed the stream.', {
      cure: 'Wait for the next try; camlease asks the cloud for a new live URL if this one has expired.',
    }),
  codec: (codec: string) =>
    new CameraError('STREAM_CODEC', 'permanent', `The camera sends video as ${codec}, which is not supported.`, {
      cure: 'Set the video encoding of this stream to H.264 in the camera.',
    }),
  pictureUnreadable: (cause?: unknown) =>
    new CameraError('PICTURE_UNREADABLE', 'retry', 'The picture is not a readable JPEG.', {
      cure: 'Wait for the next picture. camlease cannot show encrypted pictures, so turn off picture encryption in the camera.',
      cause,
    }),
  slateSize: (width: number, height: number) =>
    new CameraError('SLATE_SIZE', 'permanent', `No still picture can be made at ${width}x${height}.`, {
      cure: 'Set this stream of the camera to a size of even width and height, between 32 and 8192.',
    }),
  slateSound: (codec: string) =>
    new CameraError('SLATE_SOUND', 'permanent', `Silence as ${codec} cannot be put into an MP4 for MediaMTX.`, {
      cure: 'Set the sound of this stream to AAC in the camera, or turn it off; then camlease can make a slate for it.',
    }),
  processLost: () =>
    new CameraError('MEDIA_PROCESS_LOST', 'retry', 'The media process ended during a task.', {
      cure: 'Nothing to do: camlease restarts the process and repeats the task.',
    }),
  processSlow: () =>
    new CameraError('MEDIA_PROCESS_SLOW', 'retry', 'The media process did not answer in time.', {
      cure: 'Wait for the next try; if it stays, this machine is overloaded.',
    }),
};
