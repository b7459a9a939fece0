import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outlet, type PacketGroup } from './outlet.js';

/** A reader that takes nothing until it is told to. */
class StuckReader extends Writable {
  readonly taken: Buffer[] = [];
  #waiting: (() => void) | null = null;
  isStuck = false;

  constructor() {
    super({ highWaterMark: 1 });
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this.taken.push(...chunks.map(({ chunk }) => chunk));
    if (this.isStuck) this.#waiting = done;
    else done();
  }

  go(): void {
    this.isStuck = false;
    this.#waiting?.();
  }

  /** Of each group: the last byte of its packets. */
  get marks(): number[] {
    return [...new Set(this.taken.flatMap((chunk, at) => (at % 2 === 1 ? [chunk.at(-1) ?? 0] : [])))];
  }
}

const group = (kind: PacketGroup['kind'], mark: number, bytes = 10, count = 1): PacketGroup => ({
  channel: kind === 'other' ? 2 : 0,
  packets: Array.from({ length: count }, () => Buffer.alloc(bytes, mark)),
  kind,
});
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an outlet', () => {
  it('puts channel and length before each packet', () => {
    const reader = new StuckReader();
    new Outlet(reader).send({ channel: 3, packets: [Buffer.alloc(258, 1), Buffer.alloc(1, 2)], kind: 'key' });
    expect(reader.taken.map((chunk) => chunk.subarray(0, 4).toString('hex'))).toEqual([
      '24030102',
      '01010101',
      '24030001',
      '02',
    ]);
  });

  it('holds a bounded memory for a reader that takes nothing, and counts what it loses', () => {
    const reader = new StuckReader();
    reader.isStuck = true;
    const outlet = new Outlet(reader);
    const sent = Array.from({ length: 1_000 }, (_, at) =>
      outlet.send(group(at % 50 === 0 ? 'key' : 'picture', 0, 10_000)),
    );
    expect(reader.writableLength).toBeLessThan(1_020_000);
    expect(outlet.lost).toBe(sent.filter((wasSent) => !wasSent).length);
    expect(outlet.lost).toBeGreaterThan(890);
  });

  it('goes on at the next key frame, and with the sound at once', async () => {
    const reader = new StuckReader();
    const outlet = new Outlet(reader);
    reader.isStuck = true;
    outlet.send(group('key', 1, 11_000, 100));
    outlet.send(group('picture', 2));
    outlet.send(group('other', 3));
    reader.go();
    await settled();
    outlet.send(group('other', 4));
    outlet.send(group('picture', 5));
    outlet.send(group('key', 6));
    outlet.send(group('picture', 7));
    expect(reader.marks).toEqual([1, 4, 6, 7]);
    expect(outlet.lost).toBe(3);
  });

  it('does not skip pictures for the sake of lost sound', async () => {
    const reader = new StuckReader();
    const outlet = new Outlet(reader);
    reader.isStuck = true;
    outlet.send(group('key', 1, 11_000, 100));
    outlet.send(group('other', 2));
    reader.go();
    await settled();
    outlet.send(group('picture', 3));
    expect(reader.marks).toEqual([1, 3]);
  });

  it('takes a picture of many packets whole or not at all', () => {
    const reader = new StuckReader();
    reader.isStuck = true;
    const outlet = new Outlet(reader);
    const packets = Array.from({ length: 1_500 }, () => Buffer.alloc(1_400));
    expect(outlet.send({ channel: 0, packets, kind: 'key' })).toBe(true);
    expect(outlet.send({ channel: 0, packets, kind: 'picture' })).toBe(false);
    expect(outlet.lost).toBe(1_500);
  });

  it('sends nothing into a closed connection', () => {
    const reader = new StuckReader();
    reader.destroy();
    expect(new Outlet(reader).send(group('key', 1))).toBe(false);
    expect(reader.taken).toEqual([]);
  });
});
