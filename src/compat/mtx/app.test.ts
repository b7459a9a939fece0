import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fakeMachine, type FakeMachine } from '../../../test/support/compat/fakeMachine.js';
import { send, type Reply, type Sent } from '../../../test/support/http/httpClient.js';
import { fakeHouse, type FakeHouse } from '../../../test/support/http/httpDeps.js';
import { aCamera, aUrlCamera } from '../../../test/support/builders.js';
import type { Camera } from '../../core/camera/camera.js';
import type { EmbeddedMedia } from '../../engine/mediaEngine.js';
import type { MediaProcess } from '../../media/process/mediaProcess.js';
import { createCompat } from '../compat.js';
import { mtxApp, type MtxParts } from './app.js';

const OFFER = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n';
const ANSWER = 'v=0\r\na=candidate:1\r\n';
const TRACKS = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** The eleven fields of the old document. */
const ITEM = {
  ...{ uuid: '금곡IC', url: 'rtsp://10.0.0.9/ch1', status: true, on_demand: true, disable_audio: false, debug: false },
  ...{ viewer_count: 2, last_error: null, is_running: true, reconnect_count: 0 },
  last_updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown,
};

interface Rig {
  readonly house: FakeHouse;
  readonly machine: FakeMachine;
  readonly offers: string[];
  answer: { status: number; body: string };
  ask(method: string, path: string, sent?: Sent): Promise<Reply>;
  form(path: string, fields: Readonly<Record<string, string>>): Promise<Reply>;
}

const feed = (key: string): Pick<Camera, 'feed'> => ({ feed: { name: 'mtx', key } });
const atPark = { url: 'rtsp://10.0.0.9/ch1', tracks: TRACKS, openedAt: new Date(0) };

async function rigWith(cameras: readonly Camera[], media?: EmbeddedMedia): Promise<Rig> {
  const house = fakeHouse(media ? { media } : {});
  for (const camera of cameras) house.stored.set(camera.id, camera);
  const machine = fakeMachine();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-mtx-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const offers: string[] = [];
  const parts: MtxParts = {
    sendOffer: (url, offer) => {
      offers.push(`${url} ${offer}`);
      return Promise.resolve(rig.answer);
    },
  };
  const deps = {
    ...house,
    media: {} as MediaProcess,
    dataDir,
    openMachine: () => machine,
    iceServers: () => [],
  };
  const compat = createCompat(deps, { sparka: [], mtx: [0], viewer: [] }, '127.0.0.1', {
    mtx: (given) => mtxApp(given, parts),
  });
  onTestFinished(() => compat.close());
  const {
    mtx: [port = 0],
  } = await compat.listen();
  const rig: Rig = {
    ...{ house, machine, offers, answer: { status: 201, body: ANSWER } },
    ask: (method, path, sent) => send(port, method, path, sent),
    form: (path, fields) =>
      send(port, 'POST', path, {
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(fields).toString(),
      }),
  };
  return rig;
}

const PARK = aUrlCamera({ id: 'park', name: 'Car park', ...feed('금곡IC'), source: atPark });

