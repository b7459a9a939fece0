import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface JpegCameraOptions {
  readonly jpegs: readonly Buffer[];
  /** The time (ms) from one picture to the next. */
  readonly everyMs?: number;
  /** null: the answer names no type. */
  readonly type?: string | null;
  /** What is sent of a picture, headers and boundary included; null: the connection is cut. */
  readonly part?: (jpeg: Buffer, at: number) => Buffer | null;
  /** Answers instead of the camera where it returns true. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface JpegCamera {
  /** MJPEG. */
  readonly url: string;
  /** One picture for each request. */
  readonly snapshotUrl: string;
  readonly asked: readonly { readonly path: string; readonly atMs: number }[];
  /** Answers that are being sent now. */
  readonly open: () => number;
  stop(): void;
}

/** A part as the standard wants it. */
export function properPart(jpeg: Buffer): Buffer {
  const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')]);
}

/** A camera that sends JPEG pictures over http, over and over. */
export async function startJpegCamera({
  jpegs,
  everyMs = 40,
  type = 'multipart/x-mixed-replace; boundary=frame',
  part = properPart,
  answer = () => false,
}: JpegCameraOptions): Promise<JpegCamera> {
  const asked: { path: string; atMs: number }[] = [];
  const running = new Set<ServerResponse>();
  let shots = 0;
  const stream = (response: ServerResponse): void => {
    running.add(response);
    response.writeHead(200, type === null ? {} : { 'content-type': type });
    let at = 0;
    const timer = setInterval(() => {
      const bytes = part(jpegs[at % jpegs.length] ?? Buffer.alloc(0), at);
      at += 1;
      if (bytes === null) response.destroy();
      else response.write(bytes);
    }, everyMs);
    response.on('close', () => {
      clearInterval(timer);
      running.delete(response);
    });
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push({ path, atMs: performance.now() });
    response.on('error', () => undefined);
    if (answer(request, response)) return;
    if (path === '/video') stream(response);
    else if (path === '/shot.jpg')
      response.writeHead(200, { 'content-type': 'image/jpeg' }).end(jpegs[shots++ % jpegs.length]);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return {
    ...{ url: `${base}/video`, snapshotUrl: `${base}/shot.jpg`, asked },
    open: () => running.size,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
