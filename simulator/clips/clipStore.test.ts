import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../src/systemClock.js';
import { TurnedClock } from '../clock/turnedClock.js';
import { flvFrame, flvSequenceHeader, splitAnnexB } from './annexB.js';
import type { Clip, PictureSpec } from './clip.js';
import { ClipStore } from './clipStore.js';
import { cameraPicture, errorPicture } from './testPicture.js';
import { beeps } from './testSound.js';

test('an H.264 byte stream becomes FLV tags', () => {
  const sps = [0x67, 0x42, 0xc0, 0x16, 9];
  const pps = [0x68, 0xce];
  const idr = [0x65, 1, 2, 3];
  const units = splitAnnexB(Buffer.from([0, 0, 0, 1, ...sps, 0, 0, 1, ...pps, 0, 0, 0, 1, ...idr]));
  expect(units.map((unit) => [...unit])).toEqual([sps, pps, idr]);
  const record = [1, 0x42, 0xc0, 0x16, 0xff, 0xe1, 0, 5, ...sps, 1, 0, 2, ...pps];
  expect(flvSequenceHeader(units)).toEqual(Buffer.from([0x17, 0, 0, 0, 0, ...record]));
  expect(flvFrame(units)).toEqual(Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 0, 4, ...idr]));
  expect(flvFrame([Buffer.from([0x41, 5])])).toEqual(Buffer.from([0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 5]));
  expect(flvSequenceHeader([Buffer.from(idr)])).toBeNull();
});

test('a key frame interval that does not fit into a minute is refused', () => {
  expect(() => cameraPicture('a', 'A', 7)).toThrow(/does not fit/);
});

const hasNodeAv = canLoad('node-av/lib');
if (!hasNodeAv) process.stderr.write('node-av is not installed: the tests of test pictures are left out\n');

