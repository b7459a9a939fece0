import { beforeEach, describe, expect, it } from 'vitest';
import { aCamera, at, DAY, HOUR, T0 } from '../../../test/support/builders.js';
import { serve, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { snapshotMoment, type KeptSnapshot } from '../../core/pictures/snapshotNames.js';
import type { SnapshotsDep } from '../route/deps.js';

const ID = '0123456789abcdef01234567';
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);

/** Snapshots of two days: two of the first, one of the second. */
const KEPT: readonly KeptSnapshot[] = [at(0), at(HOUR), at(2 * DAY)].map((takenAt) => ({
  ...{ cameraId: ID, takenAt, bytes: JPEG.length },
  ...snapshotMoment(takenAt),
}));
const [FIRST_DAY = '', LAST_DAY = ''] = [KEPT[0]?.day, KEPT[2]?.day];

const kept: SnapshotsDep = {
  days: async (id) =>
    id === ID
      ? [
          { day: LAST_DAY, count: 1 },
          { day: FIRST_DAY, count: 2 },
        ]
      : [],
  ofDay: async (id, day) => KEPT.filter((one) => one.cameraId === id && one.day === day),
  read: async ({ cameraId, day, time }) =>
    KEPT.some((one) => one.cameraId === cameraId && one.day === day && one.time === time) ? JPEG : null,
  problem: () => 'Snapshots are not kept: the disk of DATA_DIR is full.',
};

describe('snapshots that are kept by day', () => {
  let client: TestClient;
  beforeEach(async () => {
    const house = fakeHouse({ snapshots: kept });
    house.stored.set(ID, aCamera({ id: ID }));
    client = await serve(house);
  });

  const json = async (path: string): Promise<unknown> => (await client.send('GET', path)).json;

  it('are listed by day, and each is read at its address', async () => {
    const ofDay = await json(`/api/camera/${ID}/snapshots?day=${FIRST_DAY}`);
    expect(ofDay).toMatchObject({
      day: FIRST_DAY,
      days: [
        { day: LAST_DAY, count: 1 },
        { day: FIRST_DAY, count: 2 },
      ],
    });
    const { snapshots } = ofDay as { snapshots: Array<{ url: string; takenAt: string }> };
    expect(snapshots.map(({ takenAt }) => takenAt)).toEqual([T0.toISOString(), at(HOUR).toISOString()]);
    expect(await json(`/api/camera/${ID}/snapshots`)).toMatchObject({ day: LAST_DAY, snapshots: [{}] });
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    const { status, body, headers: replied } = await client.send('GET', snapshots[0]?.url ?? '', { headers });
    expect([status, body.equals(JPEG), replied['content-type']]).toEqual([200, true, 'image/jpeg']);
  });

  it.each([
    ['all', '', [2, 1, 0]],
    ['those of a day', `?date=${FIRST_DAY}`, [1, 0]],
    ['those between days', `?from=${FIRST_DAY}&to=${FIRST_DAY}`, [1, 0]],
    ['those from a moment on', `?from=${at(HOUR).toISOString()}`, [2, 1]],
    ['those up to a moment', `?to=${T0.toISOString()}`, [0]],
  ])('%s are a bare list, newest first, for clients of the Hikvision guide', async (_name, query, wanted) => {
    const moments = wanted.map((index) => KEPT[index]?.takenAt.toISOString());
    for (const path of [`/api/snapshots/camera/${ID}${query}`, `/api/snapshots/${ID}${query}`]) {
      const list = (await json(path)) as Array<{ createdAt: string; url: string; _id: string; cameraId: string }>;
      expect(list.map(({ createdAt }) => createdAt)).toEqual(moments);
      for (const { url, _id, cameraId } of list) {
        expect([_id, cameraId]).toEqual([expect.stringMatching(/^[0-9a-f]{24}$/), ID]);
        expect(url).toMatch(new RegExp(`^/images/${ID}/\\d{14}\\.jpg$`));
        expect((await client.send('GET', url)).status).toBe(200);
      }
    }
  });

  it('have days and a latest one for clients of the Hikvision guide', async () => {
    expect(await json(`/api/snapshots/camera/${ID}/dates`)).toEqual({
      success: true,
      cameraId: ID,
      dates: [
        { date: LAST_DAY, count: 1 },
        { date: FIRST_DAY, count: 2 },
      ],
    });
    const { image } = (await json(`/api/snapshots/latest/${ID}`)) as { image: { url: string; filename: string } };
    expect(image).toMatchObject({ cameraId: ID, filename: image.url.split('/').at(-1) });
    expect((await client.send('GET', image.url)).body.equals(JPEG)).toBe(true);
  });

  it.each([
    [`/api/snapshots/camera/${ID}?date=yesterday`, 400],
    [`/api/snapshots/camera/${ID}?from=2026-13-45`, 400],
    [`/api/camera/${ID}/snapshots?day=..%2f..`, 400],
    ['/api/snapshots/camera/nobody', 404],
    ['/api/snapshots/latest/nobody', 404],
    [`/images/${ID}/20200101000000.jpg`, 404],
    [`/images/${ID}/passwd`, 404],
    ['/images/nobody/20200101000000.jpg', 404],
    [`/images/${ID}/..%2fgate`, 400],
  ])('%s is answered %s with a message', async (path, status) => {
    const reply = await client.send('GET', path);
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({ success: false, message: expect.stringMatching(/\S/) as string });
  });

  it('that cannot be kept are a problem of /ready, which is ready all the same', async () => {
    const { status, json: told } = await client.send('GET', '/ready');
    const { parts } = told as { parts: Record<string, { ready: boolean; problem: string | null }> };
    expect([status, parts['snapshots']]).toEqual([200, { ready: false, problem: kept.problem() }]);
  });

  it('are none while the settings keep none', async () => {
    const house = fakeHouse();
    house.stored.set(ID, aCamera({ id: ID }));
    client = await serve(house);
    expect(await json(`/api/camera/${ID}/snapshots`)).toEqual({ success: true, day: null, snapshots: [], days: [] });
    expect(await json(`/api/snapshots/camera/${ID}`)).toEqual([]);
    expect((await client.send('GET', `/api/snapshots/latest/${ID}`)).status).toBe(404);
    expect((await json('/ready')) as { parts: object }).not.toHaveProperty('parts.snapshots');
  });
});
