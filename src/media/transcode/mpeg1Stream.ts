import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { STREAM_TYPE, TransportStream } from '../formats/transportStream.js';
import { streamErrors } from '../streamErrors.js';
import { EvenSteps } from './evenSteps.js';
import { PictureDecoder } from './pictureDecoder.js';
import { withRelayVideo, type RelayAddress } from './relayVideo.js';
import { Transcoder } from './transcoder.js';

/** MPEG-1 allows no other rates than those of television and film. */
const PICTURES_PER_SECOND = 25;
const TICKS_PER_PICTURE = 90_000 / PICTURES_PER_SECOND;
/** A player such as JSMpeg decodes in JavaScript; larger pictures cost it more than they show. */
const SETTINGS = {
  codec: 'mpeg1',
  mostPixels: 1_280 * 720,
  mostFramesPerSecond: PICTURES_PER_SECOND,
  mostBitsPerSecond: 3_000_000,
  keyFrameMs: 2_000,
} as const;
/** After so many damaged pictures in a row the stream is given up. */
const MOST_DAMAGED = 250;

/** One picture as whole transport packets; a player can begin with a key frame. */
export type HandPiece = (body: Buffer, isKey: boolean) => void;

/**
 * Makes an MPEG transport stream of MPEG-1 video (25 pictures a second, a key frame every 50, no B frames, no sound) of a camera's stream at the
 * relay, until the signal aborts it. Rejects with a `CameraError` when the stream cannot be read any more.
 */
export async function runMpeg1(
  av: Av,
  clock: Clock,
  address: RelayAddress,
  signal: AbortSignal,
  hand: HandPiece,
): Promise<void> {
  await withRelayVideo(av, clock, address, signal, async ({ codec, config, pictures }) => {
    const decoder = await PictureDecoder.open(av, codec, config);
    const transcoder = new Transcoder(av, SETTINGS);
    const steps = new EvenSteps(PICTURES_PER_SECOND);
    const stream = new TransportStream(STREAM_TYPE.mpeg1Video);
    let damaged = 0;
    try {
      for await (const { data, ms } of pictures) {
        const isRead = await decoder.decode(data, ms, async ({ picture, timeMs }) => {
          for (const number of steps.numbersOf(timeMs)) {
            const coded = await transcoder.encode(picture, (number * 1000) / PICTURES_PER_SECOND);
            if (coded === null) continue;
            const shown = Math.round((coded.timeMs * PICTURES_PER_SECOND) / 1000);
            hand(stream.picture(coded.data, (shown + 1) * TICKS_PER_PICTURE, coded.isKey), coded.isKey);
          }
        });
        damaged = isRead ? 0 : damaged + 1;
        if (damaged > MOST_DAMAGED) throw streamErrors.noPicture();
      }
    } finally {
      decoder.close();
      transcoder.close();
    }
  });
}
