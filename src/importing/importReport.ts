import type { LeftOut, NoLease, PlannedCamera } from './importPlan.js';
import { replaceUrls } from '../core/urlsInText.js';
import { utcMinute } from '../core/zonedTime.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const NO_LEASE: Readonly<Record<NoLease, string>> = {
  refused: 'without its URL, which is not on the host of a known cloud (if it is yours, name it in CLOUD_EXTRA_HOSTS)',
  empty: 'without a URL, because it had none',
  expired: 'without its URL, which has expired',
  'no-expiry': 'without its URL, which does not say when it expires',
  'not-rtmp': 'without its URL, which is not plain RTMP',
};

/** `planned` is the outcome in a dry run. */
const OUTCOMES = { taken: 'Taken over', planned: 'Would be taken over', there: 'Already there' } as const;

export interface CameraOutcome {
  readonly outcome: keyof typeof OUTCOMES;
  readonly id: string;
}

/** What happened to one camera, as sentences. They never hold a URL. */
export function cameraLines(
  planned: PlannedCamera,
  { outcome, id }: CameraOutcome,
  hlsBaseUrl: string,
  now: Date,
): string[] {
  const { camera, noLease, oldPaths, doubleOf, qualities } = planned;
  const head = `${OUTCOMES[outcome]}: "${oneLine(camera.name)}" (id ${id})`;
  const isNew = outcome !== 'there';
  const lines = [`${head}${isNew ? `, ${leaseWords(planned, now)}` : ''}.`];
  const standsStill = stillWords(camera);
  if (standsStill !== null) lines.push(`  ${standsStill}`);
  else if (isNew && noLease !== null)
    lines.push('  camlease asks the cloud for a new URL once it has found the camera in an account.');
  if (isNew && camera.notice !== null) lines.push(`  ${oneLine(camera.notice)}`);
  if (doubleOf !== null)
    lines.push(`  It has the same device and channel as ${doubleOf}: one of the two is renewed; delete the other.`);
  if (new Set(qualities).size > 1)
    lines.push('  Its old paths showed its main and its sub stream; camlease serves one of the two (see quality).');
  const names = new Set([...(isNew ? [] : [camera.id]), ...oldPaths]);
  for (const name of names) {
    if (name === id) continue;
    lines.push(`  Its old path "${oneLine(name)}" is now at another address: ${hlsBaseUrl}/${id}/index.m3u8`);
  }
  return lines;
}

/** Why the camera is not renewed. null: it is. */
function stillWords({ enabled, status }: PlannedCamera['camera']): string | null {
  if (!enabled) return 'It is disabled (hikvisionEnabled: false), so it is not renewed.';
  if (status === 'disabled') return 'It is disabled (status: disabled), so it is not renewed.';
  return status === 'missing' ? 'It counts as missing, so camlease does not renew it until a listing shows it.' : null;
}

export function leftOutLine({ what, why }: LeftOut): string {
  return `Left out: ${oneLine(what)}: ${why}.`;
}

export function summaryLines(
  counts: Readonly<Record<CameraOutcome['outcome'], number>>,
  leftOut: number,
  isDryRun: boolean,
): string[] {
  const { taken, planned, there } = counts;
  const rest = `${there} already there, ${leftOut} left out.`;
  if (isDryRun) return [`${planned} would be taken over, ${rest}`, 'This was a dry run: nothing was changed.'];
  const switchOff =
    'Stop the program that has renewed the URLs until now (a cron job, for example): camlease renews them from now on.';
  return [`${taken} taken over, ${rest}`, ...(taken > 0 ? [switchOff] : [])];
}

function leaseWords({ camera: { lease }, noLease }: PlannedCamera, now: Date): string {
  if (lease === null) return NO_LEASE[noLease ?? 'empty'];
  return `with a URL that lives for ${lifeInWords(lease.expiresAt.getTime() - now.getTime())} (until ${utcMinute(lease.expiresAt)})`;
}

function lifeInWords(ms: number): string {
  const [count, unit] =
    ms >= 2 * DAY_MS
      ? [Math.floor(ms / DAY_MS), 'day']
      : ms >= 2 * HOUR_MS
        ? [Math.floor(ms / HOUR_MS), 'hour']
        : [Math.max(1, Math.floor(ms / 60_000)), 'minute'];
  return `${count} more ${unit}${count === 1 ? '' : 's'}`;
}

/** Old names are foreign text: no control character may reach the terminal, and nothing that could be a URL. */
function oneLine(text: string): string {
  return replaceUrls(text.replace(/[\p{C}\s]+/gu, ' '), () => '(a URL)');
}