describe.skipIf(!hasNodeAv)('clips', () => {
  const stores: ClipStore[] = [];
  const aStore = (options: Partial<ConstructorParameters<typeof ClipStore>[0]> = {}): ClipStore => {
    const store = new ClipStore({ clock: systemClock, ...options });
    stores.push(store);
    return store;
  };
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.stop()));
  });

  test('a minute of picture has a key frame each second, and shows the same at the same second wherever it began', async () => {
    const store = aStore();
    const early = store.get('early', cameraPicture('SIM01', 'Gate'), 0);
    const late = store.get('late', cameraPicture('SIM01', 'Gate'), 3_600 + 37);
    await Promise.all([whole(early), whole(late)]);
    expect(early.frameCount).toBe(900);
    for (let number = 0; number < 900; number++) {
      expect(early.frame(number)?.[0]).toBe(number % 15 === 0 ? 0x17 : 0x27);
    }
    expect(early.header?.subarray(0, 5)).toEqual(Buffer.from([0x17, 0, 0, 0, 0]));
    const sizes = (clip: Clip): number[] =>
      Array.from({ length: 60 }, (_, second) => clip.frame(second * 15)?.length ?? 0).filter(
        (_, second) => ![0, 6, 37, 43].includes(second), // the first frame of each piece also holds the encoder's name
      );
    const differences = (left: number[], right: number[]): number[] =>
      left.map((size, i) => Math.abs(size - (right[i] ?? 0)));
    const [ours, theirs] = [sizes(early), sizes(late)];
    // Equal but for rounding: the block may be drawn one pixel further.
    expect(Math.max(...differences(ours, theirs))).toBeLessThan(25);
    expect(Math.max(...differences(ours, [...theirs.slice(1), theirs[0] ?? 0]))).toBeGreaterThan(50);
  });

  test('a look of two seconds costs six of encoding, and who plays on has the whole minute', async () => {
    const store = aStore();
    const clip = store.get('a', cameraPicture('1', 'A'), 58);
    await until(() => store.isIdle);
    // Reading a frame counts as playing, so only frames far from the end of a piece are read here.
    const isThere = (second: number): boolean => clip.frame(second * 15) !== undefined;
    expect([58, 59, 0].map(isThere)).toEqual([true, true, true]);
    expect(isThere(30)).toBe(false);
    await until(() => isThere(30));
    await until(() => store.isIdle);
    expect(isThere(45)).toBe(false);
    await until(() => store.isIdle);
    // Reading second 1 comes close enough to the end of the piece that all the rest is requested, up to what is already encoded.
    expect(isThere(1)).toBe(true);
    await until(() => store.isIdle);
    expect([4, 12, 20, 29].map(isThere)).toEqual([true, true, true, true]);
  });

  test('cameras differ, and the small picture is smaller', async () => {
    const store = aStore();
    const specs: PictureSpec[] = [cameraPicture('1', 'A'), cameraPicture('2', 'A'), cameraPicture('1/sub', 'A')];
    expect(new Set(specs.map(({ graph }) => graph(0))).size).toBe(3);
    expect(specs.map(({ width, height }) => `${width}x${height}`)).toEqual(['640x360', '640x360', '320x180']);
    await Promise.all(specs.map((spec, i) => store.get(`${i}`, spec, 0).ready));
  });

  test.each(['Car park: "A"', "O'Brien, [1]; 50% \\ %{n} ${x}", '정문 카메라', '', ' \n '])(
    'a camera may be named %j',
    async (name) => {
      await aStore().get('named', cameraPicture('5', name, 6), 0).ready;
    },
  );

  test('two minutes of sound beep at each full second, wherever they began', async () => {
    const store = aStore();
    const [early, late] = [store.get('early', beeps(), 0), store.get('late', beeps(), 3_600 + 77)];
    await Promise.all([whole(early), whole(late)]);
    expect(early.header).toEqual(Buffer.from([0xaf, 0, 0x14, 0x08]));
    for (const clip of [early, late]) {
      expect(clip.frameCount).toBe(1_875);
      for (let number = 0; number < clip.frameCount; number++) {
        const beganMs = (number * 64) % 1000;
        const bytes = clip.frame(number)?.length ?? 0;
        if (beganMs < 130) expect(bytes, `block ${number}`).toBeGreaterThan(40);
        else if (beganMs > 330 && beganMs < 870) expect(bytes, `block ${number}`).toBeLessThan(40);
      }
    }
  });

  test('a picture in H.265 has its parameter sets in the header, and a key frame where one is asked for', async () => {
    const clip = aStore().get('h265', { ...cameraPicture('1', 'A', 4), codec: 'h265' }, 0);
    await whole(clip);
    expect(clip.header?.toString('latin1', 0, 5)).toBe('\x90hvc1');
    // Version 1, Main profile, level 3 or below for 640x360.
    expect([...(clip.header?.subarray(5, 7) ?? [])]).toEqual([1, 1]);
    expect(clip.header?.[17]).toBeLessThanOrEqual(90);
    for (let number = 0; number < 900; number++) {
      expect(clip.frame(number)?.toString('latin1', 0, 5)).toBe(number % 60 === 0 ? '\x93hvc1' : '\xa3hvc1');
    }
  });

  test('a picture with B-frames begins each group with its key frame, and each picture is shown in its turn', async () => {
    const clip = aStore().get('b', { ...cameraPicture('1', 'A', 4), bFrames: 2 }, 0);
    await whole(clip);
    const shown: number[] = [];
    for (let number = 0; number < 900; number++) {
      const body = clip.frame(number);
      expect(body?.[0]).toBe(number % 60 === 0 ? 0x17 : 0x27);
      shown.push(Math.round((number * 1000) / 15) + (body?.readUIntBE(2, 3) ?? 0));
    }
    expect(shown.some((atMs, i) => atMs < (shown[i - 1] ?? 0))).toBe(true);
    const inTurn = [...shown].sort((a, b) => a - b);
    const steps = inTurn.slice(1).map((atMs, i) => atMs - (inTurn[i] ?? 0));
    expect([Math.min(...steps) >= 65, Math.max(...steps) <= 69]).toEqual([true, true]);
  });

  test('a clip is encoded once, and the longest unused one is forgotten', async () => {
    const store = aStore({ maxClips: 2 });
    const [first, second] = [store.get('a', errorPicture(), 0), store.get('b', errorPicture(), 0)];
    expect(store.get('a', errorPicture(), 0)).toBe(first);
    store.get('c', errorPicture(), 0);
    expect(store.size).toBe(2);
    expect(store.get('a', errorPicture(), 0)).toBe(first);
    expect(store.get('b', errorPicture(), 0)).not.toBe(second);
    await second.ready;
  });

  test('the encoder ends when it has nothing to do, and comes back for the next clip', async () => {
    const clock = new TurnedClock();
    const store = aStore({ clock });
    await whole(store.get('a', errorPicture(), 0));
    const pid = store.encoderPid;
    await until(() => store.isIdle);
    await clock.advance(11_000);
    await until(() => store.encoderPid === undefined);
    await store.get('b', errorPicture(), 0).ready;
    expect(store.encoderPid).not.toBe(pid);
  });

  test('an encoder that dies fails its clips, and the next play gets another one', async () => {
    const store = aStore();
    const clip = store.get('a', cameraPicture('1', 'A'), 0);
    const outcome = expect(clip.ready).rejects.toThrow(/Play again/);
    process.kill(store.encoderPid ?? 0, 'SIGKILL');
    await outcome;
    await store.get('a', cameraPicture('1', 'A'), 0).ready;
  });

  test('a picture that cannot be drawn says so', async () => {
    const clip = aStore().get('a', { ...errorPicture(), graph: () => 'nosuchfilter' }, 0);
    await expect(clip.ready).rejects.toThrow(/could not be encoded/);
  });
});

test('without node-av a play fails with a sentence that tells the cure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'camlease-clips-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(fileURLToPath(new URL('../../dist/simulator/clips', import.meta.url)), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  const encoderModule = pathToFileURL(join(folder, 'encoderProcess.js'));
  const store = new ClipStore({ clock: systemClock, encoderModule });
  await expect(store.get('a', errorPicture(), 0).ready).rejects.toThrow(/node-av.*npm ci/);
  await store.stop();
});

function whole(clip: Clip): Promise<void> {
  return clip.ready.then(() =>
    until(() => Array.from({ length: clip.frameCount }, (_, i) => clip.frame(i)).every(Boolean)),
  );
}

async function until(holds: () => boolean): Promise<void> {
  await vi.waitUntil(holds, { timeout: 20_000, interval: 20 });
}

function canLoad(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
