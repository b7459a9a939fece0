import { describe, expect, it } from 'vitest';
import { aacSetup } from '../units/sound.js';
import { silenceOf, soundLengthMs, type SilentPiece } from './silence.js';

/** The frame of a configuration in hexadecimal, and its length. */
function aac(config: string): { readonly frame: string; readonly lengthMs: number } | null {
  const setup = aacSetup(Buffer.from(config, 'hex'));
  const piece: SilentPiece | null = setup && silenceOf(setup);
  return piece && { frame: piece.data.toString('hex'), lengthMs: piece.lengthMs };
}

describe('silence', () => {
  // Both were decoded by FFmpeg without a warning, into samples of 0.
  it('of AAC-LC is one frame without spectral data, for one channel and for two', () => {
    expect(aac('1408')).toEqual({ frame: '00000007', lengthMs: 64 });
    expect(aac('1410')).toEqual({ frame: '21000000001c', lengthMs: 64 });
  });

  it('of AAC lasts as long as the rate and the length of frames say', () => {
    expect(aac('1190')?.lengthMs).toBeCloseTo(21.333, 2); // 48 kHz
    expect(aac('140c')?.lengthMs).toBe(60); // 960 samples in a frame
    // The rate written out: 16,000 in 24 bits behind the index 15, one channel.
    expect(aac('17801f4008')).toEqual({ frame: '00000007', lengthMs: 64 });
  });

  it.each([
    ['six channels', '1430'],
    ['channels that are described elsewhere', '1400'],
    ['AAC with spectral band replication', '2b8a08'],
    ['AAC main', '0c08'],
  ])('is not made for %s', (_, config) => {
    expect(aac(config)).toBeNull();
  });

  it.each([
    ['pcma', 0xd5],
    ['pcmu', 0xff],
  ] as const)('of %s is 20 ms of no level', (codec, value) => {
    const setup = { codec, sampleRate: 8_000, channels: 1, config: null };
    expect(silenceOf(setup)).toEqual({ data: Buffer.alloc(160, value), lengthMs: 20 });
    expect(soundLengthMs(setup, Buffer.alloc(320))).toBe(40);
  });
});
