import { describe, expect, it } from 'vitest';
import { ChunkReader, RtmpProtocolError } from './chunkReader.js';
import { MESSAGE, type RtmpMessage } from './messages.js';

const bytes = (...parts: (readonly number[] | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part)));
const n24 = (value: number): number[] => [(value >> 16) & 255, (value >> 8) & 255, value & 255];
const n32 = (value: number): number[] => [value >>> 24, ...n24(value)];
/** A full header on chunk stream 4: time, length, type, message stream 1. */
const full = (
  time: number,
  length: number,
  type = MESSAGE.video as number,
  basic: readonly number[] = [0x04],
): number[] => [
  ...basic,
  ...n24(Math.min(time, 0xffffff)),
  ...n24(length),
  type,
  ...[1, 0, 0, 0],
  ...(time >= 0xffffff ? n32(time) : []),
];
const step = (delta: number, length: number): number[] => [
  0x44,
  ...n24(Math.min(delta, 0xffffff)),
  ...n24(length),
  MESSAGE.video,
  ...(delta >= 0xffffff ? n32(delta) : []),
];
const body = (length: number, fill: number): Buffer => Buffer.alloc(length, fill);
const CONTINUED = [0xc4];

interface Seen {
  readonly timestamp: number;
  readonly length: number;
  readonly fill: number | undefined;
}

/** Reads everything at once, and byte by byte into the same memory: both must give the same. */
function read(stream: Buffer): Seen[] {
  const seen = ({ timestamp, body: { length, [0]: fill } }: RtmpMessage): Seen => ({ timestamp, length, fill });
  const whole = new ChunkReader().read(Buffer.from(stream)).map(seen);
  const reader = new ChunkReader();
  const memory = Buffer.alloc(1);
  const single = [...stream].flatMap((byte) => reader.read(memory.fill(byte)).map(seen));
  expect(single).toEqual(whole);
  return whole;
}

