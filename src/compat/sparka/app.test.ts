import { describe, expect, it } from 'vitest';
import { startSparka, PLAYLIST } from '../../../test/support/compat/sparkaRig.js';

const SECRET = 'geheim99';
const R = `rtsp://admin:${SECRET}@192.168.1.64/Streaming/Channels/101`;
const START = '/api/stream/start';
const STOP = '/api/stream/stop';

describe("SPARKA's API", () => {
  it('starts, shows, lists and stops a stream in the dialect of its document', async () => {
    const sparka = await startSparka();
    const started = await sparka.post(START, { rtsp_url: R, stream_id: 'lot-1' });
    const shown = 'rtsp://192.168.1.64/Streaming/Channels/101';
    expect([started.status, started.json]).toEqual([
      200,
      {
        ...{ success: true, message: 'Stream started successfully', status: 'active' },
        ...{ streamId: 'lot-1', stream_id: 'lot-1', cctvId: 'lot-1', streamType: 'rtsp', stream_type: 'rtsp' },
        ...{ hlsUrl: '/hls/lot-1/index.m3u8', hls_url: '/hls/lot-1/index.m3u8' },
        ...{ sourceUrl: shown, source_url: shown, rtspUrl: shown, rtsp_url: shown },
        ...{ startTime: expect.stringMatching(/^20.*Z$/) as string, start_time: expect.any(String) as string },
      },
    ]);
    expect(sparka.cameras()).toMatchObject([
      {
        ...{ name: 'SPARKA lot-1', enabled: true, labels: ['compat:sparka'] },
        ...{ feed: { name: 'sparka', key: 'lot-1' }, source: { kind: 'url' } },
      },
    ]);
    const again = await sparka.post(START, { rtsp_url: R, stream_id: 'lot-1' });
    expect([again.status, again.json]).toMatchObject([
      200,
      { success: true, streamId: 'lot-1', message: 'Stream already active' },
    ]);
    expect(again.json).not.toHaveProperty('sourceUrl');
    expect(sparka.opened).toHaveLength(1);
    const status = await sparka.get('/api/stream/status/lot-1');
    expect(status.json).toMatchObject({ success: true, status: 'active', streamId: 'lot-1', streamType: 'rtsp' });
    for (const list of ['/api/streams', '/api/stream/list'])
      expect((await sparka.get(list)).json).toMatchObject({
        ...{ success: true, count: 1 },
        streams: [{ streamId: 'lot-1', rtspUrl: shown, hlsUrl: '/hls/lot-1/index.m3u8' }],
      });
    expect((await sparka.get('/api/stream/stats')).json).toMatchObject({ activeStreams: 1, totalStreams: 1 });
    expect((await sparka.get('/health')).json).toMatchObject({
      ...{ success: true, activeStreams: 1, uptime: expect.any(Number) as number },
    });

    const stopped = await sparka.post(STOP, { stream_id: 'lot-1' });
    expect([stopped.status, stopped.json]).toMatchObject([200, { success: true }]);
    expect(sparka.cameras()).toMatchObject([{ enabled: false }]);
    expect(sparka.ended).toEqual([sparka.cameras()[0]?.id]);
    for (const reply of [await sparka.post(STOP, { streamId: 'lot-1' }), await sparka.get('/api/stream/status/lot-1')])
      expect([reply.status, reply.json]).toMatchObject([404, { error: 'Stream not found' }]);
    expect((await sparka.get('/hls/lot-1/index.m3u8')).status).toBe(404);
    // The log is written behind the answers.
    await expect.poll(() => sparka.log('lot-1').match(/\[lot-1\] (started|stopped)$/gm)).toHaveLength(2);
    expect(sparka.log('lot-1')).not.toContain(SECRET);
  });

  it('speaks the dialect of its code, where a number and a text are one id, and a start without an id gets one', async () => {
    const sparka = await startSparka();
    const first = await sparka.post(START, { sourceUrl: R, cctvId: '7', streamType: 'rtsp' });
    expect(first.json).toMatchObject({ streamId: '7', hlsUrl: '/hls/7/index.m3u8' });
    expect((await sparka.post(START, { cctvId: 7, sourceUrl: R })).json).toMatchObject({
      ...{ streamId: '7', message: 'Stream already active' },
    });
    // The same address under another id: one camera, pulled once, whose streams start and stop apart.
    const unnamed = await sparka.post(START, { rtspUrl: R });
    const { streamId } = unnamed.json as { streamId: string };
    expect(streamId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect((await sparka.get('/api/streams')).json).toMatchObject({ count: 2 });
    expect(sparka.cameras()).toHaveLength(1);
    expect((await sparka.post(STOP, { streamId: '7' })).status).toBe(200);
    expect((await sparka.get('/api/stream/status/7')).status).toBe(404);
    expect((await sparka.get(`/api/stream/status/${streamId}`)).status).toBe(200);
    expect(sparka.ended).toEqual([]);
    expect((await sparka.post(STOP, { streamId })).status).toBe(200);
    expect(sparka.cameras()).toMatchObject([{ enabled: false }]);
    // A stopped one is started again under whatever id, as the camera that it was.
    expect((await sparka.post(START, { sourceUrl: R, cctvId: 8 })).status).toBe(200);
    expect(sparka.cameras()).toMatchObject([{ enabled: true, name: 'SPARKA 8', feed: { key: '8' } }]);
    expect(sparka.opened).toHaveLength(1);
  });

  it('opens another address of a stopped id, and keeps the hidden login of the same one', async () => {
    const sparka = await startSparka();
    await sparka.post(START, { sourceUrl: R, cctvId: 7 });
    await sparka.post(STOP, { streamId: 7 });
    const { json } = await sparka.post(START, { sourceUrl: 'rtsp://192.168.1.64/Streaming/Channels/101', cctvId: 7 });
    expect(json).toMatchObject({ success: true });
    expect(sparka.cameras()).toMatchObject([{ enabled: true, source: { login: { user: 'admin' }, revision: 1 } }]);
    await sparka.post(STOP, { streamId: 7 });
    expect((await sparka.post(START, { sourceUrl: 'rtsp://192.168.1.65/other', cctvId: 7 })).status).toBe(200);
    expect(sparka.cameras()).toMatchObject([
      { source: { url: 'rtsp://192.168.1.65/other', login: null, revision: 2 } },
    ]);
  });

  it('is the same for another replica and after a restart', async () => {
    const sparka = await startSparka();
    await sparka.post(START, { sourceUrl: R, cctvId: 'a' });
    await sparka.post(START, { sourceUrl: R, cctvId: 'b' });
    const other = await sparka.another();
    expect((await other.get('/api/streams')).json).toEqual((await sparka.get('/api/streams')).json);
    expect((await other.get('/hls/b/index.m3u8')).text).toBe(PLAYLIST);
    await other.post(STOP, { streamId: 'a' });
    expect((await sparka.get('/api/stream/status/a')).status).toBe(404);
    expect((await sparka.get('/api/stream/status/b')).status).toBe(200);
  });

  it('starts one camera for starts that come at once', async () => {
    const sparka = await startSparka();
    const bodies = [1, 1, 1, 2, 3].map((cctvId) => ({ sourceUrl: R, cctvId }));
    const replies = await Promise.all(bodies.map((body) => sparka.post(START, body)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect([sparka.opened.length, sparka.cameras().length]).toEqual([1, 1]);
    expect((await sparka.get('/api/streams')).json).toMatchObject({ count: 3 });
  });

  it('says of a dead camera that it cannot be converted, and stores nothing', async () => {
    const sparka = await startSparka();
    sparka.opens = () => ({ reason: 'login', code: null });
    const dead = await sparka.post(START, { sourceUrl: R, cctvId: 7 });
    expect([dead.status, dead.json]).toMatchObject([
      500,
      { error: 'Failed to convert RTSP stream', details: expect.stringContaining('password') as string },
    ]);
    expect(sparka.cameras()).toEqual([]);
    // One that opens, and of which no HLS can be made, is switched off again.
    const other = await startSparka();
    other.packs = false;
    const dark = await other.post(START, { sourceUrl: R, cctvId: 7 });
    expect([dark.status, dark.json]).toMatchObject([500, { details: 'No picture came.' }]);
    expect(other.cameras()).toMatchObject([{ enabled: false }]);
    expect((await other.get('/api/stream/status/7')).status).toBe(404);
  });

  it('refuses what is wrong or dangerous in the old form, dials nothing and stores nothing', async () => {
    const sparka = await startSparka();
    const refused = [
      [START, {}, 400, { error: 'Stream URL is required' }],
      [START, { sourceUrl: 7 }, 400, { error: 'Stream URL is required' }],
      [STOP, {}, 400, { error: 'Stream ID is required' }],
      [STOP, { streamId: '../x' }, 404, { error: 'Stream not found' }],
      [START, { sourceUrl: 'https://x/a.m3u8' }, 400, { streamType: 'hls', sourceUrl: 'https://x/a.m3u8' }],
      [START, { sourceUrl: 'https://www.youtube.com/watch?v=1' }, 400, { streamType: 'youtube' }],
      [START, { sourceUrl: 'http://x/clip.mp4' }, 400, { streamType: 'mp4' }],
      [START, { sourceUrl: `http://x/?key=${SECRET}` }, 400, { streamType: 'http', sourceUrl: 'http://x/?***' }],
      [START, { sourceUrl: 'file:///etc/passwd' }, 400, { streamType: 'unknown' }],
      ...['../x', '../..', 'a/b', 'a\\b', 'a\0b', '.', '..', '', ' ', 'a b', 'x'.repeat(41), ['a'], {}, 1.5, true].map(
        (id) =>
          id === ''
            ? ([STOP, { streamId: id }, 400, {}] as const)
            : ([START, { rtsp_url: R, stream_id: id }, 400, {}] as const),
      ),
      ...['rtsp://127.0.0.1/x', 'rtsp://[::1]/x', 'rtsp://169.254.169.254/x', 'rtsp://a@b@127.0.0.1/'].map(
        (url) => [START, { sourceUrl: url }, 500, { error: 'Failed to convert RTSP stream' }] as const,
      ),
      ...['rtsp://2130706433/x', 'rtsp://0x7f.1/x', 'rtsp://x/a\nb', 'rtsp://'].map(
        (url) => [START, { sourceUrl: url }, 400, { error: 'Failed to convert RTSP stream' }] as const,
      ),
    ] as const;
    for (const [address, body, status, said] of refused) {
      const { status: found, json } = await sparka.post(address, body);
      const what = JSON.stringify(body);
      expect([what, found, json]).toMatchObject([what, status, { error: expect.any(String) as string, ...said }]);
    }
    expect([sparka.opened, sparka.cameras()]).toEqual([[], []]);
  });

  it('refuses what is too large, not JSON, unknown or too much in the old form', async () => {
    const sparka = await startSparka();
    const large = await sparka.post(START, { sourceUrl: R, more: 'x'.repeat(1_000_000) });
    expect([large.status, large.json]).toMatchObject([413, { error: 'The request is too large' }]);
    const broken = await sparka.post(START, '{');
    expect(broken.status).toBe(400);
    const unknown = await sparka.get('/api/nothing');
    expect([unknown.status, unknown.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
    const flood = await Promise.all(Array.from({ length: 320 }, () => sparka.post(START, {})));
    expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
    expect(flood.at(-1)?.json).toMatchObject({ error: expect.any(String) as string });
    expect(sparka.cameras()).toEqual([]);
  });
});

describe("SPARKA's HLS", () => {
  it('has its types, is for pages of any site, and is there behind the prefixes of its nginx', async () => {
    const sparka = await startSparka();
    await sparka.post('/streaming-api/api/stream/start', { sourceUrl: R, cctvId: 'lot 1'.replace(' ', ':') });
    const page = { origin: 'https://parking.example.org' };
    for (const prefix of ['', '/streaming', '/streaming-api']) {
      const playlist = await sparka.get(`${prefix}/hls/lot:1/index.m3u8`, page);
      expect([playlist.status, playlist.text]).toEqual([200, PLAYLIST]);
      expect(playlist.headers).toMatchObject({
        ...{ 'content-type': 'application/vnd.apple.mpegurl', 'access-control-allow-origin': '*' },
      });
      const segment = await sparka.get(`${prefix}/hls/lot%3A1/segment_001.ts`, page);
      expect([segment.text, segment.headers['content-type']]).toEqual(['segment', 'video/mp2t']);
    }
    for (const file of ['segment_999.ts', '..%2f..%2fetc%2fpasswd', 'index.m3u8%00'])
      expect((await sparka.get(`/hls/lot:1/${file}`)).status).toBe(404);
    expect((await sparka.get('/hls/..%2flot:1/index.m3u8')).status).toBe(404);
    // The API stays shut for pages that ALLOWED_ORIGINS does not name.
    expect((await sparka.get('/api/streams', page)).status).toBe(403);
  });

  it("is that of the engine for a camera of camlease's own, by its own id", async () => {
    const sparka = await startSparka();
    const [id] = [await sparka.post(START, { sourceUrl: R, cctvId: 7 }).then(() => sparka.cameras()[0]?.id ?? '')];
    expect((await sparka.get(`/hls/${id}/index.m3u8`)).text).toBe(PLAYLIST);
    expect((await sparka.get(`/api/stream/status/${id}`)).json).toMatchObject({ streamId: id });
    expect((await sparka.post(STOP, { streamId: id })).status).toBe(404);
  });
});
