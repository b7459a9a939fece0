import { AppError, CameraError, messageOf } from '../../../core/errors.js';

export const SLOW =
  'MediaMTX does not read the configuration file that camlease writes, so camlease makes changes by its API, which is slow for many cameras, and a renewal freezes the picture of an always-on camera for longer. Start it with the file that MEDIAMTX_CONFIG_PATH names, its folder shared between the two.';
export const NOT_ARRIVING =
  "Pictures come from the cloud but do not arrive at the public path of a camera that is pulled all the time. Allow camlease's own user to publish in MediaMTX: see authInternalUsers in its file, and docs/concepts/engine-mediamtx.md.";
export const HANGS = 'MediaMTX hangs: it accepts requests but answers none. Restart it.';

/** The error of a proof when MediaMTX refuses the lease's URL. */
export function notPlayable(): CameraError {
  return new CameraError('STREAM_REFUSED', 'retry', 'MediaMTX refuses the URL of this stream.', {
    cure: 'Renew the camera; if it stays, see the log of MediaMTX.',
  });
}

/** An error's message and its cure, for the status and the log. */
export function sentenceOf(thrown: unknown): string {
  const cure = thrown instanceof AppError && thrown.cure !== undefined ? ` ${thrown.cure}` : '';
  return `${messageOf(thrown)}${cure}`;
}
