import {
  alertId,
  type AccountFact,
  type AlertFacts,
  type AlertSeverity,
  type Remembered,
  type Trouble,
} from './alert.js';
import type { AlertSettings } from './alertSettings.js';
import { engineTroubles } from './alertEngineRules.js';
import { darkCameras, groupTroubles, type DarkCamera } from './alertGroups.js';
import type { Camera } from '../camera/camera.js';
import { accountOf } from '../camera/cameraSource.js';
import type { AccountForecast } from '../renewal/forecast.js';
import { liveVerdict, withRefusal } from '../health/health.js';
import { refusedSentence } from '../health/renewalStory.js';
import { emergencyMs, lastSafeMoment, renewalUrgency } from '../renewal/renewal.js';
import { utcMinute } from '../zonedTime.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A store that is away for so long is not expected to come back by itself. */
const STORE_CRITICAL_MS = 15 * MINUTE_MS;
const MEGABYTE = 1024 * 1024;

/** Everything that is wrong now, whether it is to be sent or not. */
export function findTroubles(
  facts: AlertFacts,
  remembered: Remembered,
  settings: AlertSettings,
  now: Date,
): readonly Trouble[] {
  const dark = darkCameras(facts);
  const refusals: Refusals = new Map(facts.accounts.map(({ name, refused }) => [name, refused]));
  const all = [
    ...dark.map((one) => darkTrouble(one, refusals, settings, now)),
    ...groupTroubles(facts, dark, remembered, settings, now),
    ...facts.cameras.flatMap((camera) => renewalTrouble(camera, refusals, remembered, now) ?? []),
    ...facts.accounts.flatMap((account) => accountTrouble(account, facts, settings, now) ?? []),
    ...(facts.forecast?.accounts ?? []).flatMap((account) => [
      ...(quotaTrouble(account, settings) ?? []),
      ...(backlogTrouble(account, now) ?? []),
    ]),
    ...(storeTrouble(facts, remembered, settings, now) ?? []),
    ...(engineTrouble(facts, settings) ?? []),
    ...engineTroubles(facts, settings),
    ...(diskTrouble(facts, settings) ?? []),
  ];
  return all.filter(({ rule }) => !settings.off.includes(rule));
}

function darkTrouble({ camera, outage }: DarkCamera, refusals: Refusals, settings: AlertSettings, now: Date): Trouble {
  const verdict = liveVerdict(camera, now);
  const cure = verdict.live
    ? 'Check the camera in the vendor app.'
    : withRefusal(verdict, refusalOf(camera, refusals)).cure;
  return {
    rule: 'camera-dark',
    subject: cameraSubject(camera),
    severity: 'warning',
    title: `${camera.name} is dark`,
    text: `The camera ${camera.name} has shown no picture since ${utcMinute(outage.beganAt)}: ${outage.message} ${cure}`,
    since: outage.beganAt,
    holdMs: settings.cameraDarkMinutes * MINUTE_MS,
    cameraIds: [camera.id],
  };
}

/**
 * The lease is about to end and has no successor. Once the alert is open it lasts until there is a new lease: the end of
 * the old one cures nothing, though from then on the camera is reported as dark. null: no such trouble.
 */
function renewalTrouble(camera: Camera, refusals: Refusals, remembered: Remembered, now: Date): Trouble | null {
  const { lease } = camera;
  if (lease === null || renewalUrgency(camera, now) !== 'emergency') return null;
  const subject = cameraSubject(camera);
  const isExpired = lease.expiresAt <= now;
  if (isExpired && !remembered.has(alertId('renewal-failing', subject))) return null;
  return {
    rule: 'renewal-failing',
    subject,
    severity: now >= lastSafeMoment(lease) ? 'critical' : 'warning',
    title: `Renewing ${camera.name} fails`,
    text: `The lease of ${camera.name} ${isExpired ? 'ended' : 'ends'} at ${utcMinute(lease.expiresAt)}. ${whyNotRenewed(camera, refusals)}`,
    since: null,
    // After a start, camlease needs a moment to renew what fell due meanwhile.
    holdMs: Math.min(MINUTE_MS, emergencyMs(lease) / 10),
    cameraIds: [camera.id],
  };
}

function whyNotRenewed(camera: Camera, refusals: Refusals): string {
  const { failure } = camera;
  if (failure !== null)
    return `Renewing has failed since ${utcMinute(failure.since)}: ${failure.message} ${failure.cure}`;
  const refusal = refusalOf(camera, refusals);
  if (refusal !== null) return `${refusedSentence(refusal)} ${refusal.cure}`;
  return 'camlease has not asked for another lease; renew the camera by hand and see the log.';
}

function accountTrouble(
  { name, refused }: AccountFact,
  { cameras }: AlertFacts,
  settings: AlertSettings,
  now: Date,
): Trouble | null {
  if (refused === null) return null;
  const passes = refused.failureClass === 'retry' || refused.failureClass === 'quota';
  const theirs = cameras.filter((camera) => accountOf(camera) === name);
  const threatened = theirs.some((camera) => isThreatened(camera, now));
  const ended = theirs.filter(
    ({ lease }) => lease && lease.expiresAt <= now && lease.expiresAt >= refused.since,
  ).length;
  const cannotWait = threatened || ended > 0;
  const minutes = passes ? settings.accountAwayMinutes : settings.accountRefusedMinutes;
  return {
    rule: 'account-refused',
    subject: accountSubject(name),
    severity: cannotWait ? 'critical' : 'warning',
    title: passes ? `The cloud of account ${name} cannot be used` : `The cloud refuses account ${name}`,
    text:
      `Since ${utcMinute(refused.since)} camlease cannot use the cloud with account ${name}: ${refused.message} ${refused.cure} ` +
      untilWhen(threatened, ended),
    since: refused.since,
    // Waits longer while the account's leases live for hours yet.
    holdMs: (cannotWait ? Math.min(minutes, settings.accountRefusedMinutes) : minutes) * MINUTE_MS,
    cameraIds: [],
  };
}

