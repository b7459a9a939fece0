import type { Browser, Request } from 'playwright-core';
import { until } from '../installation/appRig.js';
import { Diary } from './diary.js';

/** One frame that a viewer saw. */
export interface SeenFrame {
  /** Milliseconds of the clock of the day. */
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
}

/** Somebody who watches one camera on our page. */
export interface Viewer {
  readonly name: string;
  /** What he saw since then. */
  framesSince(atMs: number): Promise<readonly SeenFrame[]>;
  /** Resolves when he has seen so many frames since then. */
  watched(count: number, sinceMs: number, limitMs: number): Promise<readonly SeenFrame[]>;
  /** For the message of a failure: his player, and what his page was refused or could not ask since then. */
  story(sinceMs: number): Promise<string>;
  /** What his player asked for since then to begin another session: each as a line. */
  sessionsSince(atMs: number): readonly string[];
  /** Resolves when his page says this. */
  reads(text: string): Promise<void>;
  leave(): Promise<void>;
}

/** Notes each frame that is presented, in every video of the page. */
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

/** What the player says of itself. */
const PLAYER = `JSON.stringify([...document.querySelectorAll('video')].map((video) => ({ ...video.dataset, time: video.currentTime })))`;

/** Opens our page in the browser; it plays the camera by itself, and begins again by itself. */
export async function openViewer(
  browser: Browser,
  siteUrl: string,
  camera: { readonly id: string; readonly name: string },
  transport: 'webrtc' | 'hls' = 'webrtc',
): Promise<Viewer> {
  // In a window of his own: a tab behind another is shown one frame a second.
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

/** The longest time without a new frame, in ms; from `fromMs` (a moment of the day) to the last frame. */
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
