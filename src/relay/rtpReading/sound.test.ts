import { describe, expect, it } from 'vitest';
import { formatWith, MediaWatch } from '../../../test/support/relay/rtpTrackMaker.js';
import type { TrackFormat } from './trackFormat.js';

/** AAC-LC, 44.1 kHz, two channels. */
const CONFIG = '1210';

const sound = (
  encoding: string,
  clockRate: number,
  parameters: Record<string, string> = {},
  channels = 1,
): TrackFormat => formatWith({ media: 'audio', payloadType: 97, encoding, clockRate, channels, parameters });

function watchOf(format: TrackFormat): {
  watch: MediaWatch;
  send: (hex: string, timestamp: number, isMarked?: boolean) => void;
} {
  const watch = new MediaWatch([format]);
  return {
    watch,
    send: (hex, timestamp, isMarked = true) =>
      watch.send(0, Buffer.from(hex.replaceAll(' ', ''), 'hex'), { payloadType: 97, timestamp, isMarked }),
  };
}

/** Times (whole ms) and bytes. */
const heard = (watch: MediaWatch): [number, string][] =>
  watch.of('sound').map(({ timeMs, data }) => [Math.round(timeMs), data.toString('hex')]);

/** Text of bits, filled up to whole bytes. */
const bits = (...fields: readonly (readonly [value: number, bits: number])[]): string => {
  const text = fields.map(([value, length]) => value.toString(2).padStart(length, '0')).join('');
  const bytes = text.match(/.{1,8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2))).toString('hex');
};

describe('G.711', () => {
  it.each([
    ['PCMU', 'pcmu', 8_000],
    ['PCMU', 'pcmu', 16_000],
    ['PCMA', 'pcma', 8_000],
    ['PCMA', 'pcma', 16_000],
  ] as const)('as %s (%s) of %i Hz comes out with its times', (encoding, codec, sampleRate) => {
    const { watch, send } = watchOf(sound(encoding, sampleRate));
    send('0102', 2 ** 32 - sampleRate / 2, false);
    send('0304', sampleRate / 2, false);
    expect(watch.of('sound-setup')).toEqual([
      { kind: 'sound-setup', setup: { codec, sampleRate, channels: 1, config: null } },
    ]);
    expect(heard(watch)).toEqual([
      [0, '0102'],
      [1_000, '0304'],
    ]);
  });
});

describe('Opus', () => {
  it('comes out packet by packet', () => {
    const { watch, send } = watchOf(sound('OPUS', 48_000, {}, 2));
    send('f801', 0, false);
    send('f802', 960, false);
    expect(watch.of('sound-setup')[0]?.setup).toEqual({ codec: 'opus', sampleRate: 48_000, channels: 2, config: null });
    expect(heard(watch)).toEqual([
      [0, 'f801'],
      [20, 'f802'],
    ]);
  });
});

