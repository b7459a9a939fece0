import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { CameraMode } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { EmbeddedMedia } from '../../../src/engine/mediaEngine.js';

/** A target on this URL that ends in a week. */
export function targetOn(url: string, revision = 1): PullTarget {
  return { url, givenBy: 'cloud', revision, endsAt: new Date('2026-01-12T08:00:00Z'), tracks: null };
}

/** The desired streams of the named cameras with their leases. */
export function desired(
  leases: Readonly<Record<string, PullTarget | null>>,
  mode: CameraMode = 'on-demand',
): DesiredStreams {
  return new Map(Object.entries(leases).map(([id, inForce]) => [id, { mode, inForce, candidate: null }]));
}

export interface MediaServer {
  readonly origin: string;
  close(): void;
}

/** Serves the embedded engine's media over HTTP, as `src/http` does, and `pages` by path. */
export async function serveMedia(
  media: EmbeddedMedia,
  pages: Readonly<Record<string, { type: string; body: string }>> = {},
): Promise<MediaServer> {
  const server = createServer((request, response) => {
    answer(media, pages, request, response).catch((error: unknown) => {
      response.writeHead(503).end(error instanceof Error ? error.message : 'failed');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

async function answer(
  media: EmbeddedMedia,
  pages: Readonly<Record<string, { type: string; body: string }>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, kind = '', id = '', file = ''] = (request.url ?? '').split('/');
  const left = new AbortController();
  response.once('close', () => left.abort(new Error('The client left.')));
  const page = pages[request.url ?? ''];
  if (page) {
    response.writeHead(200, { 'content-type': page.type }).end(page.body);
  } else if (kind === 'hls') {
    const found = await media.hls(id, file, left.signal);
    if (found)
      response.writeHead(200, { 'content-type': found.contentType, 'cache-control': 'no-store' }).end(found.body);
    else response.writeHead(404).end();
  } else if (request.method === 'POST') {
    const { sessionId, answer: sdp } = await media.whepOffer(id, await bodyOf(request), left.signal);
    response
      .writeHead(201, { 'content-type': 'application/sdp', location: `/webrtc/${id}/whep/${sessionId}` })
      .end(sdp);
  } else {
    response.writeHead(404).end();
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString();
}

/** A browser's offer to receive H.264, reduced to the lines that matter. No browser ever connects with it. */
export const VIDEO_OFFER = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=video 9 UDP/TLS/RTP/SAVPF 102',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:abcdefghijklmnopqrstuvwx',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=mid:0',
  'a=recvonly',
  'a=rtcp-mux',
  'a=rtpmap:102 H264/90000',
  'a=rtcp-fb:102 nack',
  'a=rtcp-fb:102 nack pli',
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f',
  '',
].join('\r\n');

/** Plays the camera `yard` by HLS and by WebRTC; wants hls.js at `/hls.js`. */
export const PLAYER_PAGE = `<!doctype html><video id="hls" muted autoplay></video><video id="webrtc" muted autoplay></video>
<script src="/hls.js"></script><script>
const hls = new Hls();
hls.loadSource('/hls/yard/index.m3u8');
hls.attachMedia(document.getElementById('hls'));
async function whep() {
  const connection = new RTCPeerConnection();
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  const arrived = new Promise((resolve) => (connection.ontrack = (event) => resolve(event.streams[0] ?? new MediaStream([event.track]))));
  await connection.setLocalDescription(await connection.createOffer());
  const headers = { 'content-type': 'application/sdp' };
  const reply = await fetch('/webrtc/yard/whep', { method: 'POST', headers, body: connection.localDescription.sdp });
  await connection.setRemoteDescription({ type: 'answer', sdp: await reply.text() });
  document.getElementById('webrtc').srcObject = await arrived;
}
whep();
</script>`;
