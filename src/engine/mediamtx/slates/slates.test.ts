import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { silentLog } from '../../../../test/support/engine/mediamtxEngine.js';
import type { StreamTracks } from '../../../core/camera/tracks.js';
import type { SlateSpec } from '../../../core/streams/slateSpec.js';
import { Slates } from './slates.js';

const mp4 = (text: string): Buffer => Buffer.from(`\0\0\0\x10ftyp${text}`);
const quiet: StreamTracks = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };
const loud: StreamTracks = { ...quiet, audio: { codec: 'AAC', sampleRate: 16_000, channels: 1 } };

async function make(
  maker: ((spec: SlateSpec) => Promise<Buffer>) | null = async (spec) => mp4(spec.label),
): Promise<{ slates: Slates; folder: string; asked: SlateSpec[]; clock: TurnedClock }> {
  const parent = await mkdtemp(join(tmpdir(), 'camlease-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, 'slates');
  const asked: SlateSpec[] = [];
  const clock = new TurnedClock(new Date(2026, 10, 21, 12, 3));
  const counted =
    maker &&
    (async (spec: SlateSpec) => {
      asked.push(spec);
      return maker(spec);
    });
  return { slates: new Slates({ folder, make: counted, clock, log: silentLog }), folder, asked, clock };
}

const named = (slates: Slates, cameraId: string, tracks: StreamTracks): string =>
  slates.fileFor(cameraId, tracks) ?? '';

test('a slate shows the picture and when it was seen, in a file that names camera and tracks', async () => {
  const { slates, asked } = await make();
  const jpeg = Buffer.from('jpeg');
  expect(await slates.make('gate/one', loud, { jpeg, framesPerSecond: 12.4 })).toBe(true);
  expect(asked).toEqual([
    {
      jpeg,
      width: 640,
      height: 360,
      framesPerSecond: 12,
      audio: loud.audio,
      label: expect.stringMatching(/^NO LIVE PICTURE - PICTURE OF 2026-11-21 12:03 UTC([+-]\d\d:\d\d)?$/) as string,
    },
  ]);
  const file = named(slates, 'gate/one', loud);
  expect(file).toBe(join(slates.folder, 'gate%2Fone.h264-aac-16000-1.mp4'));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(slates.fileFor('gate/one', quiet)).toBeNull();
});

test('one without a picture is made once for all cameras, and never over one with a picture', async () => {
  const { slates, asked } = await make();
  await Promise.all(['a', 'b', 'c'].map((id) => slates.make(id, quiet, null)));
  expect(asked).toHaveLength(1);
  await slates.make('a', quiet, { jpeg: Buffer.from('x'), framesPerSecond: null });
  await slates.make('a', quiet, null);
  expect(await readFile(named(slates, 'a', quiet), 'latin1')).toContain('PICTURE OF');
});

test('what is no MP4, and tracks that no slate can hold, give none', async () => {
  const { slates } = await make(async () => Buffer.from('nonsense'));
  expect(await slates.make('gate', quiet, null)).toBe(false);
  const { slates: others } = await make();
  const g711 = { ...quiet, audio: { codec: 'PCMA', sampleRate: 8_000, channels: 1 } };
  expect(await others.make('gate', g711, null)).toBe(false);
  expect(await others.make('gate', { ...quiet, video: { ...quiet.video, codec: 'H265' } }, null)).toBe(false);
});

test('a named slate that was removed is made anew with the same tracks; without a maker that is an error with a cure', async () => {
  const { slates, folder, asked } = await make();
  await slates.make('gate', loud, { jpeg: Buffer.from('x'), framesPerSecond: 15 });
  const file = named(slates, 'gate', loud);
  await rm(folder, { recursive: true });
  await slates.ensure([file]);
  expect(await readdir(folder)).toEqual(['gate.h264-aac-16000-1.mp4']);
  expect(asked.at(-1)).toMatchObject({ jpeg: null, audio: loud.audio });
  const none = await make(null);
  await expect(none.slates.ensure([join(none.slates.folder, 'gate.h264.mp4')])).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    cure: expect.stringContaining('node-av') as string,
  });
  await none.slates.ensure(['/somewhere/of/the/operator.mp4']);
});

test('slates that nobody names are removed after a while, not at once', async () => {
  const { slates, folder, clock } = await make();
  for (const id of ['named', 'wanted', 'gone']) await slates.make(id, quiet, null);
  const sweep = (): Promise<void> => slates.sweep([named(slates, 'named', quiet)], (id) => id === 'wanted');
  await sweep();
  await clock.advance(9_000);
  await sweep();
  expect(await readdir(folder)).toHaveLength(3);
  await clock.advance(2_000);
  await sweep();
  expect((await readdir(folder)).sort()).toEqual(['named.h264.mp4', 'wanted.h264.mp4']);
});

test('slates of an earlier life are known again', async () => {
  const { slates, folder } = await make();
  await slates.make('gate', quiet, null);
  const later = new Slates({ folder, make: null, clock: new TurnedClock(new Date()), log: silentLog });
  expect(later.fileFor('gate', quiet)).toBeNull();
  await later.refresh();
  expect(later.fileFor('gate', quiet)).not.toBeNull();
  expect(later.anyFor('gate')).toBe(later.fileFor('gate', quiet));
  expect(later.anyFor('gat')).toBeNull();
});
