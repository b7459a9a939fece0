import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aacPayload, opusPayload, picturePayloads, plainPayloads, type Payload } from './payloads.js';

/** A unit with the given first bytes; every other byte is its own index (modulo 251). */
const unit = (first: readonly number[], length: number): Buffer => {
  const bytes = Buffer.from(Array.from({ length }, (_, at) => at % 251));
  Buffer.from(first).copy(bytes);
  return bytes;
};

const bytesOf = ({ head, body }: Payload): Buffer => Buffer.concat([Buffer.from(head), body]);

/** Joins payloads into units as a receiver does (RFC 6184, section 5.8). */
function joinedAvc(payloads: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = [];
  for (const data of payloads) {
    const [indicator = 0, header = 0] = data;
    if ((indicator & 0x1f) !== 28) units.push(data);
    else if (header & 0x80)
      units.push(Buffer.concat([Buffer.from([(indicator & 0xe0) | (header & 0x1f)]), data.subarray(2)]));
    else units.push(Buffer.concat([units.pop() ?? Buffer.alloc(0), data.subarray(2)]));
  }
  return units;
}

/** The same for H.265 (RFC 7798, section 4.4.3). */
function joinedHevc(payloads: readonly Buffer[]): Buffer[] {
  const units: Buffer[] = [];
  for (const data of payloads) {
    const [first = 0, second = 0, header = 0] = data;
    if (((first >> 1) & 0x3f) !== 49) units.push(data);
    else if (header & 0x80)
      units.push(Buffer.concat([Buffer.from([(first & 0x81) | ((header & 0x3f) << 1), second]), data.subarray(3)]));
    else units.push(Buffer.concat([units.pop() ?? Buffer.alloc(0), data.subarray(3)]));
  }
  return units;
}

const areSame = (a: readonly Buffer[], b: readonly Buffer[]): boolean =>
  a.length === b.length && a.every((bytes, at) => b[at]?.equals(bytes) === true);

describe('pictures as RTP payloads', () => {
  it('go whole as far as a packet reaches, and the last one ends the access unit', () => {
    const units = [unit([0x67], 20), unit([0x65], 1_400)];
    expect(picturePayloads('h264', units)).toEqual([
      { head: [], body: units[0], ticks: 0, isLast: false },
      { head: [], body: units[1], ticks: 0, isLast: true },
    ]);
  });

  it('are cut beyond that, with a beginning and an end', () => {
    const parts = picturePayloads('h264', [unit([0x65], 1_401)]);
    expect(parts.map(({ head }) => Buffer.from(head).toString('hex'))).toEqual(['7c85', '7c45']);
    expect(parts.map(({ isLast }) => isLast)).toEqual([false, true]);
    const hevc = picturePayloads('h265', [unit([0x26, 0x01], 4_000)]);
    expect(hevc.map(({ head }) => Buffer.from(head).toString('hex'))).toEqual(['620193', '620113', '620153']);
  });

  it('of any sizes come out as they went in, in packets that fit', () => {
    const sizes = fc.array(fc.integer({ min: 2, max: 6_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const avc = lengths.map((length) => unit([0x41], length));
        const hevc = lengths.map((length) => unit([0x02, 0x01], length));
        const [avcParts, hevcParts] = [picturePayloads('h264', avc), picturePayloads('h265', hevc)];
        expect(areSame(joinedAvc(avcParts.map(bytesOf)), avc)).toBe(true);
        expect(areSame(joinedHevc(hevcParts.map(bytesOf)), hevc)).toBe(true);
        for (const parts of [avcParts, hevcParts]) {
          expect(Math.max(...parts.map((part) => bytesOf(part).length))).toBeLessThanOrEqual(1_400);
          expect(parts.findIndex(({ isLast }) => isLast)).toBe(parts.length - 1);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('sound as RTP payloads', () => {
  it('in AAC says its size in front', () => {
    const head = (frame: Buffer): string => Buffer.from(aacPayload(frame)?.head ?? []).toString('hex');
    expect(head(Buffer.from('2110', 'hex'))).toBe('00100010');
    expect(head(Buffer.alloc(0x1fff))).toBe('0010fff8');
  });

  it('in AAC is left out when its size cannot be said', () => {
    expect(aacPayload(Buffer.alloc(0x2000))).toBeNull();
  });

  it('in G.711 is cut by samples', () => {
    const data = unit([], 3_000);
    const parts = plainPayloads(data);
    expect(parts.map(({ ticks, body }) => [ticks, body.length])).toEqual([
      [0, 1_400],
      [1_400, 1_400],
      [2_800, 200],
    ]);
    expect(Buffer.concat(parts.map(({ body }) => body))).toEqual(data);
  });

  it('in G.711 of two channels is cut between samples', () => {
    const parts = plainPayloads(unit([], 2_804), 2);
    expect(parts.map(({ ticks, body }) => [ticks, body.length])).toEqual([
      [0, 1_400],
      [700, 1_400],
      [1_400, 4],
    ]);
  });

  it('in Opus is whole', () => {
    const packet = unit([0xf8], 1_500);
    expect(opusPayload(packet)).toEqual({ head: [], body: packet, ticks: 0, isLast: false });
  });
});
