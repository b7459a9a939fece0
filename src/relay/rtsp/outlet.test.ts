import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outlet, type PacketGroup } from './outlet.js';

/** A socket that stops taking bytes while `isStuck` is true. */
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

  /** The last byte of each group. */
  get marks(): number[] {
    return this.taken.map((bytes) => bytes.at(-1) ?? 0);
  }
}

const group = (kind: PacketGroup['kind'], mark: number, bytes = 10, count = 1): PacketGroup => ({
  bytes: Buffer.alloc(bytes * count, mark),
  packets: count,
  kind,
});
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('an outlet', () => {
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
    expect(outlet.send(group('key', 1, 1_400, 1_500))).toBe(true);
    expect(outlet.send(group('picture', 2, 1_400, 1_500))).toBe(false);
    expect(outlet.lost).toBe(1_500);
  });

  it('fills the same memory again where it was written out at once', () => {
    const outlet = new Outlet(new StuckReader());
    const first = outlet.memoryFor(5_000);
    outlet.send({ bytes: first, packets: 1, kind: 'key' });
    expect(outlet.memoryFor(9_000).buffer).toBe(first.buffer);
  });

  it('never fills memory again that waits for a reader', async () => {
    const [slow, quick] = [new StuckReader(), new StuckReader()];
    slow.isStuck = true;
    const outlets = [new Outlet(slow), new Outlet(slow), new Outlet(quick), new Outlet(slow)];
    for (const [at, outlet] of outlets.entries()) {
      const bytes = outlet.memoryFor(200_000).fill(at + 1);
      outlet.send({ bytes, packets: 1, kind: 'key' });
    }
    slow.go();
    await settled();
    expect(slow.taken.map((bytes) => [bytes.length, ...new Set(bytes)])).toEqual(
      [1, 2, 4].map((mark) => [200_000, mark]),
    );
  });

  it('sends nothing into a closed connection', () => {
    const reader = new StuckReader();
    reader.destroy();
    expect(new Outlet(reader).send(group('key', 1))).toBe(false);
    expect(reader.taken).toEqual([]);
  });
});
