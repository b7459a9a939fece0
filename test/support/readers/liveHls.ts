import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { SEGMENT_MS, type HlsClip } from './hlsClip.js';

export interface LiveHlsOptions {
  /** Encrypts each segment by AES-128 with this key of 16 bytes. */
  readonly key?: Buffer;
  /** Answers instead of the server where it returns true. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface LiveHls {
  readonly url: string;
  readonly port: number;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** Counts segments from 0 again, as a server does that was started again. */
  restart(): void;
  /** Nothing is added to the playlist any more. */
  freeze(): void;
  stop(): void;
}

/** Segments in the playlist. */
const WINDOW = 4;

/** A live HLS server: a clip without end, of which the playlist shows the last segments. */
export async function startLiveHls(clip: HlsClip, options: LiveHlsOptions = {}): Promise<LiveHls> {
  const { key, answer = () => false } = options;
  const { map, segments } = clip;
  const asked: string[] = [];
  let beganMs = performance.now() - WINDOW * SEGMENT_MS;
  let first = 0;
  let frozen: number | null = null;
  const newest = (): number => frozen ?? Math.floor((performance.now() - beganMs) / SEGMENT_MS);
  const kind = map === null ? 'ts' : 'm4s';
  const playlist = (): string => {
    const end = newest();
    const lines = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:1'];
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${Math.max(0, end - WINDOW) + first}`);
    if (key) lines.push('#EXT-X-KEY:METHOD=AES-128,URI="/key"');
    if (map) lines.push('#EXT-X-MAP:URI="init.mp4"');
    for (let at = Math.max(0, end - WINDOW); at < end; at++) {
      // The clip begins anew, and so do its times.
      if (at > 0 && at % segments.length === 0) lines.push('#EXT-X-DISCONTINUITY');
      lines.push(`#EXTINF:${SEGMENT_MS / 1_000},`, `part/${at}.${kind}?id=a%20b`);
    }
    return `${lines.join('\n')}\n`;
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (answer(request, response)) return;
    const [, number] = /^\/cam\/part\/(\d+)\./.exec(path) ?? [];
    if (path === '/cam/live.m3u8') {
      response.setHeader('content-type', 'application/vnd.apple.mpegurl');
      response.end(playlist());
    } else if (number !== undefined)
      response.end(encrypted(segments[Number(number) % segments.length], Number(number)));
    else if (path === '/cam/init.mp4') response.end(map);
    else if (path === '/key') response.end(key);
    else response.writeHead(404).end();
  });
  const encrypted = (bytes: Buffer | undefined, number: number): Buffer | undefined => {
    if (key === undefined || bytes === undefined) return bytes;
    const iv = Buffer.alloc(16);
    iv.writeUInt32BE(number, 12);
    const cipher = createCipheriv('aes-128-cbc', key, iv);
    return Buffer.concat([cipher.update(bytes), cipher.final()]);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ url: `http://127.0.0.1:${port}/cam/live.m3u8`, port, asked },
    restart: () => {
      beganMs = performance.now() - WINDOW * SEGMENT_MS;
      first = 0;
    },
    freeze: () => void (frozen = newest()),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
