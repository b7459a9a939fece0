import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket, type RawData } from 'ws';
import { Happenings } from '../happenings.js';

/** A WebSocket of a client of the RTSP Stream Viewer. */
export interface ViewerSocket {
  /** Texts as objects, binary messages as buffers. */
  readonly got: unknown[];
  /** The close code; null: open. */
  closed(): number | null;
  until(isSo: () => boolean): Promise<void>;
  send(message: unknown): void;
  close(): void;
}

/** It is closed when the test ends. */
export function openViewerSocket(url: string): ViewerSocket {
  const socket = new WebSocket(url);
  onTestFinished(() => socket.terminate());
  const happenings = new Happenings();
  const got: unknown[] = [];
  let closed: number | null = null;
  socket.on('message', (data: RawData, isBinary) => {
    const bytes = data as Buffer;
    got.push(isBinary ? bytes : (JSON.parse(bytes.toString()) as unknown));
    happenings.tell();
  });
  socket.on('error', () => undefined);
  socket.on('close', (code) => {
    closed = code;
    happenings.tell();
  });
  return {
    got,
    closed: () => closed,
    until: (isSo) => happenings.until(isSo),
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    close: () => socket.close(),
  };
}

/**
 * What the old page does: it asks for the list, connects to `ws_url`, and on `video_start` gives the video to JSMpeg. `window.pictures` counts the pictures
 * of the canvas that differ from the one before.
 */
const PAGE = `<!doctype html><canvas></canvas><script src="/jsmpeg.js"></script><script>
  window.pictures = 0;
  window.told = [];
  const api = new URLSearchParams(location.search).get('api');
  const canvas = document.querySelector('canvas');
  const play = async () => {
    const [stream] = await (await fetch(api + '/api/streams/', { credentials: 'include' })).json();
    const control = new WebSocket(stream.ws_url);
    control.onopen = () => control.send(JSON.stringify({ action: 'start' }));
    control.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      window.told.push(message.phase ?? message.type);
      if (message.type !== 'video_start') return;
      const url = stream.ws_url + '&video_only=true&client_id=client_1_abcdefghi';
      new JSMpeg.Player(url, { canvas, audio: false, disableGl: true });
    };
  };
  let last = '';
  setInterval(() => {
    if (canvas.width === 0) return;
    const now = canvas.toDataURL('image/jpeg', 0.5);
    if (now !== last) window.pictures += 1;
    last = now;
  }, 200);
  play().catch((error) => window.told.push(String(error)));
</script>`;

/** Serves the page with the real JSMpeg until the test ends; `?api=` is the address of the listener. */
export async function serveViewerPage(): Promise<string> {
  const library = path.join(
    path.dirname(createRequire(import.meta.url).resolve('@cycjimmy/jsmpeg-player')),
    'jsmpeg-player.umd.min.js',
  );
  const script = await readFile(library);
  const server = createServer((request, response) => {
    const isScript = request.url === '/jsmpeg.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? script : PAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
