import { describe, expect, it } from 'vitest';
import {
  AAC,
  rising,
  startStreamRig,
  target,
  told,
  Watcher,
  type StreamRig,
} from '../../../test/support/relay/streamRig.js';
import { silenceOf, type SilentPiece } from './silence.js';
import { SoundRow } from './soundRow.js';
import type { SoundSetup } from '../units/sound.js';

const UNIT_MS = 64;
const DATA = Buffer.from([0x21]);

const pieceOf = (setup: SoundSetup): SilentPiece => {
  const piece = silenceOf(setup);
  if (piece === null) throw new Error('silence of this format cannot be made');
  return piece;
};

/** The time of each unit whose time on the timeline is in `wanted`; null: left out. Times of silence are in a list before the unit. */
function row(wanted: readonly number[], setup = AAC, data = DATA): (number | null | readonly number[])[] {
  const one = new SoundRow();
  return wanted.flatMap((ms) => {
    const { silence, timeMs } = one.place(ms, data, setup, pieceOf(setup));
    return silence.length > 0 ? [silence, timeMs] : [timeMs];
  });
}

describe('a row of sound', () => {
  it('counts samples and lets unsteady time stamps be', () => {
    expect(row([10, 94, 118, 212, 226, 330, 404])).toEqual([10, 74, 138, 202, 266, 330, 394]);
    const cd = { ...AAC, sampleRate: 44_100, config: Buffer.from('1208', 'hex') };
    const times = row(
      Array.from({ length: 1_000 }, (_, at) => Math.round(at * 23.22)),
      cd,
    );
    expect(times[999]).toBeCloseTo((999 * 1_024_000) / 44_100, 6);
  });

  it('fills a gap with whole units at once', () => {
    expect(row([0, 64, 428, 492])).toEqual([0, 64, [128, 192, 256, 320, 384], 448, 512]);
  });

  it('follows a timeline that moved by a unit of silence, or by a unit that is left out', () => {
    expect(row([0, 104, 168, 232, 296, 360])).toEqual([0, 64, 128, 192, [256], 320, 384]);
    expect(row([0, 24, 88, 152, 216, 280])).toEqual([0, 64, 128, 192, null, 256]);
  });

  it('begins anew behind a gap that is too long to be filled', () => {
    expect(row([0, 20_000, 20_064])).toEqual([0, 20_000, 20_064]);
  });

  it('of G.711 counts its bytes', () => {
    const plain: SoundSetup = { codec: 'pcma', sampleRate: 8_000, channels: 1, config: null };
    const rows = row([0, 43, 80, 121, 460], plain, Buffer.alloc(320));
    expect(rows).toEqual([0, 40, 80, 120, Array.from({ length: 15 }, (_, at) => 160 + at * 20), 460]);
  });
});

/** Two seconds of pictures each 40 ms, and of sound each 64 ms. */
async function flow(rig: StreamRig): Promise<void> {
  let heardMs = 0;
  for (let at = 1; at <= 50; at++) {
    await rig.flow(rig.last(), 1);
    for (; heardMs + UNIT_MS <= at * 40; heardMs += UNIT_MS) rig.last().sound(AAC, heardMs - at * 40);
  }
}

async function begin(rig: StreamRig): Promise<void> {
  rig.last().setUp();
  rig.last().picture(true);
  await flow(rig);
}

/** The steps between units of sound, and the time of the last unit. */
function seen(watcher: Watcher): { readonly seams: ReadonlySet<number>; readonly lastMs: number } {
  const times = watcher.frames.flatMap((frame) => (frame.kind === 'sound' ? [frame.timeMs] : []));
  const seams = new Set(times.slice(1).map((ms, at) => ms - (times[at] ?? 0)));
  return { seams, lastMs: times.at(-1) ?? 0 };
}

describe('the sound of a stream', () => {
  it('is one row over ten renewals and ten cuts, within half a unit of its pictures', async () => {
    const rig = startStreamRig();
    rig.stream.setCamera(told(target(1, { tracks: null })));
    const watcher = new Watcher(rig.stream).play();
    await begin(rig);
    for (let at = 2; at <= 11; at++) {
      rig.stream.setCamera(told(target(at, { tracks: null })));
      const [before, next] = rig.pulls.slice(-2);
      if (!before || !next) throw new Error('the next target is not pulled');
      next.setUp();
      next.picture(true);
      for (let picture = 0; picture < 5 + at; picture++) {
        await rig.flow(next, 1);
        if (!before.isStopped) before.picture(false);
      }
      expect(before.isStopped).toBe(true);
      await flow(rig);
    }
    for (let at = 1; at <= 10; at++) {
      rig.last().end();
      await rig.clock.advance(400 + at * 130);
      if (rig.running().length === 0) await rig.clock.advance(1_500);
      await begin(rig);
    }
    expect([...seen(watcher).seams]).toEqual([UNIT_MS]);
    expect([rising(watcher), watcher.isEnded]).toEqual([true, false]);
    const pictureMs = watcher.frames.findLast((frame) => frame.kind === 'picture')?.presentMs ?? Number.NaN;
    // The last unit of the source was 2,000 - 1,984 + 64 ms before its last picture.
    expect(Math.abs(seen(watcher).lastMs - (pictureMs - 80))).toBeLessThanOrEqual(UNIT_MS / 2 + 1);
  });
});
