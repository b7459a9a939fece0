import { describe, expect, it, onTestFinished } from 'vitest';
import { openViewerSocket, serveViewerPage, type ViewerSocket } from '../support/compat/viewerClient.js';
import { startCompatRig, type CompatRig } from '../support/compat/compatRig.js';
import { rigEngines, until, type RigEngine } from '../support/installation/appRig.js';
import { leaksIn } from '../support/installation/secretSearch.js';
import { startMovingCamera } from '../support/rtsp/movingCamera.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 60_000;
const PACKET = 188;
const WHAT = 'clients of the RTSP Stream Viewer';
const status = (phase: string) => ({ type: 'status', phase });
const STARTED = [status('connecting'), status('playing'), { type: 'video_start' }];
/** The table of an MPEG transport stream with one track of type 1, MPEG-1 video. */
const PMT = Buffer.from('02b0120001c10000e100f00001e100f000', 'hex');

interface Stream {
  readonly id: string;
  readonly url: string;
  readonly label: string | null;
  readonly created_at: string;
  readonly ws_url: string;
}

async function startRig(engine: RigEngine, environment: Readonly<Record<string, string>> = {}): Promise<CompatRig> {
  const rig = await startCompatRig({ engine, portSetting: 'COMPAT_VIEWER_PORT', environment });
  onTestFinished(() => rig.stop());
  return rig;
}

/** On a busy machine a relay that is just being started may answer too late for the first try. */
async function add(rig: CompatRig, url: string, label: string | null = null): Promise<Stream> {
  const added = await until(
    'a new stream',
    LIMIT_MS,
    () => rig.ask('POST', '/api/streams/', { body: { url, label } }),
    (reply) => reply.status === 201,
    ({ text }) => text,
  );
  return added.json as Stream;
}

/** A control connection that was greeted and told to start. */
async function started(stream: Stream): Promise<ViewerSocket> {
  const control = openViewerSocket(stream.ws_url);
  await control.until(() => control.got.length === 1);
  expect(control.got.splice(0)).toEqual([status('connected')]);
  control.send({ action: 'start' });
  await control.until(() => control.got.length >= 3);
  expect(control.got.splice(0)).toEqual(STARTED);
  return control;
}

const videoOf = (stream: Stream): ViewerSocket => openViewerSocket(`${stream.ws_url}&video_only=true`);

/** The video of a stream that flows; opened again where it ends, as JSMpeg does. */
async function flowing(stream: Stream): Promise<ViewerSocket> {
  for (const endMs = performance.now() + LIMIT_MS; ;) {
    const video = videoOf(stream);
    await video.until(() => video.got.length >= 50 || video.closed() !== null);
    if (video.closed() === null || performance.now() > endMs) return video;
  }
}

/** Resolves when so many more messages of video have come. */
async function flows(video: ViewerSocket, more = 50): Promise<void> {
  const before = video.got.length;
  await video.until(() => video.got.length >= before + more || video.closed() !== null);
  expect(video.closed()).toBeNull();
}

