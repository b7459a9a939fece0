import type { WebSocket } from 'ws';
import type { Clock } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import type { SharedVideo } from './sharedVideo.js';
import type { OldStream } from './streams.js';

/** A player that is further behind is left out until a key frame finds it caught up. */
const MOST_UNSENT_BYTES = 2 * 1024 * 1024;
const CAUGHT_UP_BYTES = 64 * 1024;
/** A player that takes nothing for so long is cut. */
const LONGEST_SKIP_MS = 15_000;

/** WebSocket close codes: normal, an error here, try again later. */
const CLOSE = { ended: 1000, failed: 1011, full: 1013 } as const;

/** Sends a camera's video to one player, as binary messages. A slow player misses pictures and holds up nobody. */
export function sendVideo(clock: Clock, socket: WebSocket, stream: OldStream, video: SharedVideo): void {
  let skipsSinceMs: number | null = null;
  const isSkipped = (isKey: boolean): boolean => {
    const unsent = socket.bufferedAmount;
    if (skipsSinceMs === null) {
      if (unsent <= MOST_UNSENT_BYTES) return false;
      skipsSinceMs = clock.monotonicMs();
      return true;
    }
    if (isKey && unsent <= CAUGHT_UP_BYTES) {
      skipsSinceMs = null;
      return false;
    }
    if (clock.monotonicMs() - skipsSinceMs > LONGEST_SKIP_MS) socket.terminate();
    return true;
  };
  try {
    const leave = video.watch(stream, {
      piece: (body, isKey) => {
        if (socket.readyState === socket.OPEN && !isSkipped(isKey)) socket.send(body);
      },
      ended: (error) => {
        if (error === null) socket.close(CLOSE.ended, 'The stream ended.');
        else socket.close(CLOSE.failed, 'No pictures come from the camera.');
      },
    });
    socket.on('close', leave);
  } catch (error) {
    const isFull = error instanceof AppError && error.code === 'RATE_LIMITED';
    socket.close(isFull ? CLOSE.full : CLOSE.failed, isFull ? 'Too many streams.' : 'The camera is not served.');
  }
}
