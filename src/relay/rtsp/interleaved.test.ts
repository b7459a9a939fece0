import { describe, expect, it } from 'vitest';
import { aacPayload, picturePayloads } from '../rtp/payloads.js';
import { RtpTrack } from '../rtp/rtpTrack.js';
import { interleaved, interleavedPackets } from './interleaved.js';

const track = (): RtpTrack =>
  new RtpTrack({ payloadType: 96, clockRate: 90_000, numbers: { sequence: 7, timestamp: 0, source: 1 } });

const memoryFor = (length: number): Buffer => Buffer.alloc(length);

describe('interleaved packets', () => {
  it('stand behind each other in one buffer, each behind channel and length', () => {
    const units = [Buffer.from('67aa', 'hex'), Buffer.alloc(1_401, 0x65)];
    const bytes = interleavedPackets(track(), 3, picturePayloads('h264', units), 1, memoryFor);
    const rtp = (sequence: number, isLast = false): string => `80${isLast ? 'e0' : '60'}000${sequence}0000005a00000001`;
    expect(bytes.subarray(0, 18).toString('hex')).toBe(`2403000e${rtp(7)}67aa`);
    expect(bytes.subarray(18, 36).toString('hex')).toBe(`24030584${rtp(8)}7c85`);
    const last = bytes.subarray(36 + 1_398);
    expect(last.toString('hex')).toBe(`24030010${rtp(9, true)}7c456565`);
  });

  it('carry the size of an AAC frame, and a report as it is', () => {
    const payload = aacPayload(Buffer.from('2110', 'hex'));
    const bytes = interleavedPackets(track(), 2, payload ? [payload] : [], 0, memoryFor);
    expect(bytes.subarray(16).toString('hex')).toBe('001000102110');
    expect(interleaved(1, Buffer.from('80c8', 'hex')).toString('hex')).toBe('2401000280c8');
  });
});