describe('the status of streams, as clients of MTX-STREAMING read it', () => {
  it('has every field of the old document, in both spellings, and no login', async () => {
    const rig = await rigWith([PARK, aUrlCamera({ id: 'gate', name: 'Gate', ...feed('a gate') })]);
    rig.house.seen.set('park', { revision: 1, flow: 'flowing', viewers: 2 });
    const { json, text } = await rig.ask('GET', '/stream/api/status');
    const capitals = { viewerCount: 2, isRunning: true, onDemand: true, reconnectCount: 0, lastError: null };
    expect(json).toMatchObject({ total: 2, streams: [{ uuid: 'a gate' }, { ...ITEM, ...capitals }] });
    expect(text).not.toContain('secret');
    // The key at the end of an RTMP address is a secret, too.
    expect(json).toMatchObject({ streams: [{ url: 'rtmp://127.0.0.1:9/live/***' }, {}] });
  });

  it('of one is found by its id in either case of hex, decomposed Hangul, its own id, and a name that is its alone', async () => {
    const twins = ['one', 'two'].map((id) => aUrlCamera({ id, name: 'Twin', ...feed(`t-${id}`) }));
    const rig = await rigWith([PARK, ...twins]);
    rig.house.seen.set('park', { revision: 1, flow: 'flowing', viewers: 2 });
    const upper = encodeURIComponent('금곡IC');
    const lower = upper.replace(/%../g, (hex) => hex.toLowerCase());
    const decomposed = encodeURIComponent('금곡IC'.normalize('NFD'));
    for (const id of [upper, lower, decomposed, 'park', 'Car%20park'])
      expect(await rig.ask('GET', `/stream/api/status/${id}`)).toMatchObject({ status: 200, json: ITEM });
    for (const id of ['nobody', 'Twin', '%00', '..%2f..%2fetc%2fpasswd', 'a'.repeat(5_000)])
      expect(await rig.ask('GET', `/stream/api/status/${id}`)).toMatchObject({
        status: 404,
        json: { error: 'Stream not found' },
      });
    expect(await rig.ask('GET', '/stream/api/status/%ff')).toMatchObject({
      status: 400,
      json: { error: expect.any(String) as unknown },
    });
  });

  it('lists all cameras where no old file gave any, and an empty list where there is none', async () => {
    const rig = await rigWith([]);
    expect((await rig.ask('GET', '/stream/api/status')).json).toMatchObject({ streams: [], total: 0 });
    rig.house.stored.set('hall', aCamera({ id: 'hall', name: 'Hall' }));
    expect((await rig.ask('GET', '/stream/api/status')).json).toMatchObject({
      streams: [{ uuid: 'hall', url: '***' }],
    });
    rig.house.stored.set('park', PARK);
    expect((await rig.ask('GET', '/stream/api/status')).json).toMatchObject({ streams: [{ uuid: '금곡IC' }] });
    rig.house.stored.set('park', { ...PARK, status: 'missing' });
    expect((await rig.ask('GET', '/stream/api/status')).json).toMatchObject({ streams: [{ uuid: 'hall' }] });
  });

  it('counts each end of a stream, and says why there is no picture', async () => {
    const rig = await rigWith([PARK]);
    const status = async (): Promise<unknown> => (await rig.ask('GET', '/stream/api/status/park')).json;
    rig.house.seen.set('park', { revision: 1, flow: 'flowing' });
    expect(await status()).toMatchObject({ status: true, reconnect_count: 0 });
    rig.house.seen.set('park', { revision: 1, flow: 'stopped', reason: 'connection' });
    await rig.house.clock.advance(10_000);
    expect(await status()).toMatchObject({
      ...{ status: false, is_running: true, reconnect_count: 1 },
      last_error: expect.stringContaining('.') as unknown,
    });
    rig.house.stored.set('park', { ...PARK, enabled: false });
    expect(await status()).toMatchObject({ status: false, is_running: false, last_error: null, reconnect_count: 1 });
  });
});

describe('the statistics of the server', () => {
  it('are the same on both routes, all of them numbers, with rates since the request before', async () => {
    const rig = await rigWith([]);
    rig.machine.move({ bytesSent: 5_000, bytesReceived: 2_000 });
    await rig.house.clock.advance(2_000);
    const stats = (await rig.ask('GET', '/stream/api/server/stats')).json as Record<string, Record<string, unknown>>;
    expect(stats).toMatchObject({
      cpu: { load_avg_1: 0.5, num_cpu: 4 },
      memory: { total: 8_000, used: 2_000, free: 6_000, usage_percent: 25 },
      process: { num_fd: 20, num_threads: 11, virtual_size: 4_096, resident_size: 2_048, cpu_time: 1.5 },
      network: { bytes_sent: 5_000, packets_sent: 10, bytes_sent_rate: 2_000, bytes_received_rate: 0 },
      uptime: 60.5,
    });
    expect(stats['runtime']).toEqual(stats['go_runtime']);
    const { version, ...runtime } = stats['go_runtime'] ?? {};
    expect(version).toBe('v20.19.0');
    const { last_update: at, ...network } = stats['network'] ?? {};
    expect(at).toEqual(expect.stringMatching(/Z$/));
    const figures = [stats['cpu'], stats['memory'], runtime, stats['process'], network];
    for (const figure of figures.flatMap((part) => Object.values(part ?? {})))
      expect(figure).toEqual(expect.any(Number));
    expect((await rig.ask('GET', '/stream/api/server/status')).json).toEqual(stats);
  });

  it('are null where the system does not tell, and never 0', async () => {
    const rig = await rigWith([]);
    const { reading } = rig.machine;
    const process = { ...reading.process, openFiles: null, threads: null, virtualBytes: null };
    rig.machine.reading = { ...reading, load: null, network: null, process };
    expect((await rig.ask('GET', '/stream/api/server/stats')).json).toMatchObject({
      cpu: { load_avg_1: null, load_avg_15: null },
      process: { num_fd: null, num_threads: null, virtual_size: null, resident_size: 2_048 },
      network: { bytes_sent: null, packets_received: null, bytes_sent_rate: null, bytes_received_rate: null },
    });
  });
});

