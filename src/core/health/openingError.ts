import { CameraError, type FailureClass } from '../errors.js';
import type { NotOpened } from '../streams/opening.js';
import type { PullReason } from '../streams/relay.js';
import { relayWords } from './relayReasons.js';
import { openingWords } from './openingWords.js';

/** For reasons that pass without anybody acting. */
const RETRY_CURE = 'Nothing to do: camlease tries again by itself.';

const CODES: Readonly<Record<PullReason, readonly [code: string, failureClass: FailureClass]>> = {
  'not-found': ['STREAM_NOT_FOUND', 'camera-state'],
  refused: ['STREAM_REFUSED', 'camera-state'],
  ended: ['STREAM_ENDED', 'retry'],
  silence: ['STREAM_NO_PICTURE', 'retry'],
  connection: ['STREAM_UNREACHABLE', 'retry'],
  protocol: ['STREAM_NOT_UNDERSTOOD', 'camera-state'],
  certificate: ['STREAM_CERTIFICATE', 'permanent'],
  codec: ['STREAM_CODEC', 'permanent'],
  'no-key-frame': ['STREAM_NO_KEY_FRAME', 'permanent'],
  login: ['STREAM_LOGIN_REFUSED', 'permanent'],
  forbidden: ['STREAM_FORBIDDEN', 'permanent'],
  'too-many': ['STREAM_TOO_MANY', 'camera-state'],
  'not-a-stream': ['STREAM_NOT_A_STREAM', 'permanent'],
  'reader-missing': ['STREAM_READER_MISSING', 'permanent'],
  'reader-lost': ['STREAM_READER_LOST', 'retry'],
  'no-transcode': ['STREAM_NO_TRANSCODE', 'retry'],
};

/** Why a source that a person gave did not open, as the error of its camera. */
export function openingError(found: NotOpened): CameraError {
  const [code, failureClass] = CODES[found.reason];
  const { message, cure } = openingWords(found) ?? relayWords(found.reason, 'person');
  return new CameraError(code, failureClass, message, { cure: cure ?? RETRY_CURE });
}
