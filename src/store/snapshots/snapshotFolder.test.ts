import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { at, DAY, HOUR, T0 } from '../../../test/support/builders.js';
import type { Picture, PictureStore } from '../pictureStore.js';
import { SnapshotFolder, type SnapshotFolderOptions } from './snapshotFolder.js';

const KB = 1024;

describe('snapshots that are kept by day', () => {
  let folder: string;
  let clock: TurnedClock;
  let warnings: string[];
  beforeEach(() => {
    const data = mkdtempSync(path.join(tmpdir(), 'camlease-snapshots-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    folder = path.join(data, 'snapshots');
    clock = new TurnedClock();
    warnings = [];
  });

  const opened = (more: Partial<SnapshotFolderOptions> = {}): SnapshotFolder =>
    new SnapshotFolder({
      ...{ folder, keepDays: 3, maxBytes: 1024 * KB, clock, timeZone: 'UTC' },
      log: { warn: (message) => warnings.push(message) },
      ...more,
    });
  const picture = (ms: number, bytes = KB): Picture => ({ jpeg: Buffer.alloc(bytes, 7), takenAt: at(ms) });
  const files = (): string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jpg') || name.endsWith('.tmp'))
      .sort();

  it('are files of day and time, and are listed by day with the moment at which they were taken', async () => {
    const snapshots = opened();
    await snapshots.keep('gate', picture(0));
    await snapshots.keep('gate', picture(HOUR));
    await snapshots.keep('yard', picture(HOUR));
    const day = T0.toISOString().slice(0, 10);
    const [first, second] = await snapshots.ofDay('gate', day);
    expect([first?.takenAt, second?.takenAt]).toEqual([T0, at(HOUR)]);
    expect(files()).toHaveLength(3);
    expect(files()[0]).toMatch(/^gate\/\d{4}-\d\d-\d\d\/\d\d-\d\d-\d\d\.jpg$/);
    expect(await snapshots.days('gate')).toEqual([{ day, count: 2 }]);
    expect(await snapshots.days('nobody')).toEqual([]);
    expect((await snapshots.read({ cameraId: 'gate', day, time: first?.time ?? '' }))?.length).toBe(KB);
    expect(await snapshots.read({ cameraId: 'gate', day, time: '00-00-01' })).toBeNull();
  });

  it('go when their days are over, by the days of the time zone', async () => {
    const snapshots = opened({ timeZone: 'Asia/Seoul' });
    for (let day = 0; day < 5; day++) {
      await snapshots.keep('gate', picture(day * DAY));
      await clock.advance(DAY);
    }
    await snapshots.keep('yard', picture(5 * DAY));
    expect((await snapshots.days('gate')).length + (await snapshots.days('yard')).length).toBe(3);
    await clock.advance(10 * DAY);
    await snapshots.keep('yard', picture(15 * DAY));
    expect(readdirSync(folder)).toEqual(['yard']);
  });

  it('make room for newer ones, the oldest first, whichever camera they are of', async () => {
    const snapshots = opened({ maxBytes: 4 * KB });
    for (const [id, ms] of [
      ['yard', 0],
      ['gate', HOUR],
      ['yard', 2 * HOUR],
      ['gate', 3 * HOUR],
      ['gate', 4 * HOUR],
    ] as const)
      await snapshots.keep(id, picture(ms));
    const day = T0.toISOString().slice(0, 10);
    expect((await snapshots.ofDay('yard', day)).map(({ takenAt }) => takenAt)).toEqual([at(2 * HOUR)]);
    expect(files()).toHaveLength(4);
    await snapshots.keep('gate', picture(5 * HOUR, 3 * KB));
    expect(files()).toHaveLength(2);
    expect(snapshots.problem()).toBeNull();
  });

  it('that an earlier process kept count, and what it left half-written goes', async () => {
    const first = opened();
    for (let hour = 0; hour < 4; hour++) await first.keep('gate', picture(hour * HOUR));
    await first.close();
    const day = T0.toISOString().slice(0, 10);
    writeFileSync(path.join(folder, 'gate', day, '.09-00-00.tmp'), 'half');
    mkdirSync(path.join(folder, 'not a camera'));
    const second = opened({ maxBytes: 4 * KB });
    await second.keep('gate', picture(5 * HOUR));
    expect(files().filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await second.ofDay('gate', day)).map(({ takenAt }) => takenAt)).toEqual(
      [1, 2, 3, 5].map((hour) => at(hour * HOUR)),
    );
  });

  it('are whole or not there: a full disk leaves none, says so once, and is over with the next', async () => {
    let isFull = true;
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const write = async (file: string, bytes: Buffer): Promise<void> => {
      writeFileSync(file, isFull ? bytes.subarray(0, 10) : bytes);
      if (isFull) throw full;
    };
    const snapshots = opened({ write });
    await snapshots.keep('gate', picture(0));
    await snapshots.keep('gate', picture(HOUR));
    expect(snapshots.problem()).toMatch(/disk of DATA_DIR is full\. Free some space/);
    expect([files(), warnings]).toEqual([[], [snapshots.problem()]]);
    isFull = false;
    await snapshots.keep('gate', picture(2 * HOUR));
    expect([snapshots.problem(), files().length]).toEqual([null, 1]);
  });

  it('are those that the store saves, which waits for none of them and fails with none', async () => {
    const saved = new Map<string, Picture>();
    const store: PictureStore = {
      savePicture: async (id, one) => void saved.set(id, one),
      getPicture: async (id) => saved.get(id) ?? null,
      saveImage: async () => undefined,
      getImage: async () => null,
      removeImage: async () => undefined,
    };
    const snapshots = opened({ write: () => Promise.reject(new Error('broken')) });
    await snapshots.around(store).savePicture('gate', picture(0));
    await snapshots.close();
    expect([saved.size, snapshots.problem()]).toEqual([1, 'Snapshots are not kept: broken.']);
    const kept = opened();
    await kept.around(store).savePicture('gate', picture(HOUR));
    await kept.close();
    expect(files()).toHaveLength(1);
    expect(readFileSync(path.join(folder, files()[0] ?? ''))).toHaveLength(KB);
  });
});
