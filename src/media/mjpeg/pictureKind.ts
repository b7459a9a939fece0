import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.js';
import { connectionFault } from '../dialing/checkedGet.js';
import { SourceFault } from '../dialing/sourceFault.js';

/**
 * - `stream`: one JPEG after the other, for as long as the answer is read.
 * - `single`: one JPEG, and the next one for the next request.
 */
export type PictureKind = 'stream' | 'single';

const FIRST_BYTES_MS = 10_000;
const STREAM_TYPES = /^(?:multipart\/|video\/(?:x-)?(?:mjpeg|motion-jpeg|mjpg))/i;
const JPEG_TYPES = /^image\/(?:p?jpe?g|jfif)\b/i;
const PICTURE_TYPES = /^image\//i;

/**
 * What kind of pictures an answer holds; null: it may be a playlist. Goes by its first bytes where its type says nothing of it, because cameras name any.
 * Throws `SourceFault` for pictures that are no JPEG.
 */
export async function pictureKind(
  response: IncomingMessage,
  clock: Clock,
  signal: AbortSignal,
): Promise<PictureKind | null> {
  const type = (response.headers['content-type'] ?? '').trim();
  if (STREAM_TYPES.test(type)) return 'stream';
  if (JPEG_TYPES.test(type)) return 'single';
  if (PICTURE_TYPES.test(type)) {
    response.destroy();
    throw new SourceFault('not-a-stream', 'PICTURE');
  }
  const first = await firstBytes(response, clock, signal);
  if (first[0] === 0xff && first[1] === 0xd8)
    return response.headers['content-length'] === undefined ? 'stream' : 'single';
  return /^\s*--/.test(first.toString('latin1', 0, 16)) ? 'stream' : null;
}

/** The first bytes of a body, which is read as if nothing had been read of it. */
async function firstBytes(response: IncomingMessage, clock: Clock, signal: AbortSignal): Promise<Buffer> {
  const cancel = clock.after(FIRST_BYTES_MS, () => response.destroy(new SourceFault('silence', 'HTTP')));
  try {
    await once(response, 'readable', { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown instanceof Error ? connectionFault(thrown) : thrown;
  } finally {
    cancel();
  }
  const first: unknown = response.read();
  if (!Buffer.isBuffer(first)) return Buffer.alloc(0);
  response.unshift(first);
  return first;
}
