import { parseArgs } from 'node:util';
import { messageOf } from '../src/core/errors.js';
import { LONGEST_LIFE_SECONDS, SHORTEST_LIFE_SECONDS } from './cloud/liveUrls.js';
import type { Sound } from './origin/types.js';

export interface SimulatorArguments {
  readonly cameras: number;
  readonly vendor: 'hikconnect' | 'ezviz' | 'both';
  readonly port: number;
  /** null: the vendor's default for a request that names no lifetime. */
  readonly lifetimeSeconds: number | null;
  readonly tokenLifeSeconds: number;
  readonly streamCap: number | null;
  readonly cutAtExpiry: boolean;
  readonly keyFrameSeconds: number;
  readonly sound: Sound;
  readonly bFrames: number;
  readonly seed: string;
}

export type ReadArguments =
  | { readonly kind: 'run'; readonly options: SimulatorArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly message: string };

export const HELP = `Simulates the clouds of Hik-Connect for Teams and EZVIZ, with their RTMP origin, on 127.0.0.1.

npm run simulator -- [options]

  --cameras N      how many cameras, 1 to 20000 (9)
  --vendor V       hikconnect, ezviz or both (both)
  --port N         first of six neighbouring ports, or 0 for free ones (8100)
  --lifetime S     life of a live address in seconds, 30 to 62208000: printed for .env, and given when a request names none
  --token-life S   life of an access token, in seconds (604800)
  --stream-cap N   streams that may play at once per account (any number)
  --play-on        connections outlive their URL; without it they are cut when it expires
  --key-frames S   seconds between the cameras' key frames, 1 to 6 (1)
  --sound S        aac or none (none)
  --b-frames N     B-frames between two others, 0 to 3 (0)
  --seed TEXT      another fleet; the same text gives the same serials and keys (camlease)
  --help           this text

It prints what to put into .env, and the address of a control API that switches faults and turns the clock.
Ctrl-C ends it.`;

/** Reads the command line; the first mistake is reported as a sentence. */
export function readArguments(argv: readonly string[]): ReadArguments {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        cameras: { type: 'string', default: '9' },
        vendor: { type: 'string', default: 'both' },
        port: { type: 'string', default: '8100' },
        lifetime: { type: 'string' },
        'token-life': { type: 'string', default: '604800' },
        'stream-cap': { type: 'string' },
        'play-on': { type: 'boolean', default: false },
        'key-frames': { type: 'string', default: '1' },
        sound: { type: 'string', default: 'none' },
        'b-frames': { type: 'string', default: '0' },
        seed: { type: 'string', default: 'camlease' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { kind: 'help' };
    const cap = values['stream-cap'];
    const options: SimulatorArguments = {
      cameras: wholeNumber('--cameras', values.cameras, 1, 20_000),
      vendor: vendorOf(values.vendor),
      port: values.port === '0' ? 0 : wholeNumber('--port', values.port, 1024, 65_530),
      lifetimeSeconds:
        values.lifetime === undefined
          ? null
          : wholeNumber('--lifetime', values.lifetime, SHORTEST_LIFE_SECONDS, LONGEST_LIFE_SECONDS),
      tokenLifeSeconds: wholeNumber('--token-life', values['token-life'], 1, LONGEST_LIFE_SECONDS),
      streamCap: cap === undefined ? null : wholeNumber('--stream-cap', cap, 0, 20_000),
      cutAtExpiry: !values['play-on'],
      keyFrameSeconds: wholeNumber('--key-frames', values['key-frames'], 1, 6),
      sound: soundOf(values.sound),
      bFrames: wholeNumber('--b-frames', values['b-frames'], 0, 3),
      seed: values.seed,
    };
    return { kind: 'run', options };
  } catch (thrown) {
    return { kind: 'mistake', message: messageOf(thrown) };
  }
}

function vendorOf(text: string): SimulatorArguments['vendor'] {
  if (text === 'hikconnect' || text === 'ezviz' || text === 'both') return text;
  throw new Error(`--vendor is hikconnect, ezviz or both, not "${text}".`);
}

function soundOf(text: string): Sound {
  if (text === 'aac' || text === 'none') return text;
  throw new Error(`--sound is aac or none, not "${text}".`);
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option} takes a whole number from ${least} to ${most}, not "${text}".`);
}
