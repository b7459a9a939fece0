import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { decodeAmf, encodeAmf, type AmfValue } from './amf0.js';
import { ChunkReader, type InMessage } from './chunkReader.js';
import { writeMessage, type OutMessage } from './chunkWriter.js';
import { Handshake } from './handshake.js';

describe('AMF0', () => {
  test('every kind of value comes back as it was sent', () => {
    const values: AmfValue[] = [
      'play',
      4,
      null,
      true,
      undefined,
      { app: 'live', deep: { list: [1, 'two'] } },
      new Date(5),
    ];
    expect(decodeAmf(encodeAmf(...values))).toEqual(values);
    const long = 'x'.repeat(70_000);
    expect(decodeAmf(encodeAmf(long))).toEqual([long]);
  });

  test('a key named __proto__ stays a plain entry', () => {
    const [value] = decodeAmf(Buffer.from('0300095f5f70726f746f5f5f02000178000009', 'hex'));
    expect(Object.getOwnPropertyNames(value)).toEqual(['__proto__']);
  });

  test.each([
    ['a string that is cut off', Buffer.from([2, 0, 9, 65])],
    ['a marker that does not exist', Buffer.from([99])],
    ['objects nested without end', Buffer.concat(Array.from({ length: 50 }, () => Buffer.from([3, 0, 1, 65])))],
  ])('%s is refused', (_, bytes) => {
    expect(() => decodeAmf(bytes)).toThrow(/AMF0/);
  });
});

describe('chunks', () => {
  const messages: OutMessage[] = [
    { chunkStream: 3, type: 20, stream: 0, timestamp: 0, body: Buffer.from('short') },
    { chunkStream: 6, type: 9, stream: 1, timestamp: 0xfffffe, body: Buffer.alloc(1000, 1) },
    { chunkStream: 6, type: 9, stream: 1, timestamp: 0xffffff, body: Buffer.alloc(1000, 2) },
    { chunkStream: 6, type: 9, stream: 1, timestamp: 0x12345678, body: Buffer.alloc(129, 3) },
    { chunkStream: 6, type: 9, stream: 1, timestamp: 0x100000007, body: Buffer.alloc(0) },
  ];
  const expected = messages.map(({ type, stream, timestamp, body }) => ({
    type,
    stream,
    timestamp: timestamp >>> 0,
    body,
  }));

  test.each([1, 7, 4096])('messages with extended time stamps survive, read %i bytes at a time', (step) => {
    const bytes = written(messages);
    const reader = new ChunkReader(10_000);
    const read: InMessage[] = [];
    for (let at = 0; at < bytes.length; at += step) read.push(...reader.read(bytes.subarray(at, at + step)));
    expect(read).toEqual(expected);
  });

  test('the chunks of two messages may alternate, with short headers', () => {
    const first = [0x03, 0, 0, 9, 0, 0, 130, 20, 0, 0, 0, 0, ...Array<number>(128).fill(1)];
    const other = [0x04, 0, 0, 9, 0, 0, 1, 8, 0, 0, 0, 0, 7];
    const rest = [0xc3, 2, 2];
    const next = [0x44, 0, 0, 5, 0, 0, 2, 8, 5, 5]; // delta of 5 ms, another length
    const again = [0x84, 0, 0, 6, 6, 6]; // delta of 6 ms, the same length
    const reader = new ChunkReader(10_000);
    const read = [...reader.read(Buffer.from([...first, ...other, ...rest, ...next, ...again]))];
    expect(read.map(({ timestamp, body }) => [timestamp, body.length])).toEqual([
      [9, 1],
      [9, 130],
      [14, 2],
      [20, 2],
    ]);
  });

  test('what no client would send is refused', () => {
    expect(() => [...new ChunkReader(100).read(written(messages))]).toThrow('too long');
    expect(() => [...new ChunkReader(100).read(Buffer.from([0xc5]))]).toThrow('full header');
  });

  function written(list: readonly OutMessage[]): Buffer {
    const out = new PassThrough();
    for (const message of list) writeMessage(out, message, 128);
    const bytes: unknown = out.read();
    return Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0);
  }
});

describe('the handshake', () => {
  test('echoes what the client sent and hands on what came after it', () => {
    const handshake = new Handshake();
    const c1 = Buffer.alloc(1536, 7);
    expect(handshake.take(Buffer.from([3]))).toEqual({ reply: null, rest: null });
    const { reply } = handshake.take(c1);
    expect(reply).toHaveLength(1 + 2 * 1536);
    expect(reply?.subarray(1 + 1536)).toEqual(c1);
    expect(handshake.take(Buffer.concat([Buffer.alloc(1536), Buffer.from('more')])).rest).toEqual(Buffer.from('more'));
  });

  test('another protocol is refused at its first byte', () => {
    expect(() => new Handshake().take(Buffer.from('GET / HTTP/1.1'))).toThrow('not RTMP');
  });
});
