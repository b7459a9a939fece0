import { existsSync, readdirSync } from 'node:fs';
import sharp from 'sharp';
import type { Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { Fleet, type SimulatedAccount } from '../../simulator/fleet.js';
import { startOrigin } from '../../simulator/origin/server.js';
import { systemClock } from '../../src/systemClock.js';
import { rigEngines, startAppRig, until, type AppRig, type RigEngine } from '../support/installation/appRig.js';
import type { Reply } from '../support/http/httpClient.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { serveFrontEnd } from './guideFrontEnd.js';

const LIMIT_MS = 60_000;
const KEY = 'streamkey0123456789';

/** What the guide's clients read of a camera. */
interface GuideCamera {
  readonly _id: string;
  readonly name: string;
  readonly rtmpPath: string;
  readonly status: string;
  readonly image: string | null;
  readonly coordinates: { readonly lat: number | null; readonly lng: number | null };
  readonly aqiData: null;
  readonly hikvisionEnabled: boolean;
  readonly hikvisionDeviceSerial: string;
  readonly updatedAt: string;
}
interface Told {
  readonly success: boolean;
  readonly message: string;
  readonly camera: GuideCamera;
  readonly cameras: readonly GuideCamera[];
  readonly count: number;
}

/** One account with 21 devices, one of which has 11 cameras: two pages of each listing. */
function guideFleet(seed: string): Fleet {
  const [recorder, single] = [
    makeFleet({ cameras: 11, channelsPerDevice: 11, seed }),
    makeFleet({ cameras: 20, channelsPerDevice: 1, seed: `${seed}-single` }),
  ];
  const accounts = [...recorder.accounts, ...single.accounts];
  const [account] = accounts;
  if (account === undefined) throw new Error('the fleet has an account');
  const whole: SimulatedAccount = { ...account, devices: accounts.flatMap(({ devices }) => devices) };
  return new Fleet(seed, [whole]);
}

async function form(rig: AppRig, method: string, path: string, fields: object, image?: Buffer): Promise<Reply> {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, String(value));
  if (image !== undefined) data.append('image', new Blob([Uint8Array.from(image)]), '../../camera.png');
  const request = new Request('http://h/', { method: 'POST', body: data });
  const headers = { 'content-type': request.headers.get('content-type') ?? '' };
  return rig.send(method, path, { headers, body: Buffer.from(await request.arrayBuffer()) });
}

const told = ({ json }: Reply): Told => json as Told;
const all = async (rig: AppRig): Promise<readonly GuideCamera[]> => told(await rig.get('/api/camera')).cameras;

/** Plays the camera in the page, as its front end does; resolves when pictures have come that differ. */
async function moves(page: Page, id: string): Promise<void> {
  await page.evaluate(`window.play(${JSON.stringify(id)})`);
  await goesOn(page, id);
}

async function goesOn(page: Page, id: string): Promise<void> {
  const name = JSON.stringify(id);
  const frames = (): Promise<number> => page.evaluate(`window.frames_(${name})`);
  const sizes = `window.snapshot(${name}).then(async (blob) => {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    return bytes.reduce((sum, byte, at) => (sum * 31 + byte * (at % 7 + 1)) >>> 0, 0);
  })`;
  const before = await frames();
  await until('pictures', LIMIT_MS, frames, (count) => count > before + 10);
  const first: number = await page.evaluate(sizes);
  await until(
    'another picture',
    LIMIT_MS,
    () => page.evaluate(sizes),
    (now) => now !== first,
  );
}

/** The address below which the guide's front end puts `<_id>/index.m3u8`. */
function mediaUrl(hlsUrl: string, id: string): string {
  expect(hlsUrl.endsWith(`/${id}/index.m3u8`)).toBe(true);
  return hlsUrl.slice(0, -`/${id}/index.m3u8`.length);
}

async function startGuideRig(engine: RigEngine, origins: readonly string[], fleet: Fleet): Promise<AppRig> {
  const rig = await startAppRig({
    ...{ fleet, engine, lifetimeSeconds: 3600, sourceNetworks: '127.0.0.0/8' },
    ...{ allowedOrigins: origins, snapshotKeepDays: 2 },
  });
  onTestFinished(() => rig.stop());
  return rig;
}

const isPossible = [nodeAvFor('the replay of the Hikvision guide'), chromiumFor('the replay of the Hikvision guide')];