describe('chunks', () => {
  it('become messages, by what their headers say and leave out', () => {
    const stream = bytes(
      ...[full(1_000, 200), body(128, 1), CONTINUED, body(72, 1)],
      ...[step(40, 10), body(10, 2)],
      ...[[0x84, ...n24(20)], body(10, 3)],
      ...[CONTINUED, body(10, 4)],
    );
    expect(read(stream)).toEqual([
      { timestamp: 1_000, length: 200, fill: 1 },
      { timestamp: 1_040, length: 10, fill: 2 },
      { timestamp: 1_060, length: 10, fill: 3 },
      // This chunk repeats the time step of the message before.
      { timestamp: 1_080, length: 10, fill: 4 },
    ]);
  });

  it.each([
    ['of two bytes', [0x00, 200 - 64]],
    ['of three bytes', [0x01, (300 - 64) & 255, (300 - 64) >> 8]],
  ])('may have a chunk stream id %s', (_name, id) => {
    const again = id.map((byte, index) => (index === 0 ? byte | 0xc0 : byte));
    const stream = bytes(full(5, 130, MESSAGE.video, id), body(128, 1), again, body(2, 1));
    expect(read(stream)).toEqual([{ timestamp: 5, length: 130, fill: 1 }]);
  });

  it('have an extended time after 4 h 40 min, which continuations repeat', () => {
    const time = 20_000_000;
    const stream = bytes(full(time, 200), body(128, 1), CONTINUED, n32(time), body(72, 1), step(40, 3), body(3, 2));
    expect(read(stream)).toEqual([
      { timestamp: time, length: 200, fill: 1 },
      { timestamp: time + 40, length: 3, fill: 2 },
    ]);
  });

  it('have an extended time that continuations leave out, as some senders do', () => {
    const time = 20_000_000;
    const stream = bytes(full(time, 200), body(128, 1), CONTINUED, body(72, 1), step(40, 3), body(3, 2));
    expect(read(stream)).toEqual([
      { timestamp: time, length: 200, fill: 1 },
      { timestamp: time + 40, length: 3, fill: 2 },
    ]);
  });

  it('have an extended step, which counts again where a continuation begins a message', () => {
    const delta = 0x1000000;
    const stream = bytes(full(0, 3), body(3, 1), step(delta, 3), body(3, 2), CONTINUED, n32(delta), body(3, 3));
    expect(read(stream).map(({ timestamp }) => timestamp)).toEqual([0, delta, 2 * delta]);
  });

  it('of a new size count from the very next one', () => {
    const stream = bytes(
      ...[full(0, 4, MESSAGE.chunkSize, [0x02]), n32(4_096)],
      ...[full(0, 4_000), body(4_000, 1)],
      ...[full(0, 4, MESSAGE.chunkSize, [0x02]), n32(70_000)],
      ...[full(1, 66_000), body(66_000, 2)],
    );
    expect(read(stream)).toEqual([
      { timestamp: 0, length: 4_000, fill: 1 },
      { timestamp: 1, length: 66_000, fill: 2 },
    ]);
  });

  it('of two streams mix', () => {
    const stream = bytes(
      ...[full(0, 200), body(128, 1)],
      ...[full(0, 3, MESSAGE.audio, [0x05]), body(3, 9)],
      ...[CONTINUED, body(72, 1)],
    );
    expect(read(stream).map(({ fill }) => fill)).toEqual([9, 1]);
  });

  it.each([
    ['an abort', bytes(full(0, 4, MESSAGE.abort, [0x02]), n32(4))],
    ['a new header alone', Buffer.alloc(0)],
  ])('of a message that is given up are forgotten: %s', (_name, between) => {
    const stream = bytes(full(0, 200), body(128, 1), between, full(10, 5), body(5, 2));
    expect(read(stream)).toEqual([{ timestamp: 10, length: 5, fill: 2 }]);
  });

  it('hold aggregates, whose parts keep their distance in time', () => {
    const part = (time: number, fill: number): Buffer =>
      bytes([MESSAGE.video, ...n24(3), ...n24(time), 0, 0, 0, 0], body(3, fill), n32(14));
    const aggregate = bytes(part(7_000, 1), part(7_040, 2));
    const stream = bytes(full(100, aggregate.length, MESSAGE.aggregate), aggregate);
    expect(read(stream)).toEqual([
      { timestamp: 100, length: 3, fill: 1 },
      { timestamp: 140, length: 3, fill: 2 },
    ]);
  });

  it('whose times wrap at 32 bits go on from 0', () => {
    const stream = bytes(full(0xffffffff - 9, 3), body(3, 1), step(20, 3), body(3, 2));
    expect(read(stream).map(({ timestamp }) => timestamp)).toEqual([0xffffffff - 9, 10]);
  });

  it.each([
    ['begin without a full header', bytes(CONTINUED)],
    ['announce a message of more than 8 MB', bytes(full(0, 0xffffff), body(10, 1))],
    ['have no size', bytes(full(0, 4, MESSAGE.chunkSize, [0x02]), n32(0), full(0, 3), body(3, 1))],
  ])('that %s are no RTMP', (_name, stream) => {
    expect(() => new ChunkReader().read(stream)).toThrow(RtmpProtocolError);
  });
});

describe('a hostile sender', () => {
  it('has to end what it begins', () => {
    const reader = new ChunkReader();
    reader.read(bytes([2, ...n24(0), ...n24(4), MESSAGE.chunkSize, 0, 0, 0, 0], n32(8_000_000)));
    const half = (stream: number): Buffer =>
      bytes([stream, ...n24(0), ...n24(8_000_001), MESSAGE.video, 1, 0, 0, 0], body(8_000_000, 1));
    reader.read(half(4));
    reader.read(half(5));
    expect(() => reader.read(half(6))).toThrow(RtmpProtocolError);
  });

  it('may begin anew as often as it likes', () => {
    const reader = new ChunkReader();
    for (let turn = 0; turn < 140_000; turn++) reader.read(bytes(full(0, 1_000), body(128, 1)));
    expect(reader.read(bytes(full(7, 5), body(5, 2)))).toMatchObject([{ timestamp: 7 }]);
  });

  it('takes no more memory with the smallest chunks than with large ones', () => {
    const reader = new ChunkReader();
    reader.read(bytes([2, ...n24(0), ...n24(4), MESSAGE.chunkSize, 0, 0, 0, 0], n32(1)));
    reader.read(bytes(full(0, 8_000_000), body(1, 1)));
    const chunks = Buffer.alloc(200_000, Buffer.from([0xc4, 1]));
    const before = process.memoryUsage();
    for (let turn = 0; turn < 10; turn++) reader.read(Buffer.from(chunks));
    const after = process.memoryUsage();
    // A million bytes of parts; as objects of their own they took a hundred times as much.
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(60_000_000);
  });
});
