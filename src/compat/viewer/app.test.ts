import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeMachine } from '../../../test/support/compat/fakeMachine.js';
import { aUrlCamera, at, T0 } from '../../../test/support/builders.js';
import { send, type Reply, type Sent } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import type { Camera, UrlSource } from '../../core/camera/camera.js';
import { CameraError } from '../../core/errors.js';
import type { NotOpened, Opened } from '../../core/streams/opening.js';
import { UrlCameras, type UrlCamerasDeps } from '../../jobs/sources/urlCameras.js';
import type { HttpDeps } from '../../http/route/deps.js';
import type { MediaProcess } from '../../media/process/mediaProcess.js';
import { createCompat } from '../compat.js';
import { viewerApp } from './app.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const GATE = 'rtsp://admin:geheim99@10.0.0.9/Streaming/Channels/101?key=geheim99';
const OPENED: Opened = {
  tracks: { video: { codec: 'H264', width: 640, height: 360 }, audio: null },
  keyFrame: Buffer.alloc(0),
};
const PAGE = 'http://localhost:3000';

interface Rig {
  readonly house: FakeHouse;
  readonly port: number;
  /** What each proof saw; the next thumbnail shows it. */
  picture: Buffer | CameraError;
  readonly proven: string[];
  /** The answer of each opening. */
  opens: Opened | NotOpened;
  ask(method: string, path: string, sent?: Sent): Promise<Reply>;
  /** Adds a stream as an old client does, and returns its id. */
  add(url?: string, label?: string | null): Promise<string>;
}

/** What `UrlCameras` needs of the store, in the memory of the house. */
function storeOf({ stored }: FakeHouse): UrlCamerasDeps['store'] {
  return {
    peek: (id) => stored.get(id),
    peekAll: () => stored.values(),
    create: (camera, now) => {
      const created = { ...aUrlCamera({ id: `c${stored.size}`, createdAt: now }), ...camera } as Camera;
      stored.set(created.id, created);
      return Promise.resolve(created);
    },
    update: (id, { source, failure }) => {
      const old = stored.get(id);
      if (!old || !source) return Promise.resolve(null);
      const kept = { ...old.source, ...source, revision: 2 } as UrlSource;
      const changed = { ...old, failure: failure ?? null, source: kept };
      stored.set(id, changed);
      return Promise.resolve(changed);
    },
  };
}

async function rigWith(more: Partial<Omit<HttpDeps, 'clock'>> = {}): Promise<Rig> {
  const house = fakeHouse({ allowedOrigins: [PAGE], ...more });
  const media: Partial<MediaProcess> = {
    prove: (url) => {
      rig.proven.push(url);
      if (!Buffer.isBuffer(rig.picture)) return Promise.reject(rig.picture);
      const tracks = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };
      return Promise.resolve({
        ...{ tracks, framesPerSecond: 25, moves: true, keyFrames: null },
        picture: rig.picture,
      });
    },
    thumbnail: (jpeg) => Promise.resolve(Buffer.concat([Buffer.from('small '), jpeg])),
    listen: () => undefined,
  };
  const engine = { ...house.engine, readerUrl: (id: string) => `rtsp://relay/${id}` };
  const opening = { open: (): Promise<Opened | NotOpened> => Promise.resolve(rig.opens) };
  const networks = { isAllowed: () => true };
  const sources = new UrlCameras({
    ...{ clock: house.clock, random: house.random, opening, networks },
    store: storeOf(house),
  });
  const deps = {
    ...house,
    engine,
    sources,
    media: media as MediaProcess,
    dataDir: '/nowhere',
    openMachine: fakeMachine,
  };
  const compat = createCompat(deps, { sparka: [], mtx: [], viewer: [0] }, '127.0.0.1', { viewer: viewerApp });
  onTestFinished(() => compat.close());
  const {
    viewer: [port = 0],
  } = await compat.listen();
  const rig: Rig = {
    ...{ house, port, picture: Buffer.from('one'), proven: [], opens: OPENED },
    ask: (method, path, sent) => send(port, method, path, sent),
    add: async (url = GATE, label = null) => {
      const { json } = await rig.ask('POST', '/api/streams/', { body: { url, label } });
      return (json as { id: string }).id;
    },
  };
  return rig;
}

