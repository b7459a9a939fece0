import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  mediaMtxTemplate,
  until,
  type TestMediaMtx,
} from '../../../test/support/mediamtx.js';
import { encodeGroup, publishMarked } from '../../../test/support/markedSource.js';
import { nodeAvFor } from '../../../test/support/nodeAv.js';

let mediaMtx: TestMediaMtx | null = null;
afterEach(async () => {
  await mediaMtx?.stop();
  mediaMtx = null;
});

/** 127.0.0.1 may do everything; any other address of the loopback net stands for another machine. */
const STRANGER = '127.0.0.2';

interface Ask {
  readonly from: string;
  readonly method?: string;
  readonly body?: string;
  readonly type?: string;
}

function status(url: string, { from, method = 'GET', body, type }: Ask): Promise<{ code: number; origin: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { origin: 'http://page.test', ...(type && { 'content-type': type }) };
    const asked = request(url, { method, localAddress: from, headers }, (response) => {
      response.resume();
      resolve({ code: response.statusCode ?? 0, origin: response.headers['access-control-allow-origin'] });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const SDP =
  'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:trackID=0\r\n';

function announce(port: number, path: string, from: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    const head = `ANNOUNCE rtsp://127.0.0.1:${port}/${path} RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\n`;
    socket.write(`${head}Content-Length: ${SDP.length}\r\n\r\n${SDP}`);
  });
}

describe.skipIf(mediaMtxProgram === null)('the shipped configuration', () => {
  async function started(): Promise<TestMediaMtx> {
    mediaMtx = await makeMediaMtx(
      `${await mediaMtxTemplate()}  cam: {source: publisher}\n  _lease/cam/1: {source: publisher}\n`,
    );
    await mediaMtx.start();
    return mediaMtx;
  }

  test('lets other machines watch public paths, and nothing that begins with an underscore', async () => {
    const { hlsUrl, webrtcUrl } = await started();
    const at = async (url: string): Promise<number> => (await status(url, { from: STRANGER })).code;
    expect(await at(`${hlsUrl}/_lease/cam/1/index.m3u8?cookieCheck=1`)).toBe(401);
    expect(await at(`${hlsUrl}/cam/index.m3u8?cookieCheck=1`)).toBe(404);
    const offer = { from: STRANGER, method: 'POST', type: 'application/sdp', body: SDP };
    expect((await status(`${webrtcUrl}/_lease/cam/1/whep`, offer)).code).toBe(401);
    expect((await status(`${webrtcUrl}/cam/whep`, offer)).code).not.toBe(401);
  });

  test('lets nobody publish from another machine, over WebRTC or over RTSP', async () => {
    const { webrtcUrl, ports } = await started();
    const offer = { method: 'POST', type: 'application/sdp', body: SDP };
    expect((await status(`${webrtcUrl}/cam/whip`, { from: STRANGER, ...offer })).code).toBe(401);
    expect((await status(`${webrtcUrl}/cam/whip`, { from: '127.0.0.1', ...offer })).code).not.toBe(401);
    expect(await announce(ports.rtsp, 'cam', STRANGER)).toContain('401');
    expect(await announce(ports.rtsp, 'cam', '127.0.0.1')).toContain('200');
  });

  test('shows its API to this machine alone', async () => {
    const { apiUrl } = await started();
    expect((await status(`${apiUrl}/v3/config/paths/list`, { from: STRANGER })).code).toBe(401);
    const own = await status(`${apiUrl}/v3/config/paths/list`, { from: '127.0.0.1' });
    expect(own).toEqual({ code: 200, origin: undefined });
  });

  test('lets pages on other ports play', async () => {
    const { hlsUrl, webrtcUrl } = await started();
    expect((await status(`${hlsUrl}/cam/index.m3u8`, { from: STRANGER })).origin).toBe('*');
    expect((await status(`${webrtcUrl}/cam/whep`, { from: STRANGER, method: 'OPTIONS' })).origin).toBe('*');
  });

  test.skipIf(!nodeAvFor('key frames closer than a second'))(
    'lets no key frame interval that a handover cuts short wait for the next one in HLS lists',
    async () => {
      const { hlsUrl, ports } = await started();
      const cut = await encodeGroup(20);
      const source = await publishMarked(`rtsp://127.0.0.1:${ports.rtsp}/cam`, cut, { sound: false });
      try {
        const index = `${hlsUrl}/cam/index.m3u8?cookieCheck=1`;
        let [listUrl, list] = ['', ''];
        await until(async () => {
          const reply = await fetch(listUrl === '' ? index : listUrl);
          const text = reply.ok ? await reply.text() : '';
          // The session is in the address, and the first list names the one with the parts.
          const next = /^main_stream\S+/m.exec(text)?.[0];
          if (listUrl === '' && next !== undefined) listUrl = new URL(next, reply.url).href;
          else list = text;
          return list.split('#EXTINF').length > 3;
        });
        const seconds = [...list.matchAll(/^#EXTINF:([\d.]+)/gm)].map(
          ([, length]) => Math.round(Number(length) * 10) / 10,
        );
        expect(seconds).toEqual(seconds.map(() => 0.8));
        expect(list).toContain('#EXT-X-TARGETDURATION:1\n');
      } finally {
        source.stop();
      }
    },
  );

  test('opens HLS and WebRTC to the network, and nothing else', async () => {
    const template = await mediaMtxTemplate();
    const addresses = [...template.matchAll(/^(\w+Address): (\S+)/gm)].map(([, name, address]) => [name, address]);
    const open = addresses.filter(([, address]) => !address?.startsWith('127.0.0.1:')).map(([name]) => name);
    expect(open).toEqual(['hlsAddress', 'webrtcAddress', 'webrtcLocalUDPAddress']);
    const server = await started();
    await until(() => server.log().includes('[API] started'));
    expect(server.log()).not.toMatch(/\[(?:RTMP|SRT|MoQ|playback|pprof|metrics)\] started/);
  });
});
