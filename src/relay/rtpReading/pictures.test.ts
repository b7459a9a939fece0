import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatWith, MediaWatch, type PacketFields } from '../../../test/support/relay/rtpTrackMaker.js';
import { picturePayloads } from '../rtp/payloads.js';
import type { PictureCodec } from '../units/nalUnits.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const SPS = hex('67 42c01e 95a0');
const PPS = hex('68 ce 38 80');
const AUD = hex('09 f0');
const SEI = hex('06 05 01 aa 80');

/** A slice: `first_mb_in_slice` is 0 where the byte behind the header begins with a 1. */
function slice(type: 1 | 5, { isFirst = true, length = 40, fill = 1 } = {}): Buffer {
  const unit = Buffer.alloc(length, fill);
  unit.writeUInt8(0x60 | type, 0);
  unit.writeUInt8(isFirst ? 0x88 : 0x42, 1);
  return unit;
}

const aggregate = (...units: readonly Buffer[]): Buffer =>
  Buffer.concat([hex('78'), ...units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit])]);

const withSets = formatWith({
  parameters: { 'sprop-parameter-sets': `${SPS.toString('base64')},${PPS.toString('base64')}` },
});
const bare = formatWith({});

function sendUnits(
  watch: MediaWatch,
  units: readonly Buffer[],
  timestamp: number,
  { codec = 'h264', marks = 'last' }: { codec?: PictureCodec; marks?: 'last' | 'none' | 'all' | 'units' } = {},
): void {
  for (const [at, unit] of units.entries()) {
    const payloads = picturePayloads(codec, [unit]);
    for (const [part, { head, body }] of payloads.entries()) {
      const endsUnit = part === payloads.length - 1;
      const isMarked =
        marks === 'all' || (marks === 'units' && endsUnit) || (marks === 'last' && endsUnit && at === units.length - 1);
      watch.send(0, Buffer.concat([Buffer.from(head), body]), { timestamp, isMarked, atMs: timestamp / 90 });
    }
  }
}

const shown = (watch: MediaWatch): string[][] =>
  watch.of('picture').map(({ units }) => units.map((unit) => unit.toString('hex')));
const hexes = (...units: readonly Buffer[]): string[] => units.map((unit) => unit.toString('hex'));

