import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startOrigin } from '../../simulator/origin/server.js';
import type { Origin } from '../../simulator/origin/types.js';
import { systemClock } from '../../src/systemClock.js';
import { startCompatRig, type CompatRig } from '../support/compat/compatRig.js';
import { rigEngines, until } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 60_000;
const WHAT = 'clients of MTX-STREAMING';
const SECRET = 'hunter2geheim99';
const NAME = '금곡IC';
const UPPER = encodeURIComponent(NAME);
const LOWER = UPPER.replace(/%../g, (hex) => hex.toLowerCase());

/** The fields that the old document promises, with their types. */
const ITEM: Readonly<Record<string, unknown>> = {
  ...{ uuid: expect.any(String), url: expect.any(String), last_updated: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) },
  ...{ status: expect.any(Boolean), on_demand: expect.any(Boolean), disable_audio: expect.any(Boolean) },
  ...{ debug: expect.any(Boolean), is_running: expect.any(Boolean) },
  ...{ viewer_count: expect.any(Number), reconnect_count: expect.any(Number) },
};

interface Item {
  readonly uuid: string;
  readonly status: boolean;
  readonly is_running: boolean;
  readonly viewer_count: number;
  readonly reconnect_count: number;
  readonly last_error: string | null;
}

/** What the old page did: a transceiver for each part, the offer at once and without candidates, one answer. */
const OLD_PAGE = `async (id) => {
  const parts = JSON.parse(await (await fetch('../codec/' + id)).text());
  const peer = new RTCPeerConnection();
  const video = document.createElement('video');
  video.muted = video.autoplay = true;
  document.body.append(video);
  peer.ontrack = ({ track }) => { if (track.kind === 'video') video.srcObject = new MediaStream([track]); };
  for (const { Type } of parts) peer.addTransceiver(Type, { direction: 'sendrecv' });
  const offer = await peer.createOffer();
  await peer.setLocalDescription(offer);
  const body = new URLSearchParams({ suuid: decodeURIComponent(id), data: btoa(offer.sdp) });
  const reply = await fetch('../receiver/' + id, { method: 'POST', body });
  const sdp = atob(await reply.text());
  await peer.setRemoteDescription({ type: 'answer', sdp });
  Object.assign(window, { shown: () => video.getVideoPlaybackQuality().totalVideoFrames, leave: () => peer.close() });
  return { parts, offer: offer.sdp, sdp };
}`;

class Clients {
  readonly rig: CompatRig;
  readonly #browser: Browser;

  constructor(rig: CompatRig, browser: Browser) {
    this.rig = rig;
    this.#browser = browser;
  }

  async item(id = UPPER): Promise<Item> {
    return (await this.rig.ask('GET', `/stream/api/status/${id}`)).json as Item;
  }

  async listed(): Promise<string[]> {
    const { streams, total } = (await this.rig.ask('GET', '/stream/api/status')).json as {
      streams: Item[];
      total: number;
    };
    expect(total).toBe(streams.length);
    return streams.map(({ uuid }) => uuid);
  }

  lists(...ids: string[]): Promise<string[]> {
    return until(
      `the streams ${ids.join(' and ')}`,
      LIMIT_MS,
      () => this.listed(),
      (listed) => JSON.stringify(listed) === JSON.stringify(ids.sort()),
    );
  }

  isSo(what: string, isSo: (item: Item) => boolean): Promise<Item> {
    return until(what, LIMIT_MS, () => this.item(), isSo);
  }

  async player(id: string): Promise<Page> {
    const page = await this.#browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`http://127.0.0.1:${this.rig.port}/stream/player/${id}`);
    return page;
  }

  /** The player in a frame of a page of another site. */
  async framed(id: string): Promise<Frame> {
    const page = await this.#browser.newPage();
    onTestFinished(() => page.close());
    await page.setContent(
      `<iframe src="http://127.0.0.1:${this.rig.port}/stream/player/${id}" allow="autoplay"></iframe>`,
    );
    return until(
      'the frame',
      LIMIT_MS,
      async () => page.frames().find((frame) => frame.url().includes('/stream/player/')) ?? page.mainFrame(),
      (frame) => frame !== page.mainFrame(),
      () => 'none',
    );
  }
}

/** Resolves when the video of the page has shown new pictures. */
async function plays(page: Page | Frame): Promise<void> {
  const frames = (): Promise<number> =>
    page.evaluate<number>('document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0');
  const before = await frames();
  // A new connection counts from 0 again.
  await until('pictures', LIMIT_MS, frames, (count) => count > before + 20 || (count < before && count > 20));
}

