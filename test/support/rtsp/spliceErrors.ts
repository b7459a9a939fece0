import { CameraError } from '../../core/errors.js';

const WAIT = 'Nothing to do: it is tried again by itself.';

/** What a splice can fail of. Sentences never hold an address. */
export const spliceErrors = {
  unreachable: (cause?: unknown) =>
    new CameraError('SPLICE_UNREACHABLE', 'retry', 'The media server does not answer on its RTSP port.', {
      cure: 'Look whether the media server runs and whether its RTSP port is the one that camlease was told.',
      cause,
    }),
  address: () =>
    new CameraError('SPLICE_REFUSED', 'permanent', 'The splice was given an address that is not RTSP.', {
      cure: 'Set an address that begins with rtsp:// for the media server.',
    }),
  feederMissing: () =>
    new CameraError('SPLICE_NO_PICTURE', 'retry', 'The feeder of this camera has no stream yet.', { cure: WAIT }),
  refused: (status: number) =>
    new CameraError('SPLICE_REFUSED', 'retry', `The media server refused the splice with RTSP status ${status}.`, {
      cure: 'Look whether another program publishes this camera, and whether its sound and picture are as before.',
    }),
  closed: (cause?: unknown) =>
    new CameraError('SPLICE_CLOSED', 'retry', 'The media server closed a connection of the splice.', {
      cure: WAIT,
      cause,
    }),
  noPicture: () =>
    new CameraError('SPLICE_NO_PICTURE', 'retry', 'No key frame of the new source came in time.', {
      cure: 'Wait for the next try; a shorter key-frame interval in the camera makes it quicker.',
    }),
  codec: (codec: string) =>
    new CameraError('SPLICE_CODEC', 'permanent', `The feeder sends video as ${codec}, which cannot be spliced.`, {
      cure: 'Set the video encoding of this stream to H.264 in the camera.',
    }),
  otherTracks: () =>
    new CameraError('SPLICE_OTHER_TRACKS', 'permanent', 'The new source has other tracks than the camera shows now.', {
      cure: 'Nothing to do: the camera’s path has to be built anew, which is done at a moment that suits its viewers.',
    }),
  superseded: () =>
    new CameraError('SPLICE_SUPERSEDED', 'retry', 'The splice was given another source meanwhile, or none.', {
      cure: WAIT,
    }),
  full: (limit: number) =>
    new CameraError('SPLICE_FULL', 'quota', `The splice process carries ${limit} cameras already, its limit.`, {
      cure: 'Set the mode of further cameras to always-on, which needs no splice.',
    }),
  processLost: () =>
    new CameraError('SPLICE_PROCESS_LOST', 'retry', 'The splice process ended while it was at work.', {
      cure: 'Nothing to do: it starts again by itself, and so does this task.',
    }),
  processSlow: () =>
    new CameraError('SPLICE_PROCESS_SLOW', 'retry', 'The splice process did not answer in time.', {
      cure: 'Wait for the next try; if it stays so, this machine has too much to do.',
    }),
};
