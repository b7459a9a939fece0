import { alertId, type AlertDecision, type AlertFacts, type OpenAlert, type Trouble } from './alert.js';
import { findNews } from './alertNews.js';
import { findTroubles } from './alertRules.js';
import type { AlertSettings } from './alertSettings.js';
import { Silence } from './alertSilence.js';
import { notificationOf, summaryOf } from './alertTexts.js';
import { turnOf } from './maintenance.js';

const HOUR_MS = 3_600_000;
/** Reminders come after 1, 2, 4, 4, … times the first wait. */
const MOST_DOUBLINGS = 2;

/**
 * Which alerts are open after this check, and what to send. Pure: the same facts and alerts give the same notifications
 * with the same ids, so that nothing is sent twice because of a restart.
 *
 * An alert is pending until its trouble has lasted long enough, then open, then clearing until the trouble has stayed over for
 * `settleMinutes`, then closed.
 */
export function decideAlerts(
  facts: AlertFacts,
  open: readonly OpenAlert[],
  settings: AlertSettings,
  now: Date,
): AlertDecision {
  const remembered = new Map(open.map((alert) => [alert.id, alert]));
  const alerts = remember(remembered, findTroubles(facts, remembered, settings, now), facts, now);
  const silence = new Silence(facts, alerts, now);
  const { news, waits } = findNews(alerts, silence, settings, now);
  const told = new Set(news.filter(({ kind }) => kind !== 'recovery').map(({ alert }) => alert.id));
  const over = new Set(news.filter(({ kind }) => kind === 'recovery').map(({ alert }) => alert.id));
  for (const { id, clearSince, told: before } of alerts) if (clearSince !== null && before === null) over.add(id);

  const messages = news.map((one) => (silence.isGone(one.alert) ? { ...one, gone: true } : one));
  const send =
    messages.length > settings.summaryAbove
      ? [summaryOf(messages, now, facts.link)]
      : messages.map((one) => notificationOf(one, now, facts.link));
  const kept = alerts
    .filter(({ id }) => !over.has(id))
    .map((alert) => (told.has(alert.id) ? { ...alert, told: toldNow(alert, settings, now) } : alert));
  return {
    open: kept,
    closed: alerts
      .filter(({ id, openedAt }) => over.has(id) && openedAt !== null)
      .map((alert) => ({ ...alert, endedAt: alert.clearSince ?? now })),
    send,
    nextLookAt: earliest(
      [...waits, ...remindersOf(kept), ...windowEdges(facts, now), ...kept.map(({ opensAt }) => opensAt)],
      now,
    ),
  };
}

/** The alerts of this check: its troubles merged into the kept alerts. A pending alert whose trouble is over is dropped. */
function remember(
  remembered: ReadonlyMap<string, OpenAlert>,
  troubles: readonly Trouble[],
  facts: AlertFacts,
  now: Date,
): readonly OpenAlert[] {
  const seen = new Map<string, OpenAlert>();
  for (const trouble of troubles) {
    const id = alertId(trouble.rule, trouble.subject);
    seen.set(id, alertOf(id, trouble, remembered.get(id), now));
  }
  const rest = [...remembered.values()].flatMap((alert): OpenAlert[] => {
    if (seen.has(alert.id)) return [];
    if (facts.unknown.has(alert.rule)) return [{ ...alert, clearSince: null }];
    return alert.openedAt === null ? [] : [{ ...alert, clearSince: alert.clearSince ?? now }];
  });
  return [...seen.values(), ...rest];
}

function alertOf(id: string, trouble: Trouble, before: OpenAlert | undefined, now: Date): OpenAlert {
  const { since, holdMs, ...rest } = trouble;
  // An open alert keeps its beginning, however its trouble goes on.
  const beganAt = before !== undefined && before.openedAt !== null ? before.beganAt : (since ?? before?.beganAt ?? now);
  const opensAt = before?.openedAt ?? new Date(beganAt.getTime() + holdMs);
  return {
    ...rest,
    id,
    beganAt,
    opensAt,
    openedAt: opensAt <= now ? opensAt : null,
    told: before?.told ?? null,
    ...(before === undefined ? { sentAt: null } : before.sentAt !== undefined && { sentAt: before.sentAt }),
    clearSince: null,
    endedAt: null,
  };
}

function toldNow({ told, severity }: OpenAlert, { remindHours }: AlertSettings, now: Date): OpenAlert['told'] {
  const times = (told?.times ?? 0) + 1;
  const waitMs = remindHours * HOUR_MS * 2 ** Math.min(times - 1, MOST_DOUBLINGS);
  return { at: now, severity, times, remindAt: remindHours === 0 ? null : new Date(now.getTime() + waitMs) };
}

function remindersOf(alerts: readonly OpenAlert[]): readonly Date[] {
  return alerts.flatMap(({ told }) => told?.remindAt ?? []);
}

function windowEdges({ windows }: AlertFacts, now: Date): readonly Date[] {
  return windows.flatMap((window) => {
    const turn = turnOf(window, now);
    return turn === null ? [] : [turn.from, turn.to];
  });
}

function earliest(moments: readonly Date[], now: Date): Date | null {
  const ahead = moments.map((moment) => moment.getTime()).filter((ms) => ms > now.getTime());
  return ahead.length === 0 ? null : new Date(Math.min(...ahead));
}