/** The city's list of cameras. */
async function startMaster() {
  const master = { status: 200, body: '[]', url: '' };
  const server = createServer((_request, response) => response.writeHead(master.status).end(master.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  master.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/list?key=${SECRET}`;
  return master;
}

describe.skipIf(!chromiumFor(WHAT) || !nodeAvFor(WHAT))('the replay of clients of MTX-STREAMING', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  async function begin(engine: (typeof rigEngines)[number], config: (origin: Origin) => object) {
    const seen = { isOff: false };
    const origin = await startOrigin({
      clock: systemClock,
      keyFrameSeconds: 1,
      lookup: () => ({ cameraName: 'Yard', clipKey: 'yard', play: seen.isOff ? 'refuse' : 'camera' }),
    });
    onTestFinished(() => origin.stop());
    let file = '';
    const says = (content: object): void => writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
    const rig = await startCompatRig({
      ...{ engine, portSetting: 'COMPAT_MTX_PORT' },
      prepare: (dataDir) => {
        file = path.join(dataDir, 'config.json');
        says(config(origin));
        return { COMPAT_MTX_CONFIG: file };
      },
    });
    onTestFinished(() => rig.stop());
    return { rig, origin, seen, says, clients: new Clients(rig, browser) };
  }

  it.each(rigEngines)(
    'status, statistics, WebRTC, the page in a frame, and a camera that is off, with the engine %s',
    { timeout: 400_000 },
    async (engine) => {
      const { rig, origin, seen, clients } = await begin(engine, (source) => ({
        server: { http_port: ':8083', ice_servers: [] },
        streams: {
          [NAME]: { on_demand: false, disable_audio: true, debug: false, url: source.rtmpUrl('live', SECRET) },
          'gate 2': { on_demand: true, url: source.rtmpUrl('live', `${SECRET}2`) },
        },
      }));
      await clients.lists('gate 2', NAME);
      await clients.isSo('a running camera', ({ status, is_running: isRunning }) => status && isRunning);
      const { json } = await rig.ask('GET', '/stream/api/status');
      for (const item of (json as { streams: unknown[] }).streams) expect(item).toMatchObject(ITEM);
      for (const id of [UPPER, LOWER])
        expect(await clients.item(id)).toMatchObject({ uuid: NAME, on_demand: false, disable_audio: true });
      expect(await rig.ask('GET', '/stream/api/status/nobody')).toMatchObject({
        ...{ status: 404, json: { error: 'Stream not found' } },
      });
      const stats = await Promise.all(
        ['stats', 'status'].map(async (name) => (await rig.ask('GET', `/stream/api/server/${name}`)).json),
      );
      const [first, second] = stats as Record<string, Record<string, unknown>>[];
      expect(Object.keys(first ?? {})).toEqual(Object.keys(second ?? {}));
      for (const [part, figures] of Object.entries(first ?? {}))
        for (const [name, figure] of Object.entries(figures))
          if (name !== 'version' && name !== 'last_update')
            expect([part, name, figure]).toEqual([part, name, expect.any(Number)]);

      const page = await clients.player('nobody');
      const { parts, offer, sdp } = await page.evaluate<{ parts: { Type: string }[]; offer: string; sdp: string }>(
        `(${OLD_PAGE})(${JSON.stringify(UPPER)})`,
      );
      expect(parts).toContainEqual({ Type: 'video' });
      expect(offer).not.toContain('a=candidate');
      expect(sdp).toContain('a=candidate');
      await until(
        'pictures',
        LIMIT_MS,
        () => page.evaluate<number>('shown()'),
        (count) => count > 30,
      );
      await clients.isSo('one viewer', ({ viewer_count: count }) => count === 1);
      await page.evaluate('leave()');
      await clients.isSo('no viewer', ({ viewer_count: count }) => count === 0);

      await plays(await clients.framed(LOWER));
      await plays(await clients.player('gate%202'));

      seen.isOff = true;
      origin.cut(() => true);
      const off = await clients.isSo('a camera that is off', ({ status }) => !status);
      expect(off).toMatchObject({ is_running: true, last_error: expect.stringMatching(/\.$/) as unknown });
      await clients.isSo('more attempts', ({ reconnect_count: count }) => count > off.reconnect_count);
      seen.isOff = false;
      await clients.isSo('a camera that is on again', ({ status }) => status);
      saysNoSecret(rig);
    },
  );

  it.each(rigEngines)(
    'a player goes on after kill -9 of camlease and of MediaMTX, with the engine %s',
    { timeout: 400_000 },
    async (engine) => {
      const { rig, clients } = await begin(engine, (source) => ({
        streams: { [NAME]: { on_demand: true, url: source.rtmpUrl('live', SECRET) } },
      }));
      await clients.lists(NAME);
      const page = await clients.player(UPPER);
      await plays(page);
      await rig.kill('camlease');
      await clients.lists(NAME);
      await plays(page);
      if (engine === 'mediamtx') {
        await rig.kill('mediamtx');
        await plays(page);
      }
      expect(await clients.item()).toMatchObject({ status: true, last_error: null });
    },
  );

  it(
    'a master list stands in place of the streams; a 500, an empty and a broken answer leave them',
    { timeout: 200_000 },
    async () => {
      const master = await startMaster();
      const listed = (...ids: string[]): string =>
        JSON.stringify(ids.map((equipId) => ({ equipId, rtspUrl: `rtsp://admin:${SECRET}@10.255.0.1/${equipId}` })));
      const { rig, says, clients } = await begin('embedded', () => ({
        streams: { [NAME]: { on_demand: true, url: `rtsp://admin:${SECRET}@10.255.0.1/own` } },
        api: { cctv_master_url: master.url, timeout: 2, retry_interval: 5 },
      }));
      const told = (what: string): Promise<string> =>
        until(
          what,
          LIMIT_MS,
          async () => (await rig.own('GET', '/ready')).text,
          (text) => text.includes(what),
        );
      // It names none, so the file's own stream is there.
      await clients.lists(NAME);
      master.body = listed('north', 'south');
      await clients.lists('north', 'south');
      for (const [status, body, what] of [
        [500, SECRET, 'answered with status 500'],
        [200, '[]', 'names no camera'],
        [200, `<${SECRET}>`, 'answered something that is no JSON'],
      ] as const) {
        Object.assign(master, { status, body });
        await told(what);
        expect(await clients.listed()).toEqual(['north', 'south']);
      }
      says({
        streams: { [NAME]: { url: `rtsp://admin:${SECRET}@10.255.0.1/own` }, other: { url: 'rtsp://10.255.0.1/o' } },
      });
      await clients.lists('other', NAME);
      saysNoSecret(rig);
    },
  );

  it('attacks are refused in the old form, and store and dial nothing', { timeout: 200_000 }, async () => {
    const { rig, clients } = await begin('embedded', () => ({ streams: { [NAME]: { url: 'rtsp://10.255.0.1/own' } } }));
    await clients.lists(NAME);
    const refused = { error: expect.any(String) as unknown };
    for (const id of ['..%2f..%2fetc%2fpasswd', '%00', '..', '%ff', 'x'.repeat(9_000)])
      for (const target of [`/stream/codec/${id}`, `/stream/api/status/${id}`]) {
        const { status, json } = await rig.ask('GET', target);
        expect({ target, status, json }).toMatchObject({
          status: expect.toSatisfy((one: number) => [400, 404].includes(one)) as unknown,
          json: refused,
        });
      }
    const sdp64 = Buffer.from('v=0\r\n').toString('base64');
    for (const url of [
      'rtsp://10.255.0.1/other',
      'rtsp://user@10.255.0.1@169.254.169.254/own',
      'rtsp://2130706433/own',
      'rtsp://[::ffff:127.0.0.1]/own',
      'file:///etc/passwd',
      'rtsp://10.255.0.1/own\0',
    ])
      expect(await rig.form('/stream', { url, sdp64 })).toMatchObject({
        status: 404,
        json: { error: 'Stream not found' },
      });
    const large = { data: 'A'.repeat(1_000_000) };
    expect(await rig.form(`/stream/receiver/${UPPER}`, large)).toMatchObject({ status: 413, json: refused });
    const foreign = { headers: { host: 'evil.test' } };
    expect(await rig.ask('GET', '/stream/api/status', foreign)).toMatchObject({ status: 403, json: refused });
    const flood = await Promise.all(
      Array.from({ length: 400 }, () => rig.form(`/stream/receiver/${UPPER}`, { data: 'x' })),
    );
    expect(flood.at(-1)).toMatchObject({ json: refused });
    expect(flood.some(({ status }) => status === 429)).toBe(true);
    expect(await clients.listed()).toEqual([NAME]);
  });
});

/** Neither the log nor a file that people read holds a secret of an address. */
function saysNoSecret(rig: CompatRig): void {
  expect(rig.lines().join('\n')).not.toContain(SECRET);
  const logs = path.join(rig.dataDir, 'logs', 'mtx');
  for (const name of readdirSync(logs)) expect(readFileSync(path.join(logs, name), 'utf8')).not.toContain(SECRET);
}
