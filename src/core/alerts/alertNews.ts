import type { OpenAlert } from './alert.js';
import type { AlertSettings } from './alertSettings.js';
import type { Silence } from './alertSilence.js';
import { rankOf, type News } from './alertTexts.js';

const MINUTE_MS = 60_000;
/** Alerts that open within this time are sent together; critical ones do not wait. */
const GATHER_MS = 30_000;
/** When more alerts than `summaryAbove` were sent within this time, the next ones wait until this long after the last. */
const FLOOD_MS = 5 * MINUTE_MS;
const CRITICAL_FLOOD_MS = MINUTE_MS;
/** Reminders and recoveries that lie this close to each other are sent together. */
const TOGETHER_MS = 5 * MINUTE_MS;

/** What to send at this check, and the times at which something else may be due. */
export function findNews(
  alerts: readonly OpenAlert[],
  silence: Silence,
  settings: AlertSettings,
  now: Date,
): { readonly news: readonly News[]; readonly waits: readonly Date[] } {
  const audible = alerts.filter((alert) => alert.openedAt !== null && !silence.isMaintained(alert));
  const lasting = audible.filter((alert) => alert.clearSince === null && !silence.isCovered(alert));
  const fresh = lasting.filter(({ told, severity }) => told === null || rankOf(severity) > rankOf(told.severity));
  const freshAt = fresh.map((alert) => readyAt(alert, alerts, settings, now));

  const isDue = ({ told }: OpenAlert, aheadMs: number): boolean =>
    told !== null && told.remindAt !== null && told.remindAt.getTime() <= now.getTime() + aheadMs;
  const remindable = lasting.filter((alert) => !fresh.includes(alert));
  const reminders = remindable.some((alert) => isDue(alert, 0))
    ? remindable.filter((alert) => isDue(alert, TOGETHER_MS))
    : [];

  const settleMs = settings.settleMinutes * MINUTE_MS;
  const clearing = audible.flatMap(({ told, clearSince, ...alert }) =>
    told === null || clearSince === null
      ? []
      : [{ alert: { ...alert, told, clearSince }, settledMs: clearSince.getTime() + settleMs }],
  );
  const settled = clearing.filter(({ settledMs }) => settledMs <= now.getTime());
  // A site's cameras come back one after the other, so their recoveries wait for each other, for a while.
  const isComplete =
    settled.length === clearing.length || settled.some(({ settledMs }) => settledMs + TOGETHER_MS <= now.getTime());

  return {
    news: [
      ...(freshAt.some((ready) => ready <= now) ? fresh : []).map((alert): News => ({ alert, kind: 'alert' })),
      ...reminders.map((alert): News => ({ alert, kind: 'reminder' })),
      ...(isComplete ? settled : []).map(({ alert }): News => ({ alert, kind: 'recovery' })),
    ],
    waits: [
      ...freshAt,
      ...clearing.flatMap(({ settledMs }) => [new Date(settledMs), new Date(settledMs + TOGETHER_MS)]),
    ],
  };
}

/** When a new alert may be sent: at once if it is critical, else after half a minute, with the others that open in that time. */
function readyAt(
  { openedAt, severity }: OpenAlert,
  alerts: readonly OpenAlert[],
  { summaryAbove }: AlertSettings,
  now: Date,
): Date {
  const lately = alerts.filter(({ told }) => told !== null && told.at.getTime() > now.getTime() - FLOOD_MS);
  const isFlood = lately.length > summaryAbove;
  if (isFlood) {
    const lastMs = Math.max(...lately.map(({ told }) => told?.at.getTime() ?? 0));
    return new Date(lastMs + (severity === 'critical' ? CRITICAL_FLOOD_MS : FLOOD_MS));
  }
  return new Date((openedAt?.getTime() ?? 0) + (severity === 'critical' ? 0 : GATHER_MS));
}
