import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  makeMediaMtx,
  mediaMtxProgram,
  shippedTemplate,
  until,
  type TestMediaMtx,
} from '../../../../test/support/engine/mediamtx.js';
import { templateFor } from './templateFor.js';
import { encodeGroup, publishGroup } from '../../../../test/support/viewers/publishedSource.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';

let mediaMtx: TestMediaMtx | null = null;
afterEach(async () => {
  await mediaMtx?.stop();
  mediaMtx = null;
});

/** Two client addresses: this machine (where a proxy may bring all viewers from) and a stranger. */
const ANYWHERE = ['127.0.0.1', '127.0.0.2'];
const STRANGER = '127.0.0.2';
/** A user that the operator added. */
const DOOR = '  - {user: door, pass: a-long-password, permissions: [{action: publish, path: cam}, {action: api}]}\n';

interface Ask {
  readonly from: string;
  readonly method?: string;
  readonly body?: string;
  readonly type?: string;
  readonly authorization?: string;
}

function status(
  url: string,
  { from, method = 'GET', body, type, authorization }: Ask,
): Promise<{ code: number; origin: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = {
      origin: 'http://page.test',
      ...(type && { 'content-type': type }),
      ...(authorization && { authorization }),
    };
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

const DOOR_LOGIN = `Basic ${Buffer.from('door:a-long-password').toString('base64')}`;

function rtsp(port: number, method: string, path: string, from: string, body = '', login = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from });
    socket.on('error', reject);
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().split('\r\n')[0] ?? '');
    });
    const lines = [
      `${method} rtsp://127.0.0.1:${port}/${path} RTSP/1.0`,
      'CSeq: 1',
      ...(login === '' ? [] : [`Authorization: ${login}`]),
      ...(body === '' ? [] : ['Content-Type: application/sdp', `Content-Length: ${body.length}`]),
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

describe.skipIf(mediaMtxProgram === null)('the shipped configuration', () => {
  async function started(): Promise<TestMediaMtx> {
    const template = (await shippedTemplate()).replace(/^authInternalUsers:\n/m, (key) => key + DOOR);
    mediaMtx = await makeMediaMtx(`${template}  cam: {source: publisher}\n  _lease/cam/1: {source: publisher}\n`);
    await mediaMtx.start();
    return mediaMtx;
  }

  test.each(ANYWHERE)('lets %s watch public paths, and nothing that begins with an underscore', async (from) => {
    const { hlsUrl, webrtcUrl, ports } = await started();
    const at = async (url: string): Promise<number> => (await status(url, { from })).code;
    expect(await at(`${hlsUrl}/_lease/cam/1/index.m3u8?cookieCheck=1`)).toBe(401);
    expect(await at(`${hlsUrl}/_lease/cam/1/index.m3u8?cookieCheck=1&camlease=own`)).toBe(401);
    expect(await at(`${hlsUrl}/cam/index.m3u8?cookieCheck=1`)).toBe(404);
    const offer = { from, method: 'POST', type: 'application/sdp', body: SDP };
    expect((await status(`${webrtcUrl}/_lease/cam/1/whep`, offer)).code).toBe(401);
    expect((await status(`${webrtcUrl}/cam/whep`, offer)).code).not.toBe(401);
    expect(await rtsp(ports.rtsp, 'DESCRIBE', '_lease/cam/1', from)).toContain('401');
    expect(await rtsp(ports.rtsp, 'DESCRIBE', 'cam', from)).toContain('404');
  });

  test.each(ANYWHERE)('lets nobody at %s publish, over WebRTC or over RTSP', async (from) => {
    const { webrtcUrl, ports } = await started();
    const offer = { from, method: 'POST', type: 'application/sdp', body: SDP };
    for (const path of ['cam', '_lease/cam/1']) {
      expect((await status(`${webrtcUrl}/${path}/whip`, offer)).code).toBe(401);
      expect(await rtsp(ports.rtsp, 'ANNOUNCE', path, from, SDP)).toContain('401');
    }
    expect(await rtsp(ports.rtsp, 'ANNOUNCE', 'cam', from, SDP, DOOR_LOGIN)).toContain('200');
    expect(await rtsp(ports.rtsp, 'ANNOUNCE', '_lease/cam/1', from, SDP, DOOR_LOGIN)).toContain('401');
  });

  test.each(ANYWHERE)('lets nobody at %s use its API, so no program is started', async (from) => {
    const { apiUrl, folder } = await started();
    expect((await status(`${apiUrl}/v3/config/paths/list`, { from })).code).toBe(401);
    const body = JSON.stringify({ source: 'publisher', runOnInit: `touch ${folder}/ran` });
    // As a page in a browser on this machine can send it: without headers that need a preflight request.
    const add = { from, method: 'POST', type: 'text/plain', body };
    expect((await status(`${apiUrl}/v3/config/paths/add/x`, add)).code).toBe(401);
    const own = await status(`${apiUrl}/v3/config/paths/list`, { from, authorization: DOOR_LOGIN });
    expect(own).toEqual({ code: 200, origin: undefined });
    expect(existsSync(`${folder}/ran`)).toBe(false);
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
      const source = await publishGroup(`rtsp://door:a-long-password@127.0.0.1:${ports.rtsp}/cam`, cut);
      try {
        const index = `${hlsUrl}/cam/index.m3u8?cookieCheck=1`;
        let [listUrl, list] = ['', ''];
        await until(async () => {
          const reply = await fetch(listUrl === '' ? index : listUrl);
          const text = reply.ok ? await reply.text() : '';
          // The first list names the media list, with the session in its URL.
          const next = /^\w+_stream\.m3u8\S*/m.exec(text)?.[0];
          if (listUrl === '' && next !== undefined) listUrl = new URL(next, reply.url).href;
          else list = text;
          // MediaMTX fills a short list with gaps.
          return list.split('#EXTINF').length > 3 && !list.includes('#EXT-X-GAP');
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

  const addressesIn = (text: string): readonly (readonly [string, string])[] =>
    [...text.matchAll(/^(\w+Address): (\S+)/gm)].map(([, name = '', address = '']) => [name, address]);
  const openIn = (text: string): readonly string[] =>
    addressesIn(text).flatMap(([name, address]) => (address.startsWith('127.0.0.1:') ? [] : [name]));
  const LOCAL = 'http://localhost:8888';
  const NAMED = 'https://cams.example.org';

  test('listens for this machine alone, and runs no more servers than are used', async () => {
    expect(openIn(await shippedTemplate())).toEqual([]);
    const server = await started();
    await until(() => server.log().includes('[API] started'));
    expect(server.log()).not.toMatch(/\[(?:RTMP|SRT|MoQ|playback|pprof|metrics)\] started/);
  });

  test.each([
    [LOCAL, 'http://127.0.0.1:8889', []],
    ['http://[::1]:8888', 'http://cams.localhost', []],
    [NAMED, LOCAL, ['hlsAddress']],
    [LOCAL, 'http://192.168.1.20:8889', ['webrtcAddress', 'webrtcLocalUDPAddress']],
    [NAMED, NAMED, ['hlsAddress', 'webrtcAddress', 'webrtcLocalUDPAddress']],
  ])('a file made for viewers at %s and %s opens %j to the network', async (hlsBaseUrl, webrtcBaseUrl, open) => {
    const template = await shippedTemplate();
    const made = templateFor(template, { hlsBaseUrl, webrtcBaseUrl });
    expect(openIn(made)).toEqual(open);
    expect(addressesIn(made).map(([name]) => name)).toEqual(addressesIn(template).map(([name]) => name));
  });
});
