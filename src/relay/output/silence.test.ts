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

  // Decoded by FFmpeg's libopus, into 960 samples of 0.
  it('of Opus is one packet of 20 ms', () => {
    const setup = { codec: 'opus', sampleRate: 48_000, channels: 2, config: null } as const;
    expect(silenceOf(setup)).toEqual({ data: Buffer.from('f8fffe', 'hex'), lengthMs: 20 });
  });

  it.each([
    ['one frame of 20 ms', 'f801', 20],
    ['two frames of 10 ms', 'f101', 20],
    ['three frames of 2.5 ms', 'e303', 7.5],
    ['one frame of 60 ms', '1801', 60],
    ['a hybrid frame of 20 ms', '6801', 20],
    ['more than there may be', '1b3f', 120],
    ['nothing', '', 0],
  ])('in Opus lasts as its packets say: %s', (_, packet, lengthMs) => {
    const setup = { codec: 'opus', sampleRate: 48_000, channels: 2, config: null } as const;
    expect(soundLengthMs(setup, Buffer.from(packet, 'hex'))).toBe(lengthMs);
  });
});
