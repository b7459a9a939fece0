import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const HLS_JS = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'));

/** The page of hls.js's guide: no error handler, no settings. The query of its address is the playlist's address. */
const PAGE = `<!doctype html>
<title>hls.js</title>
<style>body { margin: 0 } video { width: 100% }</style>
<video muted autoplay playsinline></video>
<script src="/hls.js"></script>
<script>
  const video = document.querySelector('video');
  const hls = new Hls();
  hls.loadSource(decodeURIComponent(location.search.slice(1)));
  hls.attachMedia(video);
</script>
`;

/** Serves the plainest hls.js page, on 127.0.0.1. */
export interface PlainPage {
  /** `list`: the address of the camera's HLS playlist. */
  addressOf(list: string): string;
  stop(): void;
}

export async function servePlainPage(): Promise<PlainPage> {
  const server = createServer((request, reply) => {
    const isScript = request.url === '/hls.js';
    reply.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
    reply.end(isScript ? HLS_JS : PAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    addressOf: (list) => `http://127.0.0.1:${port}/?${encodeURIComponent(list)}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