function untilWhen(threatened: boolean, ended: number): string {
  if (ended > 0)
    return `${ended === 1 ? 'The lease of one of its cameras has' : `Leases of ${ended} of its cameras have`} ended since.`;
  return threatened ? 'Leases of its cameras are about to end.' : 'Its cameras keep working until their leases end.';
}

function quotaTrouble({ account, quotaUsed }: AccountForecast, { quotaPercent }: AlertSettings): Trouble[] | null {
  if (quotaUsed === null || quotaUsed * 100 < quotaPercent) return null;
  return [
    {
      rule: 'quota-near',
      subject: accountSubject(account),
      severity: quotaUsed >= (1 + quotaPercent / 100) / 2 ? 'critical' : 'warning',
      title: `The quota of account ${account} is nearly used up`,
      text:
        `Account ${account} uses more than ${quotaPercent} % of the streams that the vendor allows. Let people watch fewer of its cameras at once, ` +
        'or ask the vendor for more; at the limit cameras wait for one another.',
      since: null,
      holdMs: 0,
      cameraIds: [],
    },
  ];
}

function backlogTrouble({ account, tooLate, firstDarkAt }: AccountForecast, now: Date): Trouble[] | null {
  if (tooLate === 0) return null;
  const isSoon = firstDarkAt !== null && firstDarkAt.getTime() - now.getTime() < HOUR_MS;
  return [
    {
      rule: 'backlog',
      subject: accountSubject(account),
      severity: isSoon ? 'critical' : 'warning',
      title: `Renewals of account ${account} come too late`,
      text:
        `More leases of account ${account} wait for renewal than the vendor's rate allows before they end: some cameras will go dark` +
        `${firstDarkAt === null ? '' : `, the first at ${utcMinute(firstDarkAt)}`}. Disable cameras that you can do without, or split the ` +
        'cameras over two accounts; GET /api/forecast has the numbers.',
      since: null,
      holdMs: 0,
      cameraIds: [],
    },
  ];
}

function storeTrouble(
  { storeProblem, process }: AlertFacts,
  remembered: Remembered,
  settings: AlertSettings,
  now: Date,
): Trouble[] | null {
  if (storeProblem === null) return null;
  const subject = { kind: 'store', id: process, name: `the store of ${process}` };
  const beganAt = remembered.get(alertId('store-unreachable', subject))?.beganAt ?? now;
  const severity: AlertSeverity = now.getTime() - beganAt.getTime() >= STORE_CRITICAL_MS ? 'critical' : 'warning';
  return [
    {
      rule: 'store-unreachable',
      subject,
      severity,
      title: 'The store does not answer',
      text: `${storeProblem} camlease goes on from memory, and keeps leases that cannot wait in the data folder. Bring the database back.`,
      since: null,
      holdMs: settings.unreachableMinutes * MINUTE_MS,
      cameraIds: [],
    },
  ];
}

function engineTrouble({ engineProblem, process }: AlertFacts, settings: AlertSettings): Trouble[] | null {
  if (engineProblem === null) return null;
  return [
    {
      rule: 'engine-unreachable',
      subject: { kind: 'engine', id: process, name: `the media server of ${process}` },
      severity: 'critical',
      title: 'The media server does not answer',
      text: `${engineProblem} Nobody can watch a camera until the media server is back; then camlease sets it up again by itself.`,
      since: null,
      holdMs: settings.unreachableMinutes * MINUTE_MS,
      cameraIds: [],
    },
  ];
}

function diskTrouble({ freeDiskBytes, process }: AlertFacts, settings: AlertSettings): Trouble[] | null {
  const leastBytes = settings.diskFreeMegabytes * MEGABYTE;
  if (freeDiskBytes === null || freeDiskBytes >= leastBytes) return null;
  return [
    {
      rule: 'disk-full',
      subject: { kind: 'disk', id: process, name: `the disk of ${process}` },
      severity: freeDiskBytes < leastBytes / 5 ? 'critical' : 'warning',
      title: 'The disk is nearly full',
      text:
        `Less than ${settings.diskFreeMegabytes} MB are free on the disk of the data folder. Free some space: camlease cannot ` +
        'keep new leases once the disk is full.',
      since: null,
      holdMs: 0,
      cameraIds: [],
    },
  ];
}

function cameraSubject({ id, name }: Camera): Trouble['subject'] {
  return { kind: 'camera', id, name };
}

function accountSubject(name: string): Trouble['subject'] {
  return { kind: 'account', id: name, name };
}

/** Why each account is refused, by its name; null: it is not. */
type Refusals = ReadonlyMap<string, AccountFact['refused']>;

function refusalOf(camera: Camera, refusals: Refusals): AccountFact['refused'] {
  const account = accountOf(camera);
  return account === null ? null : (refusals.get(account) ?? null);
}

/** True when the camera's lease still lives, and is in its emergency band. */
function isThreatened(camera: Camera, now: Date): boolean {
  return camera.lease !== null && camera.lease.expiresAt > now && renewalUrgency(camera, now) === 'emergency';
}