describe.skipIf(!nodeAvFor(WHAT))('clients of the RTSP Stream Viewer', () => {
  it.each(rigEngines)('replay what their page does, with the engine %s', { timeout: 300_000 }, async (engine) => {
    const camera = await startMovingCamera();
    const other = await startMovingCamera('Gate');
    const rig = await startRig(engine);

    // Streams.
    const stream = await add(rig, camera.url);
    expect(Object.keys(stream).sort()).toEqual(['created_at', 'id', 'label', 'url', 'ws_url']);
    expect(stream.ws_url).toBe(`ws://127.0.0.1:${rig.port}/ws/stream?id=${stream.id}`);
    const second = await add(rig, other.url, 'Gate');
    expect((await rig.ask('GET', '/api/streams/')).json).toEqual([second, stream]);
    const closedPort = { body: { url: 'rtsp://127.0.0.1:9/none' } };
    expect(await rig.ask('POST', '/api/streams/', closedPort)).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('not accessible') as unknown },
    });
    for (const body of [{ url: 'http://x' }, {}])
      expect(await rig.ask('POST', '/api/streams/', { body })).toMatchObject({ status: 400, json: { url: [{}] } });
    const named = await rig.ask('PUT', `/api/streams/${stream.id}/`, { body: { ...stream, label: 'Yard' } });
    expect(named).toMatchObject({ status: 200, json: { ...stream, label: 'Yard' } });
    expect(await rig.ask('DELETE', `/api/streams/${second.id}/`)).toMatchObject({ status: 204 });
    expect((await rig.ask('GET', `/api/streams/${second.id}/`)).status).toBe(404);

    // Control and video.
    const control = await started(stream);
    const video = videoOf(stream);
    await flows(video, 100);
    const bytes = Buffer.concat(video.got as Buffer[]);
    expect(bytes.length % PACKET).toBe(0);
    for (let at = 0; at < bytes.length; at += PACKET) expect(bytes[at]).toBe(0x47);
    expect(bytes.includes(PMT)).toBe(true);
    control.send({ action: 'dance' });
    control.send('x');
    await control.until(() => control.got.length === 2);
    expect(control.got.splice(0)).toMatchObject([{ code: 'INVALID_ACTION' }, { code: 'INVALID_JSON' }]);
    control.send({ action: 'reconnect' });
    await control.until(() => control.got.length === 4);
    expect(control.got.splice(0)).toEqual([status('stopped'), ...STARTED]);
    const neighbour = await started(stream);
    control.send({ action: 'stop' });
    await control.until(() => control.got.length === 1);
    await flows(video);
    expect(neighbour.got).toEqual([]);
    expect(await camera.readers()).toBe(1);

    // An edit takes effect for those who watch.
    const moved = await rig.ask('PATCH', `/api/streams/${stream.id}/`, { body: { url: other.url } });
    expect(moved).toMatchObject({ status: 200 });
    await until(
      'the other camera',
      LIMIT_MS,
      () => other.readers(),
      (count) => count === 1,
    );
    await until(
      'the first camera left alone',
      LIMIT_MS,
      () => camera.readers(),
      (count) => count === 0,
    );
    await flows(video);

    // Thumbnails.
    const path = `/api/streams/${stream.id}/thumbnail/`;
    const first = await rig.ask('GET', path);
    expect(first).toMatchObject({
      status: 200,
      json: { size: { width: 320, height: 240 }, format: 'jpeg', quality: 85, stream_id: stream.id },
    });
    const { thumbnail } = first.json as { thumbnail: string };
    expect(thumbnail).toMatch(/^data:image\/jpeg;base64,\/9j\//);
    expect((await rig.ask('GET', path)).json).toEqual(first.json);
    const fresh = (await rig.ask('GET', `${path}?refresh=true`)).json as { timestamp: string };
    expect(fresh.timestamp).not.toBe((first.json as { timestamp: string }).timestamp);
    expect((await rig.ask('GET', '/api/thumbnails/cache/stats/')).json).toMatchObject({ total_cached: 1 });
    await rig.ask('POST', '/api/thumbnails/cache/clear/');
    expect((await rig.ask('GET', '/api/thumbnails/cache/stats/')).json).toMatchObject({ total_cached: 0 });

    // A camera that goes.
    const beganMs = performance.now();
    await other.stop();
    await neighbour.until(() => neighbour.got.length === 1);
    expect(neighbour.got).toMatchObject([{ type: 'error' }]);
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    await video.until(() => video.closed() !== null);
    neighbour.got.splice(0);
    neighbour.send({ action: 'start' });
    await neighbour.until(() => neighbour.got.length === 2);
    expect(neighbour.got).toMatchObject([status('connecting'), { type: 'error' }]);

    const unknown = openViewerSocket(`ws://127.0.0.1:${rig.port}/ws/stream?id=${second.id}`);
    await unknown.until(() => unknown.closed() !== null);
    expect([unknown.closed(), unknown.got]).toMatchObject([4004, [{ type: 'error', code: 'NOT_FOUND' }]]);
    const secrets = [{ what: 'key' as const, text: camera.password }];
    for (const line of rig.lines()) expect(leaksIn('log', line, secrets)).toEqual([]);
  });

  it.each(rigEngines)(
    'play after kill -9, and are told when their stream is deleted, with the engine %s',
    { timeout: 300_000 },
    async (engine) => {
      const camera = await startMovingCamera();
      const rig = await startRig(engine);
      const stream = await add(rig, camera.url, 'Yard');
      const before = await flowing(stream);
      if (engine === 'mediamtx') {
        await rig.kill('mediamtx');
        // The relay carries the picture past the media server.
        await flows(before);
      }
      await rig.kill('camlease');
      await before.until(() => before.closed() !== null);
      expect((await rig.ask('GET', '/api/streams/')).json).toEqual([stream]);
      const control = await until(
        'a start',
        LIMIT_MS,
        () => started(stream).catch(() => null),
        (one) => one !== null,
        () => 'no start',
      );
      const video = await flowing(stream);
      expect((await rig.own('GET', '/api/camera')).json).toMatchObject({
        cameras: [{ name: 'Yard', labels: ['compat:viewer'], feed: { name: 'viewer', key: stream.id } }],
      });
      expect((await rig.ask('DELETE', `/api/streams/${stream.id}/`)).status).toBe(204);
      await control?.until(() => control.closed() !== null);
      await video.until(() => video.closed() !== null);
      expect(control?.got).toEqual([status('ended')]);
      await until(
        'a camera that nobody reads',
        LIMIT_MS,
        () => camera.readers(),
        (count) => count === 0,
      );
    },
  );

  it.skipIf(!chromiumFor(WHAT)).each(rigEngines)(
    'see moving pictures by the real JSMpeg in Chromium, with the engine %s',
    { timeout: 240_000 },
    async (engine) => {
      const camera = await startMovingCamera();
      const origin = await serveViewerPage();
      const rig = await startRig(engine, { ALLOWED_ORIGINS: origin });
      await add(rig, camera.url);
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      await page.goto(`${origin}/?api=http://127.0.0.1:${rig.port}`);
      const pictures = (): Promise<number> => page.evaluate<number>('window.pictures');
      await until('pictures', LIMIT_MS, pictures, (count) => count > 15);
      expect(await page.evaluate('window.told')).toEqual(['connected', 'connecting', 'playing', 'video_start']);
      const drawn = await page.evaluate('[canvas.width, canvas.height]');
      expect(drawn).toEqual([640, 360]);
      await page.close();
      await until(
        'a camera that nobody reads',
        LIMIT_MS,
        () => camera.readers(),
        (count) => count === 0,
      );
    },
  );
});
