import type { CameraWatch } from '../../core/outages/cameraWatch.js';

/** How often it is looked: `soon` while something is wrong, `often` while something is pulled, `seldom` else. */
export const LOOK_MS = { soon: 250, often: 1_000, seldom: 5_000 };
/** A list of 10,000 paths takes a second: with more than a few cameras a look may take a tenth of the time, a third while something is wrong. */
const FEW = 500;
const SHARE = { calm: 10, wrong: 3 };
const NEWS_MS = 60_000;

/** What has stood still for long is looked at as often as what moves. */
export function lookAgainMs({ isStill, unknownMs, outage }: CameraWatch, nowMs: number): number {
  const isNews = (isStill || unknownMs !== null) && (outage === null || nowMs - outage.beganMs < NEWS_MS);
  return isNews ? LOOK_MS.soon : LOOK_MS.often;
}

/** When to look again at so many cameras, if each look takes so long. */
export function withShareMs(nextMs: number, cameras: number, tookMs: number): number {
  if (cameras <= FEW) return nextMs;
  const share = nextMs === LOOK_MS.soon ? SHARE.wrong : SHARE.calm;
  return Math.min(LOOK_MS.seldom, Math.max(nextMs, tookMs * share));
}
