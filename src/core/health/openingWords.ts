import type { NotOpened } from '../streams/opening.js';

export interface OpeningWords {
  readonly message: string;
  readonly cure: string;
}

const ANOTHER = 'Give the RTSP, RTMP, HLS or MJPEG address of the camera; its manual names it.';

const NOBODY_LISTENS: OpeningWords = {
  message: 'Nobody listens at the port of the address.',
  cure: 'Correct the port, or switch the service on in the camera; RTSP usually has port 554.',
};
const NO_SUCH_HOST: OpeningWords = {
  message: 'The name of the host leads to no machine.',
  cure: "Correct the name, or give the camera's IP address.",
};
const NO_ANSWER: OpeningWords = {
  message: 'The host of the address does not answer.',
  cure: "Check the camera's address, power and network.",
};

/** By reason and code of the relay. */
const WORDS: ReadonlyMap<string, OpeningWords> = new Map([
  ['connection ECONNREFUSED', NOBODY_LISTENS],
  ['connection ENOTFOUND', NO_SUCH_HOST],
  ['connection ETIMEDOUT', NO_ANSWER],
  ['connection EHOSTUNREACH', NO_ANSWER],
  ['connection ENETUNREACH', NO_ANSWER],
  ['connection EHOSTDOWN', NO_ANSWER],
  [
    'codec ENCRYPTED',
    {
      message: 'The pictures of this HLS list are encrypted by a method that camlease does not read (DRM, SAMPLE-AES).',
      cure: 'Give an address of the camera itself, or a list that is not encrypted or by AES-128.',
    },
  ],
  [
    'not-a-stream PICTURE',
    { message: 'What answers at the address are pictures that are no JPEG, and no video.', cure: ANOTHER },
  ],
  [
    'not-a-stream NO_JPEG',
    { message: 'What answers at the address says that it sends JPEG pictures, and sends none.', cure: ANOTHER },
  ],
  [
    'not-a-stream BAD_JPEG',
    {
      message: 'The JPEG pictures that the camera sends cannot be decoded.',
      cure: "Choose another compression in the camera's video settings, or give its RTSP address.",
    },
  ],
  [
    'codec TOO_LARGE',
    {
      message: 'The pictures of the camera are larger than 7680x4320, which camlease does not decode.',
      cure: "Set a smaller picture in the camera's video settings.",
    },
  ],
  [
    'protocol SPS',
    {
      message: "The camera's pictures come, but their description (SPS) names no size, or cannot be read.",
      cure: "Restart the camera; if that changes nothing, choose another profile or size in the camera's video settings.",
    },
  ],
  ['protocol SRT', { message: 'The address is of SRT, which camlease does not read.', cure: ANOTHER }],
]);

/** What the code that came with a reason says more exactly than the reason alone; null: nothing. */
export function openingWords({ reason, code }: NotOpened): OpeningWords | null {
  return code === null ? null : (WORDS.get(`${reason} ${code}`) ?? null);
}
