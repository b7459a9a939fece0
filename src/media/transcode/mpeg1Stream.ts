import type { Clock } from '../../core/clock.js';
import type { Av } from '../av.js';
import { STREAM_TYPE, TransportStream } from '../formats/transportStream.js';
import { streamErrors } from '../streamErrors.js';
import { EvenSteps } from './evenSteps.js';
import { NewPictures } from './newPictures.js';
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
/** So long may nothing but stand-ins come; then the camera counts as away. */
const MOST_STOOD_IN_MS = 6_000;
/** In pictures. */
const MOST_HELD = 250;
/** After so many damaged pictures in a row the stream is given up. */
const MOST_DAMAGED = 250;

/** One picture as whole transport packets; a player can begin with a key frame. */
export type HandPiece = (body: Buffer, isKey: boolean) => void;

/**
 * Makes an MPEG transport stream of MPEG-1 video (25 pictures a second, a key frame every 50, no B frames, no sound) of a camera's stream at the
 * relay, until the signal aborts it. Nothing is handed on before the picture moves. Rejects with a `CameraError` when the stream cannot be read any
 * more, and when only stand-ins have come for 6 s.
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
    const news = new NewPictures();
    const held: { readonly body: Buffer; readonly isKey: boolean }[] = [];
    let damaged = 0;
    let newMs = clock.monotonicMs();
    try {
      for await (const { data, ms, isKey: isSourceKey } of pictures) {
        if (news.isNew(data, isSourceKey)) newMs = clock.monotonicMs();
        else if (clock.monotonicMs() - newMs > MOST_STOOD_IN_MS) throw streamErrors.noPicture();
        const isRead = await decoder.decode(data, ms, async ({ picture, timeMs }) => {
          for (const number of steps.numbersOf(timeMs)) {
            const coded = await transcoder.encode(picture, (number * 1000) / PICTURES_PER_SECOND);
            if (coded === null) continue;
            const shown = Math.round((coded.timeMs * PICTURES_PER_SECOND) / 1000);
            const body = stream.picture(coded.data, (shown + 1) * TICKS_PER_PICTURE, coded.isKey);
            held.push({ body, isKey: coded.isKey });
          }
        });
        if (news.moves) for (const { body, isKey } of held.splice(0)) hand(body, isKey);
        // What stood for so long is of no use for a player.
        if (held.length > MOST_HELD) throw streamErrors.noPicture();
        damaged = isRead ? 0 : damaged + 1;
        if (damaged > MOST_DAMAGED) throw streamErrors.noPicture();
      }
    } finally {
      decoder.close();
      transcoder.close();
    }
  });
}
