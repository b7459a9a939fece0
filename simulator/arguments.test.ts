import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.js';

describe('the command line of the simulator', () => {
  it('has a default for everything', () => {
    expect(readArguments([])).toMatchObject({ kind: 'run', options: { cameras: 9, vendor: 'both', port: 8100 } });
  });

  it('takes all of its options', () => {
    const given =
      '--cameras 1200 --vendor ezviz --port 0 --lifetime 90 --token-life 600 --stream-cap 3 --play-on --key-frames 4 --sound aac --b-frames 2 --seed x';
    expect(readArguments(given.split(' '))).toEqual({
      kind: 'run',
      options: {
        cameras: 1200,
        vendor: 'ezviz',
        port: 0,
        lifetimeSeconds: 90,
        tokenLifeSeconds: 600,
        streamCap: 3,
        cutAtExpiry: false,
        keyFrameSeconds: 4,
        sound: 'aac',
        bFrames: 2,
        seed: 'x',
      },
    });
  });

  it.each([
    ['--cameras nine', '--cameras takes a whole number from 1 to 20000, not "nine".'],
    ['--lifetime 29', '--lifetime takes a whole number from 30 to 62208000, not "29".'],
    ['--key-frames 7', '--key-frames takes a whole number from 1 to 6, not "7".'],
    ['--sound mp3', '--sound is aac or none, not "mp3".'],
    ['--vendor dahua', '--vendor is hikconnect, ezviz or both, not "dahua".'],
    ['--speed 3', "Unknown option '--speed'"],
  ])('answers %s with a sentence', (given, message) => {
    expect(readArguments(given.split(' '))).toEqual({ kind: 'mistake', message });
  });

  it('shows help before it complains about nothing', () => {
    expect(readArguments(['--help'])).toEqual({ kind: 'help' });
  });
});
