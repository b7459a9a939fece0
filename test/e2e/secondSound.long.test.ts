import type { Browser, Page } from 'playwright-core';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { makeMediaMtx, mediaMtxProgram, until } from '../support/engine/mediamtx.js';
import { mediaMtx, startAppRig, type AppRig } from '../support/installation/appRig.js';
import { chromiumFor, launchChromium } from '../support/viewers/chromium.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';
import { encodeGroup, publishGroup } from '../support/viewers/publishedSource.js';

const run = promisify(execFile);
const LIMIT_MS = 240_000;

interface Links {
  readonly hlsUrl: string;
  readonly webrtcUrl: string;
}

async function live(rig: AppRig, id: string): Promise<Links> {
  return (await rig.get(`/api/camera/${id}/live`)).json as Links;
}

/** Resolves with the links once they name this path; the line comes after the camera's tracks are known. */
async function linksWith(rig: AppRig, id: string, path: string): Promise<Links> {
  let links = await live(rig, id);
  await until(async () => {
    links = await live(rig, id);
    return JSON.stringify(links).includes(path);
  }, 60_000);
  return links;
}

interface Heard {
  readonly codec: string;
  readonly samples: number;
  readonly pictures: number;
}

/** Plays by WHEP in a browser until a second of sound and twenty pictures were decoded. */
function playWhep(page: Page, url: string): Promise<Heard> {
  return page.evaluate<Heard>(`(async () => {
    const connection = new RTCPeerConnection();
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.srcObject = new MediaStream([track]);
      element.muted = track.kind === 'video';
      document.body.append(element);
      element.play();
    };
    await connection.setLocalDescription(await connection.createOffer());
    const body = connection.localDescription.sdp;
    const reply = await fetch(${JSON.stringify(`${url}/whep`)}, { method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body });
    if (!reply.ok) throw new Error('WHEP answered ' + reply.status);
    await connection.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
    for (;;) {
      const stats = [...(await connection.getStats()).values()];
      const of = (kind) => stats.find((one) => one.type === 'inbound-rtp' && one.kind === kind) ?? {};
      const samples = (of('audio').totalSamplesReceived ?? 0) - (of('audio').concealedSamples ?? 0);
      const pictures = of('video').framesDecoded ?? 0;
      const codec = stats.find(({ id }) => id === of('audio').codecId)?.mimeType;
      if (samples > 48000 && pictures > 20) return { codec, samples, pictures };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })()`);
}

describe.skipIf(
  mediaMtx === null || mediaMtxProgram === null || !nodeAvFor('the second sound') || !chromiumFor('sound'),
)('the second sound of a camera of a real MediaMTX', { timeout: LIMIT_MS }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser.close());

  it('is Opus by WebRTC for a cloud camera with AAC, and counts as its viewer', async () => {
    const fleet = makeFleet({ cameras: 1, sound: 'aac', seed: 'second-sound' });
    const rig = await startAppRig({ fleet, engine: 'mediamtx', lifetimeSeconds: 3_600, relay: true });
    onTestFinished(() => rig.stop());
    await rig.post('/api/hikvision/initialize');
    const { cameras } = (await rig.get('/api/camera')).json as { cameras: { id: string }[] };
    const [{ id } = { id: '' }] = cameras;
    const { hlsUrl, webrtcUrl } = await linksWith(rig, id, '/_sound/');
    expect([new URL(hlsUrl).pathname, new URL(webrtcUrl).pathname]).toEqual([`/${id}/index.m3u8`, `/_sound/${id}`]);
    const page = await browser.newPage();
    await page.goto(rig.url);
    const heard = await playWhep(page, webrtcUrl);
    expect(heard.codec).toBe('audio/opus');
    const look = async (): Promise<{ stream: { viewers: number; revision: number } }> =>
      ((await rig.get(`/api/camera/${id}`)).json as { camera: { stream: { viewers: number; revision: number } } })
        .camera;
    await until(async () => (await look()).stream.viewers === 1, 30_000);
    await page.close();
  });

  it('is AAC by HLS for a camera by URL with G.711', async () => {
    const camera = await makeMediaMtx('hls: no\nwebrtc: no\npaths: {cam: {}}\n');
    onTestFinished(() => camera.stop());
    await camera.start();
    const url = `rtsp://127.0.0.1:${camera.ports.rtsp}/cam`;
    const published = await publishGroup(url, await encodeGroup(25), 'pcma');
    onTestFinished(() => published.stop());
    const fleet = makeFleet({ cameras: 1, seed: 'second-sound-url' });
    const rig = await startAppRig({
      ...{ fleet, engine: 'mediamtx', lifetimeSeconds: 600, sourceNetworks: '127.0.0.0/8' },
    });
    onTestFinished(() => rig.stop());
    const added = await rig.post('/api/camera', { name: 'Gate', source: { url } });
    const { id } = (added.json as { camera: { id: string } }).camera;
    const { hlsUrl, webrtcUrl } = await linksWith(rig, id, '/_sound/');
    expect([new URL(hlsUrl).pathname, new URL(webrtcUrl).pathname]).toEqual([`/_sound/${id}/index.m3u8`, `/${id}`]);
    const asked = ['-v', 'error', '-show_entries', 'stream=codec_name,sample_rate', '-of', 'csv=p=0'];
    const { stdout } = await run('ffprobe', [...asked, hlsUrl]);
    expect(stdout).toContain('aac,16000');
    const decoded = await run('ffmpeg', ['-v', 'error', '-i', hlsUrl, '-map', '0:a', '-t', '5', '-f', 'framemd5', '-']);
    expect(decoded.stdout.split('\n').filter((line) => line.startsWith('0,')).length).toBeGreaterThan(20);
  });
});
