import type { Browser, Request } from 'playwright-core';
import { until } from '../installation/appRig.js';
import { Diary } from './diary.js';

/** One frame that a viewer saw. */
export interface SeenFrame {
  /** Unix ms. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
}

/** A viewer of one camera on the page. */
export interface Viewer {
  readonly name: string;
  /** The frames that the viewer has seen since then. */
  framesSince(atMs: number): Promise<readonly SeenFrame[]>;
  /** Resolves when the viewer has seen so many frames since then. */
  watched(count: number, sinceMs: number, limitMs: number): Promise<readonly SeenFrame[]>;
  /** A text for the message of a failure: the player's state, and the page's refused or failed requests since then. */
  story(sinceMs: number): Promise<string>;
  /** The player's requests since then that begin another session, one line each. */
  sessionsSince(atMs: number): readonly string[];
  /** Resolves when the page shows this text. */
  reads(text: string): Promise<void>;
  leave(): Promise<void>;
}

/** Records each presented frame, in every video of the page. */
const RECORDER = `
  globalThis.seenFrames = [];
  const watched = new WeakSet();
  const watch = (video) => {
    if (watched.has(video)) return;
    watched.add(video);
    const again = () => video.requestVideoFrameCallback((now, { width, height }) => {
      if (video.isConnected) globalThis.seenFrames.push({ atMs: performance.timeOrigin + now, width, height });
      again();
    });
    again();
  };
  new MutationObserver(() => document.querySelectorAll('video').forEach(watch)).observe(document, { childList: true, subtree: true });
`;

/** Reads the state of the page's players. */
const PLAYER = `JSON.stringify([...document.querySelectorAll('video')].map((video) => ({ ...video.dataset, time: video.currentTime })))`;

/** Opens the page in the browser, which plays the camera and reconnects by itself. */
export async function openViewer(
  browser: Browser,
  siteUrl: string,
  camera: { readonly id: string; readonly name: string },
  transport: 'webrtc' | 'hls' = 'webrtc',
): Promise<Viewer> {
  // Each viewer has a window of its own: Chromium shows a tab behind another at one frame a second.
  const page = await browser.newPage({ viewport: { width: 640, height: 360 } });
  const requests = new Diary();
  const sessions: { readonly atMs: number; readonly line: string }[] = [];
  page.on('request', (request) => {
    const line = pathOf(request);
    if (/^POST .*\/whep$|\/index\.m3u8$/.test(line)) sessions.push({ atMs: Date.now(), line });
  });
  page.on('response', (reply) => {
    const request = reply.request();
    if (request.method() === 'POST' || reply.status() >= 400) requests.note(`${pathOf(request)} ${reply.status()}`);
  });
  page.on('requestfailed', (request) => requests.note(`${pathOf(request)} ${request.failure()?.errorText}`));
  await page.addInitScript(RECORDER);
  await page.goto(`${siteUrl}/?camera=${camera.id}&play=${transport}`);
  const name = `${transport} of ${camera.name}`;
  const framesSince = (atMs: number): Promise<readonly SeenFrame[]> =>
    page.evaluate<readonly SeenFrame[]>(`globalThis.seenFrames.filter((frame) => frame.atMs > ${atMs})`);
  return {
    name,
    framesSince,
    watched: async (count, sinceMs, limitMs) => {
      const { frames } = await until(
        `${count} frames by ${name}`,
        limitMs,
        async () => ({ frames: await framesSince(sinceMs), player: await page.evaluate<string>(PLAYER) }),
        (now) => now.frames.length >= count,
        (now) => `${now.frames.length} frames, ${now.player}`,
      );
      return frames;
    },
    story: async (sinceMs) => {
      const frames = await framesSince(sinceMs);
      const seen = `${frames.length} frames, longest without one ${longestFreezeMs(frames, sinceMs)} ms, the last at ${momentOf(frames.at(-1))}`;
      const player = await page.evaluate<string>(PLAYER);
      return [`${name}: ${seen}; ${player}`, ...requests.since(sinceMs)].join('\n  ');
    },
    sessionsSince: (atMs) => sessions.filter((session) => session.atMs > atMs).map(({ line }) => line),
    reads: (text) => page.getByText(text).first().waitFor(),
    leave: () => page.context().close(),
  };
}

function pathOf(request: Request): string {
  return `${request.method()} ${new URL(request.url()).pathname}`;
}

function momentOf(frame: SeenFrame | undefined): string {
  return frame === undefined ? 'no moment' : new Date(frame.atMs).toISOString().slice(11, 23);
}

/** The longest time without a new frame, in ms, from `fromMs` (Unix ms) to the last frame. */
export function longestFreezeMs(frames: readonly SeenFrame[], fromMs: number): number {
  let last = fromMs;
  let longest = 0;
  for (const { atMs } of frames) {
    longest = Math.max(longest, atMs - last);
    last = atMs;
  }
  return longest;
}

/** Each size that was seen, as `640x360`. */
export function sizesOf(frames: readonly SeenFrame[]): readonly string[] {
  return [...new Set(frames.map(({ width, height }) => `${width}x${height}`))];
}