describe('pictures of H.264', () => {
  it('come out of single units, aggregates and fragments', () => {
    const watch = new MediaWatch([bare]);
    const long = slice(5, { length: 5_000 });
    watch.send(0, aggregate(AUD, SPS, PPS, SEI), { timestamp: 0 });
    sendUnits(watch, [long], 0);
    sendUnits(watch, [slice(1)], 3_600);
    sendUnits(watch, [slice(1, { length: 1_500 })], 7_200);
    expect(watch.of('picture-setup')).toEqual([
      { kind: 'picture-setup', setup: { codec: 'h264', parameterSets: [SPS, PPS], lengthBytes: 4 } },
    ]);
    expect(shown(watch)).toEqual([hexes(SEI, long), hexes(slice(1)), hexes(slice(1, { length: 1_500 }))]);
    expect(watch.of('picture').map(({ isKey, decodeMs, offsetMs }) => [isKey, decodeMs, offsetMs])).toEqual([
      [true, 0, 0],
      [false, 40, 0],
      [false, 80, 0],
    ]);
  });

  it.each<[string, PacketFields]>([
    ['padding', { padding: 7 }],
    ['a header extension', { extension: 3 }],
    ['contributing sources', { contributors: 2 }],
    ['all of them', { padding: 4, extension: 0, contributors: 15 }],
  ])('come out of packets with %s', (_, fields) => {
    const watch = new MediaWatch([withSets]);
    watch.send(0, slice(5), { ...fields, isMarked: true });
    watch.send(0, slice(1), { ...fields, isMarked: true, timestamp: 3_600 });
    watch.send(0, slice(1), { ...fields, isMarked: true, timestamp: 7_200 });
    expect(shown(watch)).toEqual([hexes(slice(5)), hexes(slice(1)), hexes(slice(1))]);
  });

  it.each(['last', 'none', 'all', 'units'] as const)('have their slices together with marks: %s', (marks) => {
    const watch = new MediaWatch([withSets]);
    const picture = (type: 1 | 5, fill: number): Buffer[] => [
      slice(type, { fill, length: 3_000 }),
      slice(type, { isFirst: false, fill }),
      slice(type, { isFirst: false, fill: fill + 1 }),
    ];
    const pictures = Array.from({ length: 6 }, (_, at) => picture(at === 0 ? 5 : 1, at));
    for (const [at, units] of pictures.entries()) sendUnits(watch, units, at * 3_600, { marks });
    // Without a marker that can be believed, the last one waits for the next.
    expect(shown(watch).slice(0, 5)).toEqual(pictures.slice(0, 5).map((units) => hexes(...units)));
    expect(watch.media.losses).toEqual({ packets: 0, pictures: 0 });
  });

  it('do not wait for the next one where the marker is right', () => {
    const watch = new MediaWatch([bare]);
    sendUnits(watch, [SPS, PPS, slice(5)], 0);
    expect(watch.of('picture')).toHaveLength(1);
    sendUnits(watch, [slice(1)], 90_000);
    expect(watch.of('picture')).toHaveLength(2);
  });

  it('are parted by delimiters where the time stamp stands still', () => {
    const watch = new MediaWatch([withSets]);
    for (const at of [0, 1, 2]) sendUnits(watch, [AUD, slice(at === 0 ? 5 : 1, { fill: at })], 0, { marks: 'none' });
    sendUnits(watch, [AUD], 0);
    expect(shown(watch)).toEqual([0, 1, 2].map((at) => hexes(slice(at === 0 ? 5 : 1, { fill: at }))));
  });

  it('take parameter sets that have a time stamp of their own', () => {
    const watch = new MediaWatch([bare]);
    sendUnits(watch, [SPS], 100, { marks: 'units' });
    sendUnits(watch, [PPS], 200, { marks: 'units' });
    sendUnits(watch, [slice(5)], 3_600);
    sendUnits(watch, [slice(1)], 7_200);
    sendUnits(watch, [slice(1)], 10_800);
    expect(
      watch
        .of('picture')
        .slice(0, 2)
        .map(({ decodeMs }) => decodeMs),
    ).toEqual([40, 80]);
    expect(watch.of('picture-setup')).toHaveLength(1);
  });

  it('of any sizes come out as they went in', () => {
    const lengths = (slices: number): fc.Arbitrary<number[]> =>
      fc.array(fc.integer({ min: 3, max: 5_000 }), { minLength: slices, maxLength: 4 });
    // The first picture has several slices, which shows what its markers mean.
    const all = fc
      .tuple(lengths(2), fc.array(lengths(1), { maxLength: 5 }))
      .map(([first, others]) => [first, ...others]);
    fc.assert(
      fc.property(all, fc.constantFrom('last', 'none', 'all', 'units'), (sizes, marks) => {
        const watch = new MediaWatch([withSets]);
        const pictures = sizes.map((of, at) =>
          of.map((length, part) => slice(at === 0 ? 5 : 1, { isFirst: part === 0, length, fill: at })),
        );
        for (const [at, units] of pictures.entries()) sendUnits(watch, units, at * 3_600, { marks });
        sendUnits(watch, [AUD], pictures.length * 3_600);
        expect(shown(watch)).toEqual(pictures.map((units) => hexes(...units)));
      }),
      { numRuns: 60 },
    );
  });
});

describe('parameter sets', () => {
  const OTHER = hex('67 42c01f 95a0');

  it.each<[string, Record<string, string>]>([
    ['missing', {}],
    ['empty', { 'sprop-parameter-sets': '' }],
    ['without a PPS', { 'sprop-parameter-sets': SPS.toString('base64') }],
    ['no base64', { 'sprop-parameter-sets': '!!,??' }],
    ['of another picture', { 'sprop-parameter-sets': `${OTHER.toString('base64')},${PPS.toString('base64')}` }],
  ])('of the description that are %s give way to those among the pictures', (_, parameters) => {
    const watch = new MediaWatch([formatWith({ parameters })]);
    sendUnits(watch, [SPS, PPS, slice(5)], 0);
    sendUnits(watch, [slice(1)], 3_600);
    expect(watch.units.map(({ kind }) => kind)).toEqual(['picture-setup', 'picture', 'picture']);
    expect(watch.of('picture-setup').map(({ setup }) => setup.parameterSets)).toEqual([[SPS, PPS]]);
  });

  it('that change are told before the key frame behind them', () => {
    const watch = new MediaWatch([withSets]);
    sendUnits(watch, [SPS, PPS, slice(5)], 0);
    sendUnits(watch, [OTHER, slice(5)], 3_600);
    sendUnits(watch, [OTHER, PPS, slice(5)], 7_200);
    expect(watch.units.map(({ kind }) => kind)).toEqual([
      'picture-setup',
      'picture',
      'picture-setup',
      'picture',
      'picture',
    ]);
    expect(watch.of('picture-setup')[1]?.setup.parameterSets).toEqual([OTHER, PPS]);
  });

  it('that never come leave the pictures out', () => {
    const watch = new MediaWatch([bare]);
    for (const at of [0, 1, 2]) sendUnits(watch, [AUD, slice(5)], at * 3_600);
    expect(watch.units).toEqual([]);
  });
});

