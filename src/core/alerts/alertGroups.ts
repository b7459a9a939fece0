import type { Camera } from '../camera/camera.js';
import { accountOf } from '../camera/cameraSource.js';
import type { Outage } from '../outages/outage.js';
import { utcMinute } from '../zonedTime.js';
import { alertId, type AlertFacts, type Remembered, type Trouble } from './alert.js';
import type { AlertSettings } from './alertSettings.js';
import { Maintenance } from './maintenance.js';

const MINUTE_MS = 60_000;
/** A message names this many cameras at most. */
const NAMES_SHOWN = 10;

export interface DarkCamera {
  readonly camera: Camera;
  readonly outage: Outage;
}

/** Cameras with an open outage, without those that are switched off. */
export function darkCameras({ cameras, outages }: AlertFacts): readonly DarkCamera[] {
  const byId = new Map(cameras.filter(shouldWork).map((camera) => [camera.id, camera]));
  return outages.flatMap((outage) => {
    if (outage.subject.kind !== 'camera' || outage.endedAt !== null) return [];
    const camera = byId.get(outage.subject.id);
    return camera === undefined ? [] : [{ camera, outage }];
  });
}

/** A label or an account, with the cameras in it that should work. */
interface Group {
  readonly kind: 'label' | 'account';
  readonly id: string;
  readonly cameras: readonly Camera[];
}

/**
 * One trouble for each label and account with so many dark cameras that one common cause is likely. Cameras in maintenance
 * do not open it; once it is open they count, so that the beginning of a window does not look like a recovery.
 */
export function groupTroubles(
  facts: AlertFacts,
  dark: readonly DarkCamera[],
  remembered: Remembered,
  settings: AlertSettings,
  now: Date,
): readonly Trouble[] {
  const holdMs = settings.cameraDarkMinutes * MINUTE_MS;
  const long = new Map(
    dark.filter(({ outage }) => now.getTime() - outage.beganAt.getTime() >= holdMs).map((one) => [one.camera.id, one]),
  );
  if (long.size < settings.groupDarkCameras) return [];
  const maintenance = new Maintenance(facts.windows, now);
  return groupsOf(facts.cameras).flatMap((group) => {
    const isOpen = remembered.has(alertId('group-dark', group));
    const darkOnes = group.cameras.flatMap((camera) => {
      const one = long.get(camera.id);
      return one !== undefined && (isOpen || !maintenance.ofCamera(camera)) ? [one] : [];
    });
    const least = Math.max(
      settings.groupDarkCameras,
      Math.ceil((group.cameras.length * settings.groupDarkPercent) / 100),
    );
    return darkOnes.length < least ? [] : [groupTrouble(group, darkOnes, least, holdMs)];
  });
}

function groupTrouble(group: Group, dark: readonly DarkCamera[], least: number, holdMs: number): Trouble {
  const byTime = [...dark].sort((a, b) => a.outage.beganAt.getTime() - b.outage.beganAt.getTime());
  // The outage that made the group dark: it stays the same however many follow.
  const since = byTime[least - 1]?.outage.beganAt ?? null;
  const size = group.cameras.length;
  const names = byTime.slice(0, NAMES_SHOWN).map(({ camera }) => camera.name);
  const more = dark.length > NAMES_SHOWN ? ` and ${dark.length - NAMES_SHOWN} more` : '';
  const first = byTime[0]?.outage;
  return {
    rule: 'group-dark',
    subject: { kind: group.kind, id: group.id, name: group.id },
    severity: 'critical',
    title: `${dark.length} of ${size} cameras of ${group.kind} ${group.id} are dark`,
    text:
      `Dark: ${names.join(', ')}${more}. ` +
      (first === undefined ? '' : `The first has been dark since ${utcMinute(first.beganAt)}: ${first.message} `) +
      `So many at once usually have one cause: check ${
        group.kind === 'label' ? "the site's power and network" : "the account and the vendor's cloud"
      }.`,
    since,
    holdMs,
    cameraIds: byTime.map(({ camera }) => camera.id),
    groupSize: size,
  };
}

function groupsOf(cameras: readonly Camera[]): readonly Group[] {
  const groups = new Map<string, { readonly kind: Group['kind']; readonly id: string; cameras: Camera[] }>();
  const add = (kind: Group['kind'], id: string, camera: Camera): void => {
    const key = `${kind}/${id}`;
    const group = groups.get(key) ?? { kind, id, cameras: [] };
    group.cameras.push(camera);
    groups.set(key, group);
  };
  for (const camera of cameras) {
    if (!shouldWork(camera)) continue;
    for (const label of camera.labels) add('label', label, camera);
    const account = accountOf(camera);
    if (account !== null) add('account', account, camera);
  }
  return [...groups.values()];
}

function shouldWork({ enabled, status }: Camera): boolean {
  return enabled && status !== 'disabled';
}
