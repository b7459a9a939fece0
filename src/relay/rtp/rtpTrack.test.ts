import { describe, expect, it } from 'vitest';
import { packetBytes, RtpTrack } from './rtpTrack.js';

const numbers = { sequence: 65_535, timestamp: 2 ** 32 - 90, source: 0xdeadbeef };
const track = (): RtpTrack => new RtpTrack({ payloadType: 96, clockRate: 90_000, numbers });

function packet(of: RtpTrack, body: Buffer, timeMs: number, { isLast = true, ticks = 0 } = {}): Buffer {
  const payload = { head: [], body, ticks, isLast };
  const bytes = Buffer.alloc(packetBytes(payload));
  expect(of.write(payload, timeMs, bytes, 0)).toBe(bytes.length);
  return bytes;
}

describe('RTP packets', () => {
  it('carry type, marker, time, source and payload', () => {
    expect(packet(track(), Buffer.from('aabb', 'hex'), 0).toString('hex')).toBe('80e0ffffffffffa6deadbeefaabb');
    expect(packet(track(), Buffer.alloc(0), 0, { isLast: false }).readUInt8(1)).toBe(96);
  });

  it('count on over the wrap of both numbers', () => {
    const one = track();
    packet(one, Buffer.alloc(1), 0);
    const next = packet(one, Buffer.alloc(1), 2);
    expect([next.readUInt16BE(2), next.readUInt32BE(4)]).toEqual([0, 90]);
    expect(packet(one, Buffer.alloc(1), 4).readUInt16BE(2)).toBe(1);
  });

  it('stay exact after a year, and take a time before the first one', () => {
    const plain = new RtpTrack({
      payloadType: 8,
      clockRate: 8_000,
      numbers: { sequence: 0, timestamp: 1_000, source: 1 },
    });
    const year = 365 * 86_400_000;
    expect(plain.timestampAt(year)).toBe((1_000 + year * 8) % 2 ** 32);
    expect(plain.timestampAt(-125)).toBe(0);
  });

  it('that were cut stand by their samples', () => {
    const plain = new RtpTrack({ payloadType: 8, clockRate: 8_000, numbers: { sequence: 0, timestamp: 0, source: 1 } });
    expect(packet(plain, Buffer.alloc(1), 20, { isLast: false, ticks: 1_400 }).readUInt32BE(4)).toBe(160 + 1_400);
  });
});

describe('sender reports', () => {
  it('tie the time of the track to the wall clock, with what was sent so far', () => {
    const one = track();
    packet(one, Buffer.alloc(10), 0, { isLast: false });
    packet(one, Buffer.alloc(5), 0);
    const report = one.senderReport(1_000, Date.UTC(2026, 0, 5, 8, 0, 0, 500));
    expect(report.subarray(0, 8).toString('hex')).toBe('80c80006deadbeef');
    // Seconds since 1900 and a fraction of a half.
    expect([report.readUInt32BE(8), report.readUInt32BE(12)]).toEqual([3_976_588_800, 2 ** 31]);
    expect([report.readUInt32BE(16), report.readUInt32BE(20), report.readUInt32BE(24)]).toEqual([89_910, 2, 15]);
  });
});
