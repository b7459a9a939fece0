import type { RtmpMessage } from './messages.js';

/** RTMP's default chunk size. We never announce another one, since our messages are short. */
const CHUNK_SIZE = 128;

/** One message as chunks: a full header, then continuations (RTMP 1.0, section 5.3.1). `chunkStream`: 2 to 63. */
export function chunksOf(chunkStream: number, { type, stream, timestamp, body }: RtmpMessage): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(chunkStream, 0);
  header.writeUIntBE(Math.min(timestamp, 0xffffff), 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header.writeUInt8(type, 7);
  header.writeUInt32LE(stream, 8);
  const parts: Buffer[] = [header];
  for (let at = 0; at < body.length; at += CHUNK_SIZE) {
    if (at > 0) parts.push(Buffer.from([0xc0 | chunkStream]));
    parts.push(body.subarray(at, at + CHUNK_SIZE));
  }
  return Buffer.concat(parts);
}
