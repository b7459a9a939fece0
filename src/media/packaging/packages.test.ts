import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { MediaListener } from '../process/mediaProcess.js';
import { MOST_PACKAGES, Packages, type PackagesOptions } from './packages.js';

const signal = new AbortController().signal;
const URL_A = 'rtsp://127.0.0.1:9/yard';

/** A media process that keeps what is opened, and whose pictures come at once. */
function rig(isAvailable = true) {
  const opened: string[] = [];
  const closed: string[] = [];
  let listener: MediaListener = {};
  const process: PackagesOptions['process'] = {
    availability: () => ({
      available: isAvailable,
      version: null,
      problem: isAvailable ? null : 'There is no node-av.',
    }),
    listen: (given) => void (listener = given),
    openPull: async (id, source, _standIn, segmentMs) => void opened.push(`${id} ${source?.url} ${segmentMs}`),
    closePull: async (id) => void closed.push(id),
    arrived: () => Promise.resolve(),
  };
  const clock = new TurnedClock();
  const packages = new Packages({ clock, process, segmentMs: 2_000, listed: 3, onNews: () => undefined });
  const segment = (id: string): void =>
    listener.segment?.({ cameraId: `ts/${id}`, init: Buffer.alloc(0), body: Buffer.from('ts'), durationMs: 2_000 });
  return { packages, clock, opened, closed, segment, restart: () => listener.restarted?.() };
}

describe('packages of HLS', () => {
  it('are made once for all who ask, wait for the first segment, and follow the address', async () => {
    const { packages, opened, segment, restart } = rig();
    const asked = [packages.playlist('yard', URL_A, signal), packages.playlist('yard', URL_A, signal)];
    segment('hall');
    segment('yard');
    for (const playlist of await Promise.all(asked)) expect(playlist).toMatch(/segment_\d+\.ts/);
    expect(opened).toEqual([`ts/yard ${URL_A} 2000`]);
    await packages.playlist('yard', 'rtsp://127.0.0.1:9/other', signal);
    restart();
    expect(opened.slice(1)).toEqual(Array(2).fill('ts/yard rtsp://127.0.0.1:9/other 2000'));
  });

  it('end when nobody asks for them for half a minute', async () => {
    const { packages, clock, closed, segment } = rig();
    const asked = packages.playlist('yard', URL_A, signal);
    segment('yard');
    await asked;
    await clock.advance(20_000);
    await packages.playlist('yard', URL_A, signal);
    await clock.advance(25_000);
    expect(closed).toEqual([]);
    await clock.advance(15_000);
    expect(closed).toEqual(['ts/yard']);
  });

  it('say so where a camera sends no key frame, where there is no node-av, and where there are too many', async () => {
    const { packages, clock } = rig();
    const asked = packages.playlist('yard', URL_A, signal);
    const refused = expect(asked).rejects.toMatchObject({ code: 'CAMERA_NOT_LIVE' });
    await clock.advance(16_000);
    await refused;
    await expect(rig(false).packages.playlist('yard', URL_A, signal)).rejects.toMatchObject({ code: 'ENGINE_MISSING' });

    const many = rig().packages;
    const leaving = new AbortController();
    const all = Array.from({ length: MOST_PACKAGES }, (_, at) => many.playlist(`cam${at}`, URL_A, leaving.signal));
    await expect(many.playlist('one-more', URL_A, signal)).rejects.toMatchObject({ code: 'RELAY_BUSY' });
    leaving.abort(new Error('left'));
    for (const { status } of await Promise.allSettled(all)) expect(status).toBe('rejected');
  });
});
