import type { OpenAlert } from './alert.js';
import type { AlertSettings } from './alertSettings.js';
import type { Silence } from './alertSilence.js';
import { rankOf, type News } from './alertTexts.js';

const MINUTE_MS = 60_000;
/** What opens within it is told together; what is critical does not wait. */
const GATHER_MS = 30_000;
/** When more than a summary's worth was told lately, messages are this far apart. */
const FLOOD_MS = 5 * MINUTE_MS;
const CRITICAL_FLOOD_MS = MINUTE_MS;
/** Reminders and recoveries so close to each other come together. */
const TOGETHER_MS = 5 * MINUTE_MS;

/** What is to be told at this look, and the moments at which something else may be. */
export function findNews(
  alerts: readonly OpenAlert[],
  silence: Silence,
  settings: AlertSettings,
  now: Date,
): { readonly news: readonly News[]; readonly waits: readonly Date[] } {
  const heard = alerts.filter((alert) => alert.openedAt !== null && !silence.isMaintained(alert));
  const lasting = heard.filter((alert) => alert.clearSince === null && !silence.isCovered(alert));
  const fresh = lasting.filter(({ told, severity }) => told === null || rankOf(severity) > rankOf(told.severity));
  const freshAt = fresh.map((alert) => readyAt(alert, alerts, settings, now));

  const isDue = ({ told }: OpenAlert, aheadMs: number): boolean =>
    told !== null && told.remindAt !== null && told.remindAt.getTime() <= now.getTime() + aheadMs;
  const remindable = lasting.filter((alert) => !fresh.includes(alert));
  const reminders = remindable.some((alert) => isDue(alert, 0))
    ? remindable.filter((alert) => isDue(alert, TOGETHER_MS))
    : [];

  const settleMs = settings.settleMinutes * MINUTE_MS;
  const clearing = heard.flatMap(({ told, clearSince, ...alert }) =>
    told === null || clearSince === null
      ? []
      : [{ alert: { ...alert, told, clearSince }, settledMs: clearSince.getTime() + settleMs }],
  );
  const settled = clearing.filter(({ settledMs }) => settledMs <= now.getTime());
  // Cameras of one site come back one after the other: their recoveries wait for each other, for a while.
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

/** When a new alert may be told: at once when it is critical, else with those that open in the same half minute. */
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