describe('streams of the RTSP Stream Viewer', () => {
  it('are added with five keys, without the password, and listed newest first', async () => {
    const rig = await rigWith();
    const { status, json, text } = await rig.ask('POST', '/api/streams/', { body: { url: GATE, label: null } });
    expect(status).toBe(201);
    const { id } = json as { id: string };
    expect(id).toMatch(UUID);
    expect(json).toEqual({
      id,
      url: 'rtsp://10.0.0.9/Streaming/Channels/101?***',
      label: null,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as unknown,
      ws_url: `ws://127.0.0.1:${rig.port}/ws/stream?id=${id}`,
    });
    expect(text).not.toContain('geheim99');
    expect([...rig.house.stored.values()]).toMatchObject([
      { labels: ['compat:viewer'], feed: { name: 'viewer', key: id }, source: { login: { password: 'geheim99' } } },
    ]);
    await rig.house.clock.advance(1_000);
    const later = await rig.add('rtsp://10.0.0.10/a', 'Yard');
    for (const path of ['/api/streams/', '/api/streams']) {
      const listed = (await rig.ask('GET', path)).json as { id: string; label: string | null }[];
      expect(listed.map((one) => [one.id, one.label])).toEqual([
        [later, 'Yard'],
        [id, null],
      ]);
    }
    for (const path of [`/api/streams/${id}/`, `/api/streams/${id}`])
      expect((await rig.ask('GET', path)).json).toEqual(json);
  });

  it('are refused field by field, in the form of the old framework', async () => {
    const rig = await rigWith();
    const refused: readonly (readonly [unknown, string])[] = [
      [{}, 'url'],
      [{ url: 'http://x' }, 'url'],
      [{ url: null }, 'url'],
      [{ url: 7 }, 'url'],
      [{ url: ' ' }, 'url'],
      [{ url: 'rtsp://' }, 'url'],
      [{ url: `rtsp://10.0.0.9/${'a'.repeat(500)}` }, 'url'],
      [{ url: 'rtsp://10.0.0.9/\0' }, 'url'],
      [{ url: GATE, label: 'a'.repeat(101) }, 'label'],
      [{ url: GATE, label: 5 }, 'label'],
      [[], 'non_field_errors'],
    ];
    for (const [body, field] of refused) {
      const { status, json } = await rig.ask('POST', '/api/streams/', { body });
      const sentence = expect.stringMatching(/^[A-Z].*\.$/) as unknown;
      expect([status, json]).toMatchObject([400, { [field]: [sentence], error: sentence }]);
    }
    expect(rig.house.stored.size).toBe(0);
    rig.opens = { reason: 'login', code: null };
    const { status, json } = await rig.ask('POST', '/api/streams/', { body: { url: GATE } });
    const words = /^Invalid RTSP URL or stream not accessible: .* Correct user and password\./;
    expect([status, json]).toEqual([400, { error: expect.stringMatching(words) as unknown }]);
    rig.opens = OPENED;
    await rig.add();
    expect(await rig.ask('POST', '/api/streams/', { body: { url: GATE } })).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('has this address and login already') as unknown },
    });
  });

  it('answer other types, bad JSON, large bodies, wrong methods and unknown addresses as the old framework did', async () => {
    const rig = await rigWith();
    const plain = { headers: { 'content-type': 'text/plain' }, body: 'x' };
    const broken = { headers: { 'content-type': 'application/json' }, body: '{' };
    const asked: readonly (readonly [number, string, string, Sent?])[] = [
      [415, 'POST', '/api/streams/', plain],
      [400, 'POST', '/api/streams/', broken],
      [413, 'POST', '/api/streams/', { body: { url: 'a'.repeat(1_000_000) } }],
      [405, 'DELETE', '/api/streams/'],
      [405, 'POST', '/api/health/'],
      [404, 'GET', '/api/streams/11111111-1111-4111-8111-111111111111/'],
      [404, 'GET', '/api/streams/..%2f..%00/'],
      [404, 'GET', '/admin/'],
      [403, 'POST', '/api/streams/', { headers: { origin: 'https://evil.test' }, body: { url: GATE } }],
    ];
    for (const [code, method, path, sent] of asked) {
      const { status, json } = await rig.ask(method, path, sent);
      expect([path, status, json]).toMatchObject([path, code, { detail: expect.any(String) as unknown }]);
    }
    expect(rig.house.stored.size).toBe(0);
  });

  it('are changed in a part or as a whole; a masked address that comes back changes nothing', async () => {
    const rig = await rigWith();
    const id = await rig.add();
    const { url } = (await rig.ask('GET', `/api/streams/${id}/`)).json as { url: string };
    const changed = await rig.ask('PUT', `/api/streams/${id}/`, { body: { url, label: 'Gate' } });
    expect(changed).toMatchObject({ status: 200, json: { id, url, label: 'Gate' } });
    expect(await rig.ask('PATCH', `/api/streams/${id}/`, { body: { url } })).toMatchObject({ json: { label: 'Gate' } });
    expect(await rig.ask('PATCH', `/api/streams/${id}/`, { body: { label: null } })).toMatchObject({
      json: { label: null },
    });
    expect(await rig.ask('PUT', `/api/streams/${id}/`, { body: { label: 'x' } })).toMatchObject({
      status: 400,
      json: { url: ['This field is required.'] },
    });
    const stored = [...rig.house.stored.values()];
    for (const other of ['rtsp://10.0.0.11/', 'rtsp://10.0.0.11/a?***']) {
      const { status, json } = await rig.ask('PATCH', `/api/streams/${id}/`, { body: { url: other, label: 'x' } });
      expect([status, json]).toMatchObject([400, { url: [expect.any(String)] }]);
    }
    expect([...rig.house.stored.values()]).toEqual(stored);
    expect(stored).toMatchObject([{ source: { login: { user: 'admin', password: 'geheim99' }, revision: 1 } }]);
    const moved = { url: 'rtsp://admin:neu77@10.0.0.11/a' };
    expect(await rig.ask('PATCH', `/api/streams/${id}/`, { body: moved })).toMatchObject({
      status: 200,
      json: { url: 'rtsp://10.0.0.11/a', label: null },
    });
  });

  it('are deleted, and are not known any more', async () => {
    const rig = await rigWith();
    const id = await rig.add();
    expect(await rig.ask('DELETE', `/api/streams/${id}/`)).toMatchObject({ status: 204, text: '' });
    for (const method of ['GET', 'DELETE']) expect((await rig.ask(method, `/api/streams/${id}/`)).status).toBe(404);
    expect((await rig.ask('GET', '/api/streams/')).json).toEqual([]);
    expect(rig.house.stored.size).toBe(0);
  });

  it('of others are shown while they are enabled, and neither changed nor deleted', async () => {
    const rig = await rigWith();
    const camera = aUrlCamera({ id: 'park', createdAt: T0 });
    rig.house.stored.set('park', camera);
    rig.house.stored.set('off', aUrlCamera({ id: 'off', enabled: false, createdAt: at(5) }));
    expect((await rig.ask('GET', '/api/streams/')).json).toMatchObject([{ id: 'park', label: camera.name }]);
    expect((await rig.ask('GET', '/api/streams/off/')).status).toBe(404);
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const sent = method === 'DELETE' ? {} : { body: { url: GATE } };
      expect(await rig.ask(method, '/api/streams/park/', sent)).toMatchObject({
        status: 403,
        json: { detail: expect.stringContaining('page of camlease') as unknown },
      });
    }
    expect(rig.house.stored.get('park')).toBe(camera);
  });

  it('may be used with cookies by the pages of ALLOWED_ORIGINS', async () => {
    const rig = await rigWith();
    const { headers } = await rig.ask('GET', '/api/streams/', { headers: { origin: PAGE } });
    expect(headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
    });
    const preflight = { origin: PAGE, 'access-control-request-method': 'DELETE' };
    expect(await rig.ask('OPTIONS', '/api/streams/x/', { headers: preflight })).toMatchObject({
      status: 204,
      headers: { 'access-control-allow-credentials': 'true' },
    });
  });
});

