import type { Browser, Page } from 'playwright-core';
import type { Frame } from './frames.js';

/** Counts what each video of the page, and any that comes later, puts on the screen. */
const COUNT_FRAMES = `
  window.benchFrames = [];
  const seen = new WeakSet();
  setInterval(() => {
    for (const video of document.querySelectorAll('video')) {
      if (seen.has(video)) continue;
      seen.add(video);
      const count = (_, { presentationTime, width, height }) => {
        window.benchFrames.push([performance.timeOrigin + presentationTime, width, height]);
        video.requestVideoFrameCallback(count);
      };
      video.requestVideoFrameCallback(count);
    }
  }, 50);
`;

const STEADY_GAP_MS = 500;

/** One page with one player. */
export class Watcher {
  readonly #page: Page;
  readonly #frames: Frame[] = [];

  private constructor(page: Page) {
    this.#page = page;
  }

  /** In a window of its own: of several pages in one window only the last is painted at full rate. */
  static async open(browser: Browser, url: string): Promise<Watcher> {
    const context = await browser.newContext({ viewport: { width: 640, height: 400 } });
    const page = await context.newPage();
    await page.addInitScript(COUNT_FRAMES);
    const watcher = new Watcher(page);
    await page.goto(url);
    return watcher;
  }

  /** All frames so far, in the order of time. */
  async frames(): Promise<readonly Frame[]> {
    const taken = await this.#page.evaluate<[number, number, number][]>('window.benchFrames?.splice(0) ?? []');
    this.#frames.push(...taken.map(([atMs, width, height]) => ({ atMs, width, height })));
    return this.#frames;
  }

  /** Resolves when frames have come for `steadyMs` without a break worth the name. */
  async steady(steadyMs: number, limitMs: number): Promise<void> {
    const endMs = Date.now() + limitMs;
    for (;;) {
      const nowMs = Date.now();
      const recent = (await this.frames()).map(({ atMs }) => atMs).filter((atMs) => atMs > nowMs - steadyMs);
      const steps = [nowMs - steadyMs, ...recent, nowMs];
      if (steps.every((atMs, i) => i === 0 || atMs - (steps[i - 1] ?? 0) < STEADY_GAP_MS)) return;
      if (nowMs > endMs) throw new Error(`No steady picture within ${limitMs / 1000} s at ${this.#page.url()}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  close(): Promise<void> {
    return this.#page.context().close();
  }
}
