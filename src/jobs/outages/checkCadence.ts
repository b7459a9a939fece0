import type { CameraWatch } from '../../core/outages/cameraWatch.js';

/**
 * The time between two checks of the cameras (ms): `soon` while something is wrong, `often` while something is pulled,
 * else `seldom`.
 */
export const CHECK_MS = { soon: 250, often: 1_000, seldom: 5_000 };
/**
 * A list of 10,000 paths takes a second. So with more than a few cameras, checks take a tenth of the time at most, and a
 * third while something is wrong.
 */
const FEW = 500;
const SHARE = { calm: 10, wrong: 3 };
const NEWS_MS = 60_000;

/**
 * When to check again because of this camera. An outage that is older than a minute needs no faster checks than a camera
 * that works.
 */
export function nextCheckMs({ isStill, unknownMs, outage }: CameraWatch, nowMs: number): number {
  const isNews = (isStill || unknownMs !== null) && (outage === null || nowMs - outage.beganMs < NEWS_MS);
  return isNews ? CHECK_MS.soon : CHECK_MS.often;
}

/** When to check again, given how many cameras there are and how long a check took (ms). */
export function withShareMs(nextMs: number, cameras: number, tookMs: number): number {
  if (cameras <= FEW) return nextMs;
  const share = nextMs === CHECK_MS.soon ? SHARE.wrong : SHARE.calm;
  return Math.min(CHECK_MS.seldom, Math.max(nextMs, tookMs * share));
}
