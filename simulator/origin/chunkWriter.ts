import type { Writable } from 'node:stream';

/** The chunk size that we announce and use: larger than any frame of a test picture, so that a frame is sent without being split. */
export const OUT_CHUNK_SIZE = 65_536;

/** Chunk streams: any number from 3 on; control messages use 2. */
export const CHUNK_STREAM = { control: 2, command: 3, data: 4, audio: 5, video: 6 } as const;

export interface OutMessage {
  readonly chunkStream: number;
  readonly type: number;
  /** Message stream: 0 for control and connection, else the number from createStream. */
  readonly stream: number;
  /** Milliseconds; wraps at 32 bits. */
  readonly timestamp: number;
  readonly body: Buffer;
}

const EXTENDED = 0xffffff;

/** Writes one message with a full header (format 0), split when its body is longer than a chunk. */
export function writeMessage(out: Writable, message: OutMessage, chunkSize = OUT_CHUNK_SIZE): void {
  const { chunkStream, body } = message;
  const timestamp = message.timestamp >>> 0;
  const isExtended = timestamp >= EXTENDED;
  const header = Buffer.allocUnsafe(isExtended ? 16 : 12);
  header[0] = chunkStream;
  header.writeUIntBE(isExtended ? EXTENDED : timestamp, 1, 3);
  header.writeUIntBE(body.length, 4, 3);
  header[7] = message.type;
  header.writeUInt32LE(message.stream, 8);
  if (isExtended) header.writeUInt32BE(timestamp, 12);
  out.cork();
  out.write(header);
  out.write(body.length <= chunkSize ? body : body.subarray(0, chunkSize));
  for (let at = chunkSize; at < body.length; at += chunkSize) {
    const again = Buffer.allocUnsafe(isExtended ? 5 : 1);
    again[0] = 0xc0 | chunkStream;
    if (isExtended) again.writeUInt32BE(timestamp, 1);
    out.write(again);
    out.write(body.subarray(at, at + chunkSize));
  }
  out.uncork();
}