describe('the codec and receiver calls', () => {
  it('answer the parts of the stream as text, and the base64 of the answer of the engine', async () => {
    const rig = await rigWith([PARK]);
    const codec = await rig.ask('GET', `/stream/codec/${encodeURIComponent('금곡IC')}`);
    expect(codec).toMatchObject({ status: 200, text: '[{"Type":"video"}]' });
    expect(codec.headers['content-type']).toMatch(/^text\/plain/);
    const fields = { suuid: '금곡IC', data: base64(OFFER) };
    const received = await rig.form(`/stream/receiver/${encodeURIComponent('금곡IC')}`, fields);
    expect(received).toMatchObject({ status: 200, text: base64(ANSWER) });
    expect(rig.offers).toEqual([`/webrtc/park/whep ${OFFER}`]);
    expect(rig.house.asked).toContain('park');
  });

  it('are carried by the embedded engine, where it is the one', async () => {
    const whepOffer: EmbeddedMedia['whepOffer'] = (id, offer) =>
      Promise.resolve({ sessionId: 's', answer: `${id} ${offer}` });
    const rig = await rigWith([PARK], { whepOffer } as EmbeddedMedia);
    const { text } = await rig.form('/stream/receiver/park', { data: base64(OFFER) });
    expect(Buffer.from(text, 'base64').toString()).toBe(`park ${OFFER}`);
    expect(rig.offers).toEqual([]);
  });

  it('say in the old form what is wrong, and dial nothing', async () => {
    const rig = await rigWith([PARK, aUrlCamera({ id: 'off', name: 'Off', enabled: false, ...feed('off') })]);
    const told = { error: expect.any(String) as unknown };
    expect(await rig.ask('GET', '/stream/codec/nobody')).toMatchObject({ status: 404, json: told });
    expect(await rig.form('/stream/receiver/off', { data: base64(OFFER) })).toMatchObject({ status: 409, json: told });
    expect(await rig.form('/stream/receiver/park', { data: 'x' })).toMatchObject({ status: 400, json: told });
    const large = { data: base64(OFFER + 'x'.repeat(200_000)) };
    expect(await rig.form('/stream/receiver/park', large)).toMatchObject({ status: 413, json: told });
    expect(rig.offers).toEqual([]);
    rig.answer = { status: 404, body: 'no one is publishing' };
    expect(await rig.form('/stream/receiver/park', { data: base64(OFFER) })).toMatchObject({ status: 409, json: told });
  });

  it('wait 5 s for the parts of a camera that has not opened yet', async () => {
    const unseen = aUrlCamera({ id: 'new', name: 'New', ...feed('new'), source: { tracks: null } });
    const rig = await rigWith([unseen]);
    const first = rig.ask('GET', '/stream/codec/new');
    while (rig.house.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    rig.house.stored.set('new', { ...unseen, source: { ...unseen.source, tracks: TRACKS } });
    expect(await rig.house.clock.runUntil(first)).toMatchObject({ status: 200 });
    rig.house.stored.set('new', unseen);
    expect(await rig.house.clock.runUntil(rig.ask('GET', '/stream/codec/new'))).toMatchObject({ status: 409 });
  });

  it('by an address take that of a stored camera alone, whatever its login', async () => {
    const rig = await rigWith([PARK]);
    const asked = (url: string): Promise<Reply> => rig.form('/stream', { url, sdp64: base64(OFFER) });
    for (const url of ['rtsp://10.0.0.9/ch1', 'rtsp://user:wrong@10.0.0.9/ch1'])
      expect(await asked(url)).toMatchObject({ status: 200, json: { tracks: ['video'], sdp64: base64(ANSWER) } });
    const before = rig.offers.length;
    for (const url of ['rtsp://10.0.0.9/ch2', 'rtsp://169.254.169.254/', 'file:///etc/passwd', '', 'rtsp://x\0'])
      expect(await asked(url)).toMatchObject({ status: 404, json: { error: 'Stream not found' } });
    expect(rig.offers).toHaveLength(before);
    expect(rig.house.given).toEqual([]);
  });
});

describe('the page of the player', () => {
  it('is there for any id, escaped, with the ids of all streams sorted, and may be framed', async () => {
    const rig = await rigWith([PARK, aUrlCamera({ id: 'gate', name: 'Gate', ...feed('<b>') })]);
    const { status, text, headers } = await rig.ask('GET', '/stream/player/%EA%B8%88%ea%b3%a1IC');
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['x-frame-options']).toBeUndefined();
    expect(text).toContain('data-id="금곡IC"');
    expect(text.indexOf('&#60;b&#62;')).toBeGreaterThan(0);
    expect(text.indexOf('&#60;b&#62;')).toBeLessThan(text.indexOf('>금곡IC</a>'));
    const unknown = await rig.ask('GET', `/stream/player/${encodeURIComponent('"><script>')}`);
    expect(unknown.status).toBe(200);
    expect(unknown.text).not.toContain('"><script>');
    const framed = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
    expect((await rig.ask('GET', '/stream/player/park', { headers: framed })).status).toBe(200);
    expect((await rig.ask('GET', '/static/player.js')).text).toContain('../receiver/');
  });

  it('is where / leads', async () => {
    const rig = await rigWith([PARK]);
    const { status, headers } = await rig.ask('GET', '/');
    expect([status, headers.location]).toEqual([301, `stream/player/${encodeURIComponent('금곡IC')}`]);
    rig.house.stored.clear();
    expect((await rig.ask('GET', '/')).status).toBe(200);
  });
});
