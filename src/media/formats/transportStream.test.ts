import { expect, it } from 'vitest';
import { STREAM_TYPE, TransportStream } from './transportStream.js';

const PACKET = 188;
const VIDEO_PID = 0x100;

interface Read {
  readonly pids: number[];
  readonly counters: number[];
  readonly payload: Buffer;
}

/** Takes packets apart as a player does; `payload`: of the video's packets. */
function read(bytes: Buffer): Read {
  expect(bytes.length % PACKET).toBe(0);
  const seen: Read & { payload: Buffer } = { pids: [], counters: [], payload: Buffer.alloc(0) };
  for (let at = 0; at < bytes.length; at += PACKET) {
    const packet = bytes.subarray(at, at + PACKET);
    expect(packet[0]).toBe(0x47);
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const flags = packet[3] ?? 0;
    seen.pids.push(pid);
    if (pid !== VIDEO_PID) continue;
    seen.counters.push(flags & 0x0f);
    const begin = flags & 0x20 ? 5 + (packet[4] ?? 0) : 4;
    seen.payload = Buffer.concat([seen.payload, packet.subarray(begin)]);
  }
  return seen;
}

it.each([1, 100, 150, 155, 156, 157, 158, 159, 160, 184, 1_000, 70_000])(
  'carries a picture of %i bytes whole',
  (bytes) => {
    const stream = new TransportStream(STREAM_TYPE.mpeg1Video);
    const picture = Buffer.from(Array.from({ length: bytes }, (_, at) => at & 0xff));
    const { pids, counters, payload } = read(stream.picture(picture, 3_600, false));
    expect(new Set(pids)).toEqual(new Set([VIDEO_PID]));
    expect(counters).toEqual(counters.map((_, at) => at % 16));
    expect(payload.subarray(14).equals(picture)).toBe(true);
    expect(payload.readUInt32BE(0)).toBe(0x1e0);
    expect(payload.readUInt16BE(4)).toBe(bytes + 8 > 0xffff ? 0 : bytes + 8);
    // 3,600 ticks, in the form of a presentation time stamp.
    expect(payload.toString('hex', 6, 14)).toBe('8080052100011c21');
  },
);

it('puts the tables in front of each key frame, with their checksums and the kind of the video', () => {
  const stream = new TransportStream(STREAM_TYPE.mpeg1Video);
  const bytes = stream.picture(Buffer.alloc(20), 0, true);
  expect(read(bytes).pids).toEqual([0, 0x1000, VIDEO_PID]);
  // As FFmpeg's muxer writes the first: one programme, whose table has PID 0x1000.
  expect(bytes.toString('hex', 5, 21)).toBe('00b00d0001c100000001f0002ab104b2');
  expect(bytes.toString('hex', PACKET + 5, PACKET + 5 + 17)).toBe('02b0120001c10000e100f00001e100f000');
  expect(read(stream.picture(Buffer.alloc(20), 3_600, false)).pids).toEqual([VIDEO_PID]);
});