describe.each(rigEngines)('clients of the Hikvision guide, with the engine %s', (engine) => {
  it.skipIf(isPossible.includes(false))(
    'find, add, play, renew, change and delete cameras as they always did',
    { timeout: 400_000 },
    async () => {
      const frontEnd = await serveFrontEnd();
      onTestFinished(() => frontEnd.stop());
      const fleet = guideFleet(`guide-${engine}`);
      const rig = await startGuideRig(engine, [frontEnd.origin], fleet);
      const yard = await startOrigin({
        clock: systemClock,
        keyFrameSeconds: 1,
        lookup: () => ({ cameraName: 'Yard', clipKey: 'yard', play: 'camera', sound: 'none' }),
      });
      onTestFinished(() => yard.stop());
      const browser = await launchChromium();
      onTestFinished(() => browser.close());

      // A camera of its own, by a form with a picture; it plays before any renewal.
      const picture = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#336699' } })
        .png()
        .toBuffer();
      const fields = { name: 'Car park', rtmpPath: yard.rtmpUrl('live', KEY), status: 'active', location: 'Deck 3' };
      const more = { city: 'Lahore', coordinates: '{"lat":31.5,"lng":74.3}', members: '["64b7f0c2a1d3e4f5a6b7c8d9"]' };
      const whole = { ...fields, ...more, aqi_api_key: 'key-of-air' };
      const added = await until(
        'a relay',
        LIMIT_MS,
        () => form(rig, 'POST', '/api/camera', whole, picture),
        // A busy machine starts the relay more slowly than camlease waits for it.
        ({ status }) => status !== 503,
      );
      expect(added).toMatchObject({ status: 201, json: { success: true, message: 'Camera created' } });
      const park = told(added).camera;
      expect(park).toMatchObject({ aqiData: null, coordinates: { lat: 31.5, lng: 74.3 }, hikvisionDeviceSerial: '' });
      expect(park._id).toMatch(/^[0-9a-f]{24}$/);
      expect((await rig.get(park.image ?? '')).headers['content-type']).toBe('image/jpeg');

      const live = (await rig.get(`/api/camera/${park._id}/live`)).json as { hlsUrl: string; cameraInfo: object };
      const wanted = { name: 'Car park', status: 'active', location: 'Deck 3', city: 'Lahore', image: park.image };
      expect(live.cameraInfo).toMatchObject({ ...wanted, members: ['64b7f0c2a1d3e4f5a6b7c8d9'] });

      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      const media = mediaUrl(live.hlsUrl, park._id);
      await page.goto(`${frontEnd.origin}/?api=${rig.url}&media=${media}`);
      await moves(page, park._id);
      expect(await page.evaluate(`window.show(${JSON.stringify(park.image)})`)).toEqual([320, 180]);

      // JSON with `coordinates` as an object, which the old server refused. What names no camera is refused in words.
      const asJson = { name: 'Dock', rtmpPath: yard.rtmpUrl('live', `${KEY}2`), coordinates: { lat: 1, lng: 2 } };
      expect(await rig.post('/api/camera', asJson)).toMatchObject({ status: 201, json: { success: true } });
      const shell = { name: 'x', rtmpPath: 'rtmp://127.0.0.1:9/live/x"; touch guide-was-here; "' };
      const refused = await form(rig, 'POST', '/api/camera', shell);
      expect([400, 422]).toContain(refused.status);
      expect(told(refused)).toMatchObject({ success: false, message: expect.stringMatching(/\S/) as string });
      expect([existsSync('guide-was-here'), readdirSync(rig.dataDir).includes('guide-was-here')]).toEqual([
        false,
        false,
      ]);

      // All devices and cameras, over two pages of each listing; again, and none is there twice.
      expect(await rig.post('/api/hikvision/initialize')).toMatchObject({
        json: { success: true, message: expect.stringMatching(/\S/) as string },
      });
      const found = await until(
        '31 cameras of the cloud',
        LIMIT_MS,
        () => all(rig),
        (list) => list.length === 33,
      );
      expect((await rig.post('/api/hikvision/initialize')).json).toMatchObject({ success: true });
      const cameras = await all(rig);
      expect(cameras.map(({ _id }) => _id).sort()).toEqual(found.map(({ _id }) => _id).sort());
      const ofCloud = cameras.filter(({ hikvisionDeviceSerial }) => hikvisionDeviceSerial !== '');
      expect(ofCloud).toHaveLength(31);
      for (const { _id, aqiData, coordinates, hikvisionEnabled, image } of ofCloud) {
        expect(_id).toMatch(/^[0-9a-f]{24}$/);
        expect({ aqiData, coordinates, hikvisionEnabled, image }).toEqual({
          ...{ aqiData: null, coordinates: { lat: null, lng: null } },
          ...{ hikvisionEnabled: true, image: null },
        });
      }
      const shown: object[] = await page.evaluate('window.load()');
      expect([shown.length, errors]).toEqual([33, []]);
      expect((await rig.get('/api/camera?includeAQI=true')).status).toBe(200);

      // The status counts what it lists, and shows no token.
      const status = await rig.get('/api/hikvision/status');
      expect([told(status).count, told(status).cameras.length]).toEqual([31, 31]);

      // A renewal changes the camera's time, and its player goes on at the same address. One that fails stops no other.
      const [first, second] = ofCloud;
      if (!first || !second) throw new Error('there are two cameras of the cloud');
      await moves(page, first._id);
      const channel = (await rig.get(`/api/camera/${second._id}`)).json as { camera: { channel: number } };
      fleet.setCameraFault(`${second.hikvisionDeviceSerial}_${channel.camera.channel}`, 'deleted', true);
      expect(told(await rig.post('/api/hikvision/renew'))).toMatchObject({
        success: true,
        message: expect.stringMatching(/^Cameras renewed/) as string,
      });
      const forced = { cameraIds: [first._id, second._id], force: true };
      expect(told(await rig.post('/api/hikvision/renew', forced))).toMatchObject({
        ...{ success: true, renewed: 1, failed: [{ cameraId: second._id }] },
        message: 'Cameras renewed; 1 failed, see "failed"',
      });
      const renewed = told(await rig.get(`/api/camera/${first._id}`)).camera;
      expect(Date.parse(renewed.updatedAt)).toBeGreaterThan(Date.parse(first.updatedAt));
      expect(await rig.get(`/api/camera/${first._id}/live`)).toMatchObject({
        json: { hlsUrl: `${media}/${first._id}/index.m3u8` },
      });
      await goesOn(page, first._id);
      await goesOn(page, park._id);

      // Enable and disable.
      const enable = (id: string, body: object): Promise<Reply> =>
        rig.send('PATCH', `/api/hikvision/camera/${id}/enable`, { body });
      const deviceSerial = first.hikvisionDeviceSerial;
      expect(await enable(first._id, { deviceSerial })).toMatchObject({ status: 400, json: { success: false } });
      expect(await enable('0'.repeat(24), { deviceSerial, resourceId: 'r' })).toMatchObject({
        ...{ status: 404, json: { success: false, message: 'Camera not found' } },
      });

      // A form of the page that changes the name alone loses neither address nor picture.
      const back = { name: 'Back gate', rtmpPath: park.rtmpPath, location: 'Deck 3', aqi_api_key: '', image: '' };
      const changed: { status: number; json: Told } = await page.evaluate(
        `window.sendForm('PUT', ${JSON.stringify(park._id)}, ${JSON.stringify(back)})`,
      );
      expect(changed).toMatchObject({
        status: 200,
        json: { message: 'Camera updated', camera: { name: 'Back gate' } },
      });
      expect(changed.json.camera).toMatchObject({ rtmpPath: park.rtmpPath, image: park.image });
      await goesOn(page, park._id);
      // And one with a picture that the page took of the video.
      const withPicture: { status: number; json: Told } = await page.evaluate(
        `window.snapshot(${JSON.stringify(park._id)}).then((image) => window.sendForm('PUT', ${JSON.stringify(park._id)}, {}, image))`,
      );
      expect(withPicture).toMatchObject({ status: 200, json: { success: true } });
      const taken = withPicture.json.camera.image;
      expect(taken).not.toBe(park.image);
      expect(await page.evaluate(`window.show(${JSON.stringify(taken)})`)).toEqual([640, 360]);

      // The pictures that camlease took itself are kept by day.
      const kept = (await rig.get(`/api/snapshots/camera/${first._id}`)).json as Array<{ url: string }>;
      expect(kept.length).toBeGreaterThan(0);
      expect((await rig.get(kept[0]?.url ?? '')).headers['content-type']).toBe('image/jpeg');

      // A vendor's URL with a serial makes a camera of that cloud.
      const last = ofCloud.at(-1);
      if (!last) throw new Error('there is a last camera');
      expect(await rig.send('DELETE', `/api/camera/${last._id}`)).toMatchObject({
        json: { success: true, message: 'Camera deleted' },
      });
      expect(await rig.get(`/api/camera/${last._id}`)).toMatchObject({
        status: 404,
        json: { message: 'Camera not found' },
      });
      const address = rig.cloudReplies
        .flatMap((body) => body.match(/rtmp:\/\/[^"\\\s]+/g) ?? [])
        .find((url) => url.includes(last.hikvisionDeviceSerial));
      const again = await form(rig, 'POST', '/api/camera', { name: 'By address', rtmpPath: address ?? '' });
      expect(again).toMatchObject({
        status: 201,
        json: { camera: { vendor: 'hikconnect', hikvisionDeviceSerial: last.hikvisionDeviceSerial } },
      });

      // A deleted camera's path is gone, too, and nothing that a reply showed was a secret.
      await rig.send('DELETE', `/api/camera/${park._id}`);
      await until(
        'no path',
        LIMIT_MS,
        () => fetch(live.hlsUrl).then((reply) => reply.status),
        (code) => code >= 400,
      );
      const replies = rig.exchanges.map(({ reply }) => reply.text).join('\n');
      for (const secret of [KEY, 'key-of-air', address ?? KEY]) expect(replies).not.toContain(secret);
    },
  );
});
