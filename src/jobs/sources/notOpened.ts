import { AppError } from '../../core/errors.js';
import { openingWords, type OpeningWords } from '../../core/health/openingWords.js';
import type { NotOpened } from '../../core/streams/opening.js';
import type { PullReason } from '../../core/streams/relay.js';

const KEEP = 'To store the camera all the same, send "keep": true.';

const WORDS: Readonly<Record<PullReason, OpeningWords>> = {
  login: {
    message: 'The camera answers, and refuses this user or password.',
    cure: 'Correct user and password. Many cameras lock a user out after some wrong tries, so look them up first.',
  },
  'not-found': {
    message: 'The camera answers, but there is no stream at the path of the address.',
    cure: 'Correct the path of the address; the manual of the camera names it.',
  },
  refused: {
    message: 'The camera answers, but refuses to play its stream.',
    cure: 'Check the path of the address, and whether the user may watch the stream.',
  },
  connection: {
    message: 'Nobody could be reached at host and port of the address, or the connection broke off.',
    cure: "Check host and port, and the camera's power and network.",
  },
  silence: {
    message: 'What answers at the address sent no picture within 10 s.',
    cure: "Check the path of the address, and the camera's video settings.",
  },
  'not-a-stream': {
    message: 'What answers at the address is no video: it speaks another protocol, or sends no picture.',
    cure: 'Correct scheme, port and path of the address.',
  },
  forbidden: {
    message: 'The address leads to a network to which camlease may not connect, so nothing was tried.',
    cure: 'Correct the address. If the camera really is there, name its network in SOURCE_NETWORKS and start camlease again.',
  },
  'too-many': {
    message: 'The camera has no free session.',
    cure: 'Close other programs that watch the camera, or allow more connections in its settings.',
  },
  ended: {
    message: 'The camera closed the stream before a picture came.',
    cure: 'Check whether the camera plays elsewhere, and try again.',
  },
  protocol: {
    message: 'What answers at the address cannot be understood.',
    cure: 'Check scheme and port of the address.',
  },
  certificate: {
    message: 'The camera shows a certificate that is not trusted, has expired or is for another host.',
    cure: "Name the camera's certificate with NODE_EXTRA_CA_CERTS, or give an address without encryption.",
  },
  codec: {
    message: 'The camera sends pictures in a codec that camlease does not carry.',
    cure: "Set H.264 in the camera's video settings.",
  },
  'reader-missing': {
    message: 'HLS and MJPEG sources need node-av, which is not installed where the relay runs.',
    cure: 'Run `npm install --include=optional` where the relay is installed, or give an RTSP address of the camera.',
  },
  'reader-lost': {
    message: 'The process that reads such a source for the relay ended.',
    cure: 'Try again; the relay starts it anew by itself.',
  },
  'no-transcode': {
    message:
      'The pictures have to be transcoded to H.264, and the relay transcodes as many cameras already as TRANSCODES_MAX allows.',
    cure: 'Watch fewer of these cameras at once, or raise TRANSCODES_MAX where camlease and the relay run.',
  },
  'no-key-frame': {
    message: 'Pictures come, but no key frame with which a player can start.',
    cure: "Set a shorter I-frame interval in the camera's video settings.",
  },
};

/** The refusal of a camera that did not open. Its `reason` is the relay's word. */
export function notOpened(found: NotOpened): AppError {
  const { reason } = found;
  const { message, cure } = openingWords(found) ?? WORDS[reason];
  return new AppError('SOURCE_NOT_OPENED', message, { cure: `${cure} ${KEEP}`, reason });
}
