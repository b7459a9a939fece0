import express, { type RequestHandler } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { HttpDeps } from '../route/deps.js';
import { endpoint, type Handler } from '../route/route.js';
import { requireMedia } from './embeddedMedia.js';
import { answersPage, cameraErrors, cameraParams } from '../route/contract.js';

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>camlease</title>
<p>camlease is running, but its page is not built. Run <code>npm run build</code> and start camlease again.
The API is described at <a href="/api/docs">/api/docs</a>.</p></html>`;

type Deps = Pick<HttpDeps, 'dashboardDir' | 'cameras' | 'engine'>;

export const dashboardPage = endpoint(
  {
    summary: 'The page with all cameras',
    replies: { 200: answersPage },
  },
  dashboardPageHandler,
);

/** The page with all cameras; with `?camera=` it plays one. Read once, since the file does not change while the process runs. */
function dashboardPageHandler(deps: Deps): Handler {
  const html = readPage(deps.dashboardDir);
  return (_request, response) => {
    response.set('Cache-Control', 'no-cache').type('html').send(html);
  };
}

export const webrtcPage = endpoint(
  {
    summary: 'WebRTC page of the embedded engine',
    params: cameraParams,
    replies: { 200: answersPage, ...cameraErrors },
  },
  webrtcPageHandler,
);

/** The embedded engine's WebRTC page: one camera, full size. Other sites may frame it, as they may frame MediaMTX's. */
function webrtcPageHandler(deps: Deps): Handler {
  const html = readPage(deps.dashboardDir);
  return (request, response) => {
    requireMedia(deps, request);
    const csp = response.getHeader('Content-Security-Policy');
    if (typeof csp === 'string')
      response.set('Content-Security-Policy', csp.replace("frame-ancestors 'self'", 'frame-ancestors *'));
    response.removeHeader('X-Frame-Options');
    response.set('Cache-Control', 'no-cache').type('html').send(html);
  };
}

/** Scripts and styles: their names carry a hash, so browsers may keep them for ever. */
export function dashboardAssets(dashboardDir: string | null): RequestHandler | null {
  if (dashboardDir === null) return null;
  return express.static(path.join(dashboardDir, 'assets'), {
    index: false,
    redirect: false,
    immutable: true,
    maxAge: '1y',
  });
}

function readPage(dashboardDir: string | null): string {
  const file = dashboardDir === null ? null : path.join(dashboardDir, 'index.html');
  return file !== null && existsSync(file) ? readFileSync(file, 'utf8') : NOT_BUILT;
}
