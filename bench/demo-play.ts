/**
 * Do all nine cameras of the demo play in Chromium, over HLS and over WebRTC, and do they still play after three lifetimes of a lease?
 *
 *   npm run bench:demo-play -- [--engine embedded|mediamtx] [--lives 3] [--lifetime 90]
 *
 * Starts the demo as a user would, opens a page for each camera and transport, and checks the number of frames every second.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../test/support/viewers/chromium.js';

const TRANSPORTS = ['webrtc', 'hls'] as const;

interface Watched {
  readonly name: string;
  readonly transport: (typeof TRANSPORTS)[number];
  readonly page: Page;
  firstFrameMs: number | null;
  frames: number;
  advancedAtMs: number;
  longestGapMs: number;
}

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'embedded' },
    lives: { type: 'string', default: '3' },
    lifetime: { type: 'string', default: '90' },
    screenshot: { type: 'string' },
  },
});

async function main(): Promise<void> {
  const startedMs = performance.now();
  const demoPath = fileURLToPath(new URL('../../dist/simulator/demo.js', import.meta.url));
  const demo = spawn(
    process.execPath,
    [demoPath, '--engine', values.engine, '--lifetime', values.lifetime, '--port', '0'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const url = await addressOf(demo.stdout);
    const browser = await launchChromium();
    try {
      await watch(url, await browser.newContext(), startedMs);
    } finally {
      await browser.close();
    }
  } finally {
    const gone = once(demo, 'exit');
    demo.kill('SIGINT');
    await gone;
  }
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = /camlease runs:\s+(\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    output.resume();
    return url;
  }
  throw new Error('The demo ended before it printed its address.');
}

async function watch(url: string, context: BrowserContext, startedMs: number): Promise<void> {
  const cameras = await camerasOf(url);
  const watched: Watched[] = [];
  for (const { id, name } of cameras) {
    for (const transport of TRANSPORTS) {
      const page = await context.newPage();
      await page.goto(`${url}/?camera=${id}&play=${transport}`);
      watched.push({
        name,
        transport,
        page,
        firstFrameMs: null,
        frames: 0,
        advancedAtMs: performance.now(),
        longestGapMs: 0,
      });
    }
  }
  const secondsToWatch = Number(values.lives) * Number(values.lifetime);
  let allPlayMs: number | null = null;
  for (let endMs = performance.now() + 60_000; performance.now() < endMs;) {
    await Promise.all(watched.map(look));
    if (allPlayMs === null && watched.every(({ firstFrameMs }) => firstFrameMs !== null)) {
      allPlayMs = performance.now();
      console.log(
        `${watched.length} players play ${((allPlayMs - startedMs) / 1000).toFixed(1)} s after the demo was started.`,
      );
      endMs = performance.now() + secondsToWatch * 1000;
      for (const player of watched) player.longestGapMs = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  if (values.screenshot !== undefined) {
    const page = await context.newPage();
    await page.goto(url);
    await page.getByRole('button', { name: /play all/i }).click();
    await page.waitForTimeout(6_000);
    await page.screenshot({ path: values.screenshot });
  }
  report(watched, await camerasOf(url), allPlayMs !== null, secondsToWatch);
}

async function look(player: Watched): Promise<void> {
  const frames = await player.page.evaluate(
    'document.querySelector("video")?.getVideoPlaybackQuality().totalVideoFrames ?? 0',
  );
  const nowMs = performance.now();
  if (typeof frames !== 'number' || frames === player.frames) {
    player.longestGapMs = Math.max(player.longestGapMs, nowMs - player.advancedAtMs);
    return;
  }
  player.firstFrameMs ??= nowMs;
  player.frames = frames;
  player.longestGapMs = Math.max(player.longestGapMs, nowMs - player.advancedAtMs);
  player.advancedAtMs = nowMs;
}

function report(watched: readonly Watched[], cameras: readonly Camera[], allPlayed: boolean, seconds: number): void {
  console.log(
    `engine ${values.engine}, watched for ${seconds} s; lease revisions now: ${cameras.map(({ lease }) => lease?.revision ?? 0).join(' ')}`,
  );
  for (const transport of TRANSPORTS) {
    const players = watched.filter((player) => player.transport === transport);
    const playing = players.filter(
      ({ firstFrameMs, advancedAtMs }) => firstFrameMs !== null && performance.now() - advancedAtMs < 10_000,
    );
    const gaps = players.map(({ longestGapMs }) => longestGapMs / 1000).sort((a, b) => a - b);
    const shown = [gaps[0], gaps[Math.floor(gaps.length / 2)], gaps.at(-1)].map((gap) => (gap ?? 0).toFixed(1));
    console.log(
      `${transport}: ${playing.length} of ${players.length} play at the end; longest gap per player, min/median/max: ${shown.join(' / ')} s`,
    );
    for (const player of players) if (!playing.includes(player)) console.log(`  ${player.name} does not play`);
    if (playing.length !== players.length) process.exitCode = 1;
  }
  if (!allPlayed) process.exitCode = 1;
}

interface Camera {
  readonly id: string;
  readonly name: string;
  readonly lease: { readonly revision: number } | null;
}

async function camerasOf(url: string): Promise<Camera[]> {
  for (let tries = 0; ; tries++) {
    const { cameras } = (await (await fetch(`${url}/api/camera`)).json()) as { cameras: Camera[] };
    if (cameras.length === 9 && cameras.every(({ lease }) => lease)) return cameras;
    if (tries > 30) throw new Error(`Only ${cameras.length} cameras after 30 s.`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

await main();
