import { describe, expect, it } from 'vitest';
import { aUrlCamera } from '../../../test/support/builders.js';
import { serve, type Reply, type TestClient } from '../../../test/support/http/httpClient.js';
import { fakeHouse } from '../../../test/support/http/httpDeps.js';
import { feedCameraId } from '../../core/feeds/planFeed.js';

const IMPORT = '/api/camera/import';
const SECRET = 'geheim99';
const CSV = { 'content-type': 'text/csv; charset=utf-8' };
const TABLE = [
  'key;name;url;user;password',
  `1;Gate;rtsp://10.0.0.5/1;admin;${SECRET}`,
  '2;Yard;rtsp://10.0.0.5/new;;',
  '3;Hall;rtsp://10.0.0.5/3;;',
  `4;Shop;rtsp:/admin:${SECRET}@10.0.0.5/4;;`,
].join('\r\n');
const feed = (key: string): { name: string; key: string } => ({ name: 'import', key });
const plan = (client: TestClient, body: unknown, headers = {}): Promise<Reply> =>
  client.send('POST', `${IMPORT}?plan=true`, { body, headers });

describe('an import', () => {
  it('planned says row by row what would happen, and writes nothing', async () => {
    const house = fakeHouse();
    for (const key of ['2', '3']) {
      const own = { id: feedCameraId(feed(key)), name: key === '2' ? 'Yard' : 'Hall', feed: feed(key) };
      house.stored.set(own.id, aUrlCamera({ ...own, source: { url: `rtsp://10.0.0.5/${key}`, login: null } }));
    }
    const { status, json, text } = await plan(await serve(house), TABLE, CSV);
    expect({ status, json }).toEqual({
      status: 200,
      json: {
        success: true,
        summary: { create: 1, change: 1, none: 1, refuse: 1 },
        rows: [
          { place: 'line 2', key: '1', action: 'create', changes: [], message: null },
          { place: 'line 3', key: '2', action: 'change', changes: ['url'], message: null },
          { place: 'line 4', key: '3', action: 'none', changes: [], message: null },
          {
            ...{ place: 'line 5', key: '4', action: 'refuse', changes: [] },
            message: expect.stringMatching(/^Line 5, "4", has an address that cannot be taken: /) as string,
          },
        ],
      },
    });
    expect(text).not.toContain(SECRET);
    expect(house.imported).toEqual([]);
  });

  it('is a pass, of JSON as of a table', async () => {
    const house = fakeHouse();
    const client = await serve(house);
    const body = { cameras: [{ name: 'Gate', url: 'rtsp://10.0.0.5/1' }, { name: 'x' }] };
    const async = { prefer: 'respond-async' };
    const reply = await client.send('POST', IMPORT, { body, headers: async });
    expect(reply).toMatchObject({ status: 202, json: { state: 'running' } });
    await client.send('POST', IMPORT, { body: TABLE, headers: { ...CSV, ...async } });
    expect(house.imported.map((rows) => rows.map(({ place, fault }) => `${place}${fault ? ' refused' : ''}`))).toEqual([
      ['entry 1', 'entry 2 refused'],
      ['line 2', 'line 3', 'line 4', 'line 5'],
    ]);
  });

  it.each([
    ['a table without names of columns', `Gate,rtsp://admin:${SECRET}@10.0.0.5/1`, CSV, 400, 'REQUEST_INVALID'],
    ['a table with a heading alone', 'name,url', CSV, 400, 'REQUEST_INVALID'],
    ['no list', { camera: [] }, {}, 400, 'REQUEST_INVALID'],
    ['another type', `<a>${SECRET}</a>`, { 'content-type': 'text/plain' }, 400, 'REQUEST_NOT_JSON'],
    [
      'a form, as a page of another site may send',
      'a=b',
      { 'content-type': 'application/x-www-form-urlencoded' },
      400,
      'REQUEST_NOT_JSON',
    ],
    ['a huge table', `name,url\n${'x'.repeat(5_000_000)}`, CSV, 413, 'REQUEST_TOO_LARGE'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const house = fakeHouse();
    const client = await serve(house);
    const reply = await client.send('POST', IMPORT, { body, headers });
    expect(reply).toMatchObject({ status, json: { error: { code } } });
    expect(reply.text).not.toContain(SECRET);
    expect(house.imported).toEqual([]);
  });
});
