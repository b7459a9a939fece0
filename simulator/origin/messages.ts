import { encodeAmf, type AmfValue } from './amf0.js';
import { CHUNK_STREAM, type OutMessage } from './chunkWriter.js';

/** RTMP message types that are used here. */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  commandAmf3: 17,
  data: 18,
  command: 20,
} as const;

export function command(stream: number, ...values: readonly AmfValue[]): OutMessage {
  return { chunkStream: CHUNK_STREAM.command, type: MESSAGE.command, stream, timestamp: 0, body: encodeAmf(...values) };
}

export type StatusCode =
  | 'NetStream.Play.Start'
  | 'NetStream.Play.StreamNotFound'
  | 'NetStream.Play.Failed'
  | 'NetStream.Publish.Denied'
  | 'NetStream.Pause.Notify'
  | 'NetStream.Unpause.Notify';

export function status(stream: number, code: StatusCode, description: string): OutMessage {
  const isError = /NotFound|Failed|Denied/.test(code);
  return command(stream, 'onStatus', 0, null, { level: isError ? 'error' : 'status', code, description });
}

/** A control message of one 32-bit number. */
export function control(type: number, value: number, ...more: readonly number[]): OutMessage {
  const body = Buffer.alloc(4 + more.length);
  body.writeUInt32BE(value);
  body.set(more, 4);
  return { chunkStream: CHUNK_STREAM.control, type, stream: 0, timestamp: 0, body };
}

/** User control event 0: the stream has begun. */
export function streamBegin(stream: number): OutMessage {
  const body = Buffer.alloc(6);
  body.writeUInt32BE(stream, 2);
  return { chunkStream: CHUNK_STREAM.control, type: MESSAGE.userControl, stream: 0, timestamp: 0, body };
}
