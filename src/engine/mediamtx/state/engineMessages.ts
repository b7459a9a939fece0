import { AppError, CameraError, messageOf } from '../../../core/errors.js';

export const SLOW =
  'MediaMTX does not read the configuration file that camlease writes, so changes go by its API, which is slow for many cameras, and a renewal freezes the picture of an always-on camera for longer. Start it with the file that MEDIAMTX_CONFIG_PATH names, its folder shared between the two.';
export const NOT_ARRIVING =
  "Pictures come from the cloud and do not arrive at the public path of a camera that is pulled all the time. Let MediaMTX take what camlease's own user publishes: see authInternalUsers in its file, and docs/concepts/engine-mediamtx.md.";
export const HANGS = 'MediaMTX takes requests and answers none: it hangs. Restart it.';

/** The error of a proof when MediaMTX refuses the lease's URL. */
export function notPlayable(): CameraError {
  return new CameraError('STREAM_REFUSED', 'retry', 'MediaMTX would not take the address of this stream.', {
    cure: 'Renew the camera; look into the log of MediaMTX if it stays so.',
  });
}

/** An error's message and its cure, for the status and the log. */
export function sentenceOf(thrown: unknown): string {
  const cure = thrown instanceof AppError && thrown.cure !== undefined ? ` ${thrown.cure}` : '';
  return `${messageOf(thrown)}${cure}`;
}