describe('thumbnails of the RTSP Stream Viewer', () => {
  it('are kept for five minutes, and made anew on request', async () => {
    const rig = await rigWith();
    const id = await rig.add();
    const path = `/api/streams/${id}/thumbnail/`;
    const first = await rig.ask('GET', path);
    expect(first).toMatchObject({ status: 200 });
    expect(first.json).toEqual({
      thumbnail: `data:image/jpeg;base64,${Buffer.from('small one').toString('base64')}`,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/) as unknown,
      ...{ size: { width: 320, height: 240 }, format: 'jpeg', quality: 85, stream_id: id },
    });
    await rig.house.clock.advance(299_000);
    expect((await rig.ask('GET', path)).json).toEqual(first.json);
    expect(rig.proven).toHaveLength(1);
    rig.picture = Buffer.from('two');
    const second = await rig.ask('GET', `${path}?refresh=true`);
    expect(second.json).not.toEqual(first.json);
    expect((await rig.ask('GET', path)).json).toEqual(second.json);
    await rig.house.clock.advance(300_000);
    rig.picture = Buffer.from('three');
    expect((await rig.ask('GET', path)).text).toContain(Buffer.from('small three').toString('base64'));
    rig.picture = Buffer.from('four');
    expect(await rig.ask('POST', `${path}refresh/`)).toMatchObject({
      status: 200,
      json: { message: expect.any(String) as unknown },
    });
    expect((await rig.ask('GET', path)).text).toContain(Buffer.from('small four').toString('base64'));
  });

  it('are counted, and cleared', async () => {
    const rig = await rigWith();
    const id = await rig.add();
    await rig.ask('GET', `/api/streams/${id}/thumbnail/`);
    const stats = (): Promise<Reply> => rig.ask('GET', '/api/thumbnails/cache/stats/');
    expect((await stats()).json).toEqual({ total_cached: 1, cache_ttl: 300, cached_streams: [id] });
    expect(await rig.ask('POST', '/api/thumbnails/cache/clear/')).toMatchObject({ status: 200 });
    expect((await stats()).json).toEqual({ total_cached: 0, cache_ttl: 300, cached_streams: [] });
  });

  it('of a camera without a picture are an error, which is not kept; an unknown stream is not found', async () => {
    const rig = await rigWith();
    const id = await rig.add();
    rig.picture = new CameraError('STREAM_NO_PICTURE', 'retry', 'No picture came.', { cure: 'Wait.' });
    for (const [method, path] of [
      ['GET', `/api/streams/${id}/thumbnail/`],
      ['POST', `/api/streams/${id}/thumbnail/refresh/`],
    ] as const)
      expect(await rig.ask(method, path)).toMatchObject({
        status: 500,
        json: { error: 'Failed to generate thumbnail', detail: 'No picture came. Wait.' },
      });
    rig.picture = Buffer.from('one');
    expect((await rig.ask('GET', `/api/streams/${id}/thumbnail/`)).status).toBe(200);
    expect((await rig.ask('GET', '/api/streams/none/thumbnail/')).status).toBe(404);
  });
});

it('says that it is healthy only while it is', async () => {
  const rig = await rigWith();
  expect(await rig.ask('GET', '/api/health/')).toMatchObject({ status: 200, json: { status: 'healthy' } });
  rig.house.engineProblem = 'MediaMTX does not answer.';
  expect(await rig.ask('GET', '/api/health')).toMatchObject({ status: 503, json: { status: 'unhealthy' } });
});