describe('AAC as mpeg4-generic', () => {
  const high = { mode: 'AAC-hbr', config: CONFIG, sizelength: '13', indexlength: '3', indexdeltalength: '3' };

  it('comes out frame by frame, several in a packet', () => {
    const { watch, send } = watchOf(sound('MPEG4-GENERIC', 44_100, high, 2));
    send('0010 0018 aabbcc', 0);
    send('0020 0010 0018 1122 334455', 1_024);
    expect(watch.of('sound-setup')[0]?.setup).toEqual({
      ...{ codec: 'aac', sampleRate: 44_100, channels: 2, config: Buffer.from(CONFIG, 'hex') },
    });
    expect(heard(watch)).toEqual([
      [0, 'aabbcc'],
      [23, '1122'],
      [46, '334455'],
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'the sizes of AAC-lbr',
      { mode: 'AAC-lbr', sizelength: '6', indexlength: '2', indexdeltalength: '2' },
      '0008 0c aabbcc',
    ],
    ['the mode AAC-lbr alone', { mode: 'AAC-lbr' }, '0008 0c aabbcc'],
    [
      'sizes of 16 bits and no index',
      { sizelength: '16', indexlength: '0', indexdeltalength: '0' },
      '0010 0003 aabbcc',
    ],
    ['no sizes, which are those of AAC-hbr', {}, '0010 0018 aabbcc'],
    ['a constant size and no headers', { constantsize: '3', indexlength: '0' }, 'aabbcc'],
    ['times of composition', { ...high, ctsdeltalength: '4' }, `0015 ${bits([3, 13], [0, 3], [1, 1], [5, 4])} aabbcc`],
    ['auxiliary data', { ...high, auxiliarydatasizelength: '8' }, '0010 0018 08 ff aabbcc'],
    ['an ADTS header in the frame', high, '0010 0050 fff15080015ffc aabbcc'],
  ])('is read with %s', (_, parameters, packet) => {
    const { watch, send } = watchOf(sound('MPEG4-GENERIC', 44_100, { config: CONFIG, ...parameters }, 2));
    send(packet, 0);
    expect(heard(watch)).toEqual([[0, 'aabbcc']]);
  });

  it('is put together where a frame needs several packets, and left out where one of them is missing', () => {
    const { watch, send } = watchOf(sound('MPEG4-GENERIC', 44_100, high, 2));
    send('0010 0028 aabb', 0, false);
    send('0010 0028 ccddee', 0);
    send('0010 0028 1122', 1_024, false);
    watch.send(0, Buffer.from('00100028334455', 'hex'), {
      payloadType: 97,
      timestamp: 1_024,
      sequence: 9,
      isMarked: true,
    });
    watch.send(0, Buffer.from('0010000866', 'hex'), {
      payloadType: 97,
      timestamp: 2_048,
      sequence: 10,
      isMarked: true,
    });
    expect(heard(watch)).toEqual([
      [0, 'aabbccddee'],
      [46, '66'],
    ]);
  });

  it('takes its configuration from the rtpmap where it has none', () => {
    const { watch, send } = watchOf(sound('MPEG4-GENERIC', 16_000, { mode: 'AAC-hbr' }));
    send('0010 0008 aa', 0);
    send('0010 0008 bb', 1_024);
    expect(watch.of('sound-setup')[0]?.setup).toEqual({
      ...{ codec: 'aac', sampleRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') },
    });
    expect(heard(watch)[1]).toEqual([64, 'bb']);
  });

  it('of no readable configuration is left out by name', () => {
    const watch = new MediaWatch([sound('MPEG4-GENERIC', 90_000)]);
    watch.media.begin([]);
    expect(watch.units).toEqual([{ kind: 'left-out', track: 'sound', codec: 'MPEG4-GENERIC' }]);
  });

  it.each(['', '00', '0010', 'ffff 00', '0003 00 aa'])('passes over the broken packet "%s"', (packet) => {
    const { watch, send } = watchOf(sound('MPEG4-GENERIC', 44_100, high, 2));
    send(packet, 0);
    send('0010 0008 66', 1_024);
    expect(heard(watch).map(([, data]) => data)).toEqual(['66']);
  });
});

describe('AAC as LATM', () => {
  type Field = readonly [value: number, bits: number];
  /** One program and layer; AAC-LC of 44.1 kHz and two channels; frames of any length; no other data, no checksum. */
  const mux = (frames = 1): Field[] => [
    ...([
      [0, 1],
      [1, 1],
      [frames - 1, 6],
      [0, 4],
      [0, 3],
    ] satisfies Field[]),
    ...([
      [2, 5],
      [4, 4],
      [2, 4],
      [0, 3],
    ] satisfies Field[]),
    ...([
      [0, 3],
      [255, 8],
      [0, 1],
      [0, 1],
    ] satisfies Field[]),
  ];
  const outside = { cpresent: '0', config: bits(...mux()) };

  it('comes out with the configuration of the description', () => {
    const { watch, send } = watchOf(sound('MP4A-LATM', 44_100, outside, 2));
    send('03 aabbcc', 0);
    send(`ff 01 ${'11'.repeat(256)}`, 1_024);
    // Two elements in a packet.
    send('01 22 02 3344', 2_048);
    expect(watch.of('sound-setup').map(({ setup }) => setup)).toEqual([
      { codec: 'aac', sampleRate: 44_100, channels: 2, config: Buffer.from(CONFIG, 'hex') },
    ]);
    expect(heard(watch)).toEqual([
      [0, 'aabbcc'],
      [23, '11'.repeat(256)],
      [46, '22'],
      [70, '3344'],
    ]);
  });

  it('comes out with its configuration inside, at any bit', () => {
    const { watch, send } = watchOf(sound('MP4A-LATM', 90_000, {}, 2));
    // The frame stands behind a bit and a configuration, so it begins in the middle of a byte.
    send(bits([0, 1], ...mux(), [2, 8], [0xaa, 8], [0xbb, 8]), 0);
    send(bits([1, 1], [3, 8], [0x11, 8], [0x22, 8], [0x33, 8]), 2_090);
    expect(watch.of('sound-setup').map(({ setup }) => [setup.sampleRate, setup.config?.toString('hex')])).toEqual([
      [44_100, CONFIG],
    ]);
    expect(heard(watch)).toEqual([
      [0, 'aabb'],
      [23, '112233'],
    ]);
  });

  it('holds several frames in an element', () => {
    const { watch, send } = watchOf(sound('MP4A-LATM', 44_100, { cpresent: '0', config: bits(...mux(2)) }, 2));
    send('01 aa 02 bbcc', 0);
    expect(heard(watch)).toEqual([
      [0, 'aa'],
      [23, 'bbcc'],
    ]);
  });

  it('is put together from several packets, with and without the marker', () => {
    const { watch, send } = watchOf(sound('MP4A-LATM', 44_100, outside, 2));
    send('04 aabb', 0, false);
    send('ccdd', 0);
    send('03 1122', 1_024, false);
    send('33', 1_024, false);
    send('01 44', 2_048);
    expect(heard(watch).map(([, data]) => data)).toEqual(['aabbccdd', '112233', '44']);
  });

  it('that is cut or broken gives nothing', () => {
    const { watch, send } = watchOf(sound('MP4A-LATM', 44_100, outside, 2));
    for (const [at, packet] of ['', 'ff', '05 aa', 'ffffffff'].entries()) send(packet, at * 1_024);
    expect(watch.units).toEqual([]);
  });
});

describe('other tracks', () => {
  it.each(['G726-32', 'L16', 'MPA', 'VORBIS'])(
    'of sound in %s are left out by name, and the picture plays',
    (encoding) => {
      const watch = new MediaWatch([formatWith({}), sound(encoding, 8_000)]);
      watch.media.begin([null, null]);
      watch.send(1, Buffer.alloc(100), { payloadType: 97 });
      watch.send(0, Buffer.from('78000467640c00000268ee', 'hex'), { timestamp: 0 });
      expect(watch.units).toEqual([{ kind: 'left-out', track: 'sound', codec: encoding }]);
    },
  );

  it('of pictures in MJPEG are left out by name', () => {
    const watch = new MediaWatch([formatWith({ encoding: 'JPEG', payloadType: 26 }), sound('PCMU', 8_000)]);
    watch.media.begin([]);
    watch.send(1, Buffer.alloc(4), { payloadType: 97 });
    expect(watch.units.map(({ kind }) => kind)).toEqual(['left-out', 'sound-setup', 'sound']);
  });

  it('beside one that is carried are passed over', () => {
    const watch = new MediaWatch([sound('PCMU', 8_000), sound('G726-32', 8_000)]);
    watch.media.begin([]);
    expect(watch.units.filter((unit) => unit.kind === 'left-out' && unit.track === 'sound')).toEqual([]);
  });
});
