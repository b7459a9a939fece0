import { describe, expect, it } from 'vitest';
import { formatWith, MediaWatch } from '../../../test/support/relay/rtpTrackMaker.js';
import { picturePayloads } from '../rtp/payloads.js';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const VPS = hex('4001 0c01ffff');
const SPS = hex('4201 01016000000300900000030000');
const PPS = hex('4401 c172b46240');
const AUD = hex('4601 50');
const SUFFIX_SEI = hex('5001 0501aa80');

/** A slice: IDR (19) or trailing (1); the bit behind the header says whether it is the first of its picture. */
function slice(type: 1 | 19, { isFirst = true, length = 30, fill = 1 } = {}): Buffer {
  const unit = Buffer.alloc(length, fill);
  unit.writeUInt8(type << 1, 0);
  unit.writeUInt8(1, 1);
  unit.writeUInt8(isFirst ? 0xa0 : 0x20, 2);
  return unit;
}

const size = ({ length }: Buffer): Buffer => Buffer.from([length >> 8, length & 0xff]);
const withSets = (more: Record<string, string> = {}) =>
  formatWith({
    encoding: 'H265',
    parameters: {
      'sprop-vps': VPS.toString('base64'),
      'sprop-sps': SPS.toString('base64'),
      'sprop-pps': PPS.toString('base64'),
      ...more,
    },
  });
const shown = (watch: MediaWatch): string[][] =>
  watch.of('picture').map(({ units }) => units.map((unit) => unit.toString('hex')));
const hexes = (...units: readonly Buffer[]): string[] => units.map((unit) => unit.toString('hex'));

describe('pictures of H.265', () => {
  it('come out of aggregates, single units and fragments, with parameter sets in band alone', () => {
    const watch = new MediaWatch([formatWith({ encoding: 'H265' })]);
    const sets = [AUD, VPS, SPS, PPS];
    watch.send(0, Buffer.concat([hex('6001'), ...sets.flatMap((unit) => [size(unit), unit])]), { timestamp: 0 });
    const key = slice(19, { length: 5_000 });
    const payloads = picturePayloads('h265', [key]);
    for (const { head, body, isLast } of payloads)
      watch.send(0, Buffer.concat([Buffer.from(head), body]), { timestamp: 0, isMarked: isLast });
    watch.send(0, slice(1), { timestamp: 3_600 });
    watch.send(0, slice(1, { isFirst: false }), { timestamp: 3_600 });
    watch.send(0, SUFFIX_SEI, { timestamp: 3_600 });
    watch.send(0, slice(1), { timestamp: 7_200 });
    expect(watch.of('picture-setup').map(({ setup }) => setup)).toEqual([
      { codec: 'h265', parameterSets: [VPS, SPS, PPS], lengthBytes: 4 },
    ]);
    expect(shown(watch)).toEqual([hexes(key), hexes(slice(1), slice(1, { isFirst: false }), SUFFIX_SEI)]);
    expect(watch.of('picture').map(({ isKey }) => isKey)).toEqual([true, false]);
  });

  it('come out with the parameter sets of the description', () => {
    const watch = new MediaWatch([withSets()]);
    for (const at of [0, 1, 2]) watch.send(0, slice(at === 0 ? 19 : 1), { timestamp: at * 3_600, isMarked: true });
    expect(watch.units.map(({ kind }) => kind)).toEqual(['picture-setup', 'picture', 'picture', 'picture']);
  });

  it('come out of packets with decoding order numbers', () => {
    const watch = new MediaWatch([withSets({ 'sprop-max-don-diff': '1' })]);
    const order = hex('0001');
    const [key, other] = [slice(19, { length: 100 }), slice(1)];
    // A fragment each: the order number stands in the first one alone.
    const head = hex('6201');
    watch.send(0, Buffer.concat([head, hex('93'), order, key.subarray(2, 50)]), { timestamp: 0 });
    watch.send(0, Buffer.concat([head, hex('53'), key.subarray(50)]), { timestamp: 0, isMarked: true });
    // A single unit, and an aggregate, whose second unit has one byte of difference in front.
    watch.send(0, Buffer.concat([other.subarray(0, 2), order, other.subarray(2)]), {
      timestamp: 3_600,
      isMarked: true,
    });
    const second = slice(1, { isFirst: false });
    watch.send(0, Buffer.concat([hex('6001'), order, size(other), other, hex('00'), size(second), second]), {
      ...{ timestamp: 7_200, isMarked: true },
    });
    expect(shown(watch)).toEqual([hexes(key), hexes(other), hexes(other, second)]);
  });
});
