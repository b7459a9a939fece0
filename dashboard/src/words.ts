import type { Camera, CameraPage, HealthState } from './api';

/** The word and the icon of each state, since many people cannot tell states by colour alone. */
export const STATES: Readonly<Record<HealthState, { readonly word: string; readonly icon: string }>> = {
  healthy: { word: 'On air', icon: '●' },
  idle: { word: 'Ready', icon: '✓' },
  failing: { word: 'In trouble', icon: '▲' },
  dark: { word: 'Dark', icon: '✕' },
  unknown: { word: 'Not seen yet', icon: '?' },
  disabled: { word: 'Disabled', icon: '–' },
};

const numbers = new Intl.NumberFormat('en');
const dates = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

export function count(number: number, noun: string): string {
  return `${numbers.format(number)} ${noun}${number === 1 ? '' : 's'}`;
}

export function exactTime(moment: string): string {
  return dates.format(new Date(moment));
}

/** `2 days`, `5 hours`, `40 s`: the largest unit that gives at least two of it, or one. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return count(Math.round(seconds / 3600), 'hour');
  return count(Math.round(seconds / 86_400), 'day');
}

/** Whether somebody gave the camera's address, so that there is nothing to renew. A camlease from before says nothing of sources. */
export function isByUrl({ source }: Camera): boolean {
  return source?.kind === 'url';
}

/** `Leased 3 hours ago, renews in 2 days`, or where an address of its own comes from: `Camera by URL, from import` */
export function leaseSentence(camera: Camera, nowMs: number): string {
  const { lease, candidate, renewal, feed } = camera;
  if (isByUrl(camera)) return feed ? `Camera by URL, from ${feed.name}` : 'Camera by URL';
  if (lease === null) return 'No lease';
  const leftMs = Date.parse(lease.expiresAt) - nowMs;
  if (leftMs <= 0) return `Lease expired ${duration(-leftMs)} ago`;
  const leased = `Leased ${duration(nowMs - Date.parse(lease.obtainedAt))} ago`;
  if (candidate !== null) return `${leased}, the new lease ${renewal?.state === 'held' ? 'waits' : 'is being checked'}`;
  const untilRenewalMs = Date.parse(lease.renewAt) - nowMs;
  return untilRenewalMs > 0 ? `${leased}, renews in ${duration(untilRenewalMs)}` : `${leased}, renewal is due`;
}

/**
 * What a renewal waits for or why it fails, what happens next, and when; empty: there is nothing to say. `isWell` false: the camera's own
 * sentence already says what is wrong and what helps.
 */
export function renewalSentence({ renewal }: Camera, isWell: boolean, nowMs: number): string {
  if (renewal === undefined || (renewal.state !== 'held' && renewal.state !== 'failing')) return '';
  const { sentence, nextStep, nextStepAt } = renewal;
  const leftMs = nextStepAt === null ? null : Date.parse(nextStepAt) - nowMs;
  const when = leftMs === null ? '' : leftMs > 0 ? `in ${duration(leftMs)}` : 'at any moment';
  if (renewal.state === 'failing' && !isWell) return when === '' ? '' : `Next try ${when}.`;
  const timed = when === '' ? '' : renewal.state === 'held' ? `This happens ${when}.` : `Next try ${when}.`;
  return [sentence, nextStep, timed].filter((part) => part !== '').join(' ');
}

/** One line about the whole fleet. Cameras that are ready have no viewers and send no pictures, so they are counted apart. */
export function summary(health: CameraPage['health']): { readonly text: string; readonly state: HealthState } {
  const of = (state: HealthState): number => health[state] ?? 0;
  const total = Object.values(health).reduce((sum, number) => sum + number, 0);
  if (total === 0) return { text: 'No cameras yet', state: 'unknown' };
  const parts = [
    [of('healthy'), 'on air'],
    [of('idle'), 'ready'],
    [of('dark'), 'dark'],
    [of('failing'), 'in trouble'],
    [of('unknown'), 'not seen yet'],
    [of('disabled'), 'disabled'],
  ] as const;
  const told = parts.filter(([number]) => number > 0);
  const works = of('healthy') + of('idle');
  const state = of('dark') > 0 ? 'dark' : of('failing') > 0 ? 'failing' : works === 0 ? 'unknown' : 'healthy';
  const [only] = told;
  if (told.length === 1 && only)
    return { text: `${count(total, 'camera')}, ${total === 1 ? '' : 'all '}${only[1]}`, state };
  const words = told.map(([number, word]) => `${numbers.format(number)} ${word}`);
  return { text: `${count(total, 'camera')}: ${words.join(', ')}`, state };
}

/** What a protocol does not carry of the camera; empty: both carry all of it. */
export function playsSentence({ plays }: Camera): string {
  if (plays === undefined) return '';
  const parts = [
    ['HLS', plays.hls],
    ['WebRTC', plays.webrtc],
  ] as const;
  return parts
    .flatMap(([name, { works, why }]) => (works === null || why === null ? [] : [`${name}: ${why}`]))
    .join(' ');
}

/** What viewers get when no pictures have come for a minute, and how to change that; empty for modes in which `whenGone` does not apply. */
export function goneSentence({ id, mode, whenGone }: Camera): string {
  if (whenGone === undefined || mode === 'direct' || mode === 'always-on') return '';
  const [is, other] =
    whenGone === 'end'
      ? ['the stream ends, so that players notice', '{"whenGone": "slate"} to continue with the last picture']
      : ['viewers continue with the last picture and its caption', '{"whenGone": "end"} to end the stream'];
  return `When nothing has come for a minute, ${is}. By API: PUT /api/camera/${id} with ${other}.`;
}
