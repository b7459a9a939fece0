import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { rigEngines, startAppRig, type AppRig } from '../support/installation/appRig.js';
import { filesWithSecrets, leaksIn, type Secret } from '../support/installation/secretSearch.js';
import { cameraLogin, type CameraLogin } from '../support/rtsp/cameraLogin.js';
import { oddCamera, PPS, sdpOf, type OddCamera } from '../support/rtsp/oddCamera.js';

const PASSWORD = 'canaryright4711';
const WRONG = 'canarywrong0815';
/** Of 640 x 360; a picture without a size does not open. */
const SPS = Buffer.from('67640016acb405017fcb8088000003000800000300f478b175', 'hex');
const SDP = sdpOf(
  'm=video 0 RTP/AVP 96',
  'a=rtpmap:96 H264/90000',
  `a=fmtp:96 packetization-mode=1; sprop-parameter-sets=${SPS.toString('base64')},${PPS.toString('base64')}`,
  'a=control:trackID=0',
);
const SECRETS = [PASSWORD, WRONG].map((text): Secret => ({ what: 'key', text }));

interface CameraReply {
  readonly success: boolean;
  readonly camera: { readonly id: string; readonly source: { readonly url: string; readonly revision: number } };
}

/** An RTSP camera with a login, which has a stream at every path but `/none`. */
async function startCamera(): Promise<{ readonly camera: OddCamera; readonly login: CameraLogin }> {
  const login = cameraLogin({ password: PASSWORD });
  const camera = await oddCamera({
    sdp: SDP,
    manners: {
      '*': login.manner,
      DESCRIBE: (request, usual) => (request.url.includes('/none') ? { status: 404, headers: [] } : usual),
    },
  });
  onTestFinished(() => camera.stop());
  return { camera, login };
}

async function startWebPage(): Promise<number> {
  const server = createServer((_request, response) => response.end('<html><h1>Camera</h1></html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => stopped(server));
  return (server.address() as AddressInfo).port;
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A port at which nobody listens any more. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await stopped(server);
  return port;
}

async function add(rig: AppRig, url: string, password: string | null, more: object = {}) {
  const source = { url, ...(password !== null && { user: 'admin', password }) };
  return rig.post('/api/camera', { name: 'Car park', source, ...more });
}

async function isRefused(rig: AppRig, url: string, password: string | null, reason: string): Promise<void> {
  const { status, json } = await add(rig, url, password);
  expect({ status, json }).toMatchObject({
    status: 422,
    json: { success: false, error: { code: 'SOURCE_NOT_OPENED', reason } },
  });
  const { message, cure } = (json as { error: { message: string; cure: string } }).error;
  expect(message).toMatch(/^[A-Z].*\.$/);
  expect(cure).toContain('"keep": true');
}

describe.each(rigEngines)('a new camera by URL, with the engine %s', (engine) => {
  it(
    'is opened before it is stored, says why it does not open, and keeps its address and password to itself',
    { timeout: 120_000 },
    async () => {
      const { camera, login } = await startCamera();
      const fleet = makeFleet({ cameras: 1, seed: `create-url-${engine}` });
      const rig = await startAppRig({ fleet, engine, lifetimeSeconds: 600, sourceNetworks: '127.0.0.0/8' });
      onTestFinished(() => rig.stop());
      const url = `rtsp://127.0.0.1:${camera.port}/main`;

      await isRefused(rig, url, WRONG, 'login');
      expect(login.refused).toHaveLength(1);
      await isRefused(rig, `rtsp://127.0.0.1:${camera.port}/none`, PASSWORD, 'not-found');
      await isRefused(rig, `rtsp://127.0.0.1:${await deadPort()}/main`, null, 'connection');
      await isRefused(rig, `rtsp://127.0.0.1:${await startWebPage()}/main`, null, 'not-a-stream');
      expect((await rig.get('/api/camera')).json).not.toMatchObject({ cameras: [{ name: 'Car park' }] });

      const added = await add(rig, url, PASSWORD);
      expect(added).toMatchObject({
        status: 201,
        json: { camera: { name: 'Car park', failure: null, source: { kind: 'url', user: '***', revision: 1 } } },
      });
      expect(JSON.stringify(added.json)).toContain('H264');
      const { id, source: first } = (added.json as CameraReply).camera;
      // It may be opened again meanwhile.
      const source = { ...first, openedAt: expect.any(String) as unknown };

      // A form of an old system reads the camera and puts everything back.
      const same = await rig.send('PUT', `/api/camera/${id}`, { body: { name: 'Gate', source: { url: source.url } } });
      expect(same).toMatchObject({ status: 200, json: { camera: { name: 'Gate', source } } });
      const moved = { body: { source: { url: `rtsp://127.0.0.1:${camera.port}/other` } } };
      expect(await rig.send('PUT', `/api/camera/${id}`, moved)).toMatchObject({
        status: 400,
        json: { error: { code: 'REQUEST_INVALID' } },
      });
      const kept = await add(rig, `rtsp://127.0.0.1:${camera.port}/none`, PASSWORD, { name: 'Later', keep: true });
      expect(kept).toMatchObject({
        status: 201,
        json: { camera: { name: 'Later', failure: { code: 'STREAM_NOT_FOUND' } } },
      });

      await rig.restart();
      expect((await rig.get(`/api/camera/${id}`)).json).toMatchObject({ camera: { name: 'Gate', source } });

      for (const { request, reply } of rig.exchanges)
        expect(leaksIn(request, JSON.stringify(reply.headers) + reply.text, SECRETS)).toEqual([]);
      expect(rig.logLines.length).toBeGreaterThan(5);
      for (const line of rig.logLines) expect(leaksIn('log', line, SECRETS)).toEqual([]);
      const files = filesWithSecrets(rig.dataDir, SECRETS);
      expect(files.length).toBeGreaterThan(0);
      expect(files.filter(({ name, mode }) => mode !== '600' || /mediamtx/i.test(name))).toEqual([]);
    },
  );
});