describe('gaps', () => {
  it('leave pictures out up to the next key frame, and are counted', () => {
    const watch = new MediaWatch([bare]);
    const send = (type: 1 | 5, at: number, sequence: number): void =>
      watch.send(0, slice(type, { fill: at }), { sequence, timestamp: at * 3_600, isMarked: true });
    watch.send(0, aggregate(SPS, PPS), { sequence: 0 });
    send(5, 0, 1);
    send(1, 1, 2);
    // 3 and 4 never come.
    send(1, 2, 5);
    send(1, 3, 6);
    send(5, 4, 7);
    send(1, 5, 8);
    expect(watch.of('picture').map(({ units }) => units[0]?.at(-1))).toEqual([0, 1, 4, 5]);
    expect(watch.media.losses).toEqual({ packets: 2, pictures: 3 });
  });

  it('in a fragment spoil that picture alone', () => {
    const watch = new MediaWatch([bare]);
    const parts = picturePayloads('h264', [slice(5, { length: 6_000 })]).map(({ head, body }) =>
      Buffer.concat([Buffer.from(head), body]),
    );
    watch.send(0, aggregate(SPS, PPS), { sequence: 0 });
    for (const [at, part] of parts.entries())
      if (at !== 2) watch.send(0, part, { sequence: 1 + at, isMarked: at === parts.length - 1 });
    watch.send(0, slice(5), { sequence: 20, timestamp: 3_600, isMarked: true });
    watch.send(0, slice(1), { sequence: 21, timestamp: 7_200, isMarked: true });
    watch.send(0, slice(1), { sequence: 22, timestamp: 10_800, isMarked: true });
    expect(shown(watch)).toEqual([hexes(slice(5)), hexes(slice(1)), hexes(slice(1))]);
  });
});

describe('packets of datagrams', () => {
  it('are put in order, and come once', () => {
    const watch = new MediaWatch([withSets], false);
    const order = [65_534, 0, 65_535, 65_535, 2, 1, 4, 5, 3, 3];
    const at = (sequence: number): number => (sequence + 2) & 0xffff;
    for (const sequence of order)
      watch.send(0, slice(at(sequence) === 0 ? 5 : 1, { fill: at(sequence) }), {
        ...{ sequence, isMarked: true, timestamp: at(sequence) * 3_600 },
      });
    expect(watch.of('picture').map(({ units }) => units[0]?.at(-1))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(watch.media.losses).toEqual({ packets: 0, pictures: 0 });
  });

  it('that are lost are waited for only until many later ones have come', () => {
    const watch = new MediaWatch([withSets], false);
    for (let sequence = 0; sequence < 80; sequence++) {
      if (sequence === 3) continue;
      const type = sequence % 10 === 0 ? 5 : 1;
      watch.send(0, slice(type, { fill: sequence }), { sequence, isMarked: true, timestamp: sequence * 3_600 });
    }
    const fills = watch.of('picture').map(({ units }) => units[0]?.at(-1));
    expect(fills.slice(0, 5)).toEqual([0, 1, 2, 10, 11]);
    expect(watch.media.losses).toEqual({ packets: 1, pictures: 7 });
  });

  it('go on after the sender has begun anew', () => {
    const watch = new MediaWatch([withSets], false);
    const send = (type: 1 | 5, fields: PacketFields): void => watch.send(0, slice(type), { isMarked: true, ...fields });
    send(5, { sequence: 30_000, timestamp: 900_000 });
    send(1, { sequence: 30_001, timestamp: 903_600 });
    for (const at of [0, 1, 2, 3]) send(at === 0 ? 5 : 1, { sequence: at, timestamp: at * 3_600, source: 9 });
    expect(watch.of('picture').map(({ isKey }) => isKey)).toEqual([true, false, true, false, false, false]);
  });
});
