import type { Browser, Page } from 'playwright-core';
import type { Frame } from './frames.js';
import type { Player, PlayerKind } from './player.js';

/**
 * Records each frame that any video of the page puts on the screen: when, its size, and whether it differs from the frame before. A small
 * copy of the picture is compared, since parts that do not change are equal to the last bit.
 */
const NOTE_FRAMES = `
  window.benchFrames = [];
  const seen = new WeakSet();
  const copy = document.createElement('canvas');
  copy.width = 160;
  copy.height = 90;
  const context = copy.getContext('2d', { willReadFrequently: true });
  const sumOf = (video) => {
    context.drawImage(video, 0, 0, 160, 90);
    const pixels = new Uint32Array(context.getImageData(0, 0, 160, 90).data.buffer);
    let sum = 0;
    for (let i = 0; i < pixels.length; i++) sum = (Math.imul(sum, 31) + pixels[i]) | 0;
    return sum;
  };
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      if (seen.has(video)) continue;
      seen.add(video);
      let last = null;
      const note = (_, { presentationTime, width, height }) => {
        if (video.isConnected) {
          const sum = sumOf(video);
          window.benchFrames.push([performance.timeOrigin + presentationTime, width, height, sum !== last]);
          last = sum;
        }
        video.requestVideoFrameCallback(note);
      };
      video.requestVideoFrameCallback(note);
    }
  }, 50);
`;

/** One page with one player, in its own window: Chromium paints only one page of a window at full rate. */
export class BrowserPlayer implements Player {
  readonly kind: PlayerKind;
  readonly tag: string | null;
  readonly ended = null;
  readonly recording = null;
  readonly #page: Page;
  readonly #frames: Frame[] = [];
  readonly #requests: { readonly atMs: number; readonly path: string }[] = [];

  private constructor(kind: PlayerKind, tag: string | null, page: Page) {
    this.kind = kind;
    this.tag = tag;
    this.#page = page;
    page.on('request', (request) => {
      this.#requests.push({ atMs: Date.now(), path: new URL(request.url()).pathname });
    });
  }

  static async open(browser: Browser, kind: PlayerKind, url: string, tag: string | null): Promise<BrowserPlayer> {
    const context = await browser.newContext({ viewport: { width: 640, height: 400 } });
    const page = await context.newPage();
    await page.addInitScript(NOTE_FRAMES);
    const player = new BrowserPlayer(kind, tag, page);
    await page.goto(url);
    return player;
  }

  /** Paths that the page has requested, each with its time. */
  get requests(): readonly { readonly atMs: number; readonly path: string }[] {
    return this.#requests;
  }

  async frames(): Promise<readonly Frame[]> {
    const taken = await this.#page.evaluate<[number, number, number, boolean][]>('window.benchFrames?.splice(0) ?? []');
    this.#frames.push(...taken.map(([atMs, width, height, isNew]) => ({ atMs, width, height, isNew })));
    return this.#frames;
  }

  close(): Promise<void> {
    return this.#page.context().close();
  }
}
