import type { NotOpened } from '../streams/opening.js';

export interface UnreadWords {
  readonly message: string;
  readonly cure: string;
}

const ANOTHER = 'Give the RTSP, RTMP or HLS address of the camera; its manual names it.';

/** By reason and code of the relay. */
const WORDS: ReadonlyMap<string, UnreadWords> = new Map([
  [
    'not-a-stream MJPEG',
    { message: 'What answers at the address is MJPEG, which camlease does not read.', cure: ANOTHER },
  ],
  [
    'not-a-stream PICTURE',
    { message: 'What answers at the address is a single picture for each request, and no video.', cure: ANOTHER },
  ],
  ['protocol SRT', { message: 'The address is of SRT, which camlease does not read.', cure: ANOTHER }],
]);

/** What to say of a source of a kind that camlease knows and does not read; null: the source is of no such kind. */
export function unreadWords({ reason, code }: NotOpened): UnreadWords | null {
  return code === null ? null : (WORDS.get(`${reason} ${code}`) ?? null);
}
