import { createHash } from 'node:crypto';
import { utcMinute } from '../zonedTime.js';
import type { OpenAlert } from './alert.js';
import type { Notification, Severity } from './notification.js';

/** A message has this many lines at most; the page shows all. */
const LINES_SHOWN = 15;
const MOST_SUBJECTS = 100;

/** One thing to send about one alert. */
export interface News {
  readonly alert: OpenAlert;
  readonly kind: 'alert' | 'reminder' | 'recovery';
  /** True when its camera was deleted or switched off. */
  readonly gone?: boolean;
}

/** The notification about one piece of news. `link`: the page about alerts; null: not known. */
export function notificationOf(news: News, now: Date, link: string | null): Notification {
  const { alert, kind } = news;
  return {
    id: idOf(news),
    alertIds: [alert.id],
    ...(alert.told !== null && { openedBy: idOf({ alert: { ...alert, told: null }, kind: 'alert' }) }),
    kind,
    severity: severityOf(news),
    title: titleOf(news),
    text: kind === 'recovery' ? recoveryText(news, now) : `${reminderText(news, now)}${alert.text}`,
    at: now,
    rule: alert.rule,
    subjects: [alert.subject],
    link,
  };
}

/** Makes one notification of many. */
export function summaryOf(news: readonly News[], now: Date, link: string | null): Notification {
  const parts = (['alert', 'reminder', 'recovery'] as const).flatMap((kind) => {
    const count = news.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [`${count} ${COUNTED[kind]}`];
  });
  const worstFirst = [...news].sort((a, b) => rankOf(severityOf(b)) - rankOf(severityOf(a)));
  const lines = worstFirst.slice(0, LINES_SHOWN).map((one) => `- ${titleOf(one)}`);
  if (news.length > LINES_SHOWN) lines.push(`- and ${news.length - LINES_SHOWN} more`);
  const worst = worstFirst[0];
  const advice = worst === undefined || worst.kind === 'recovery' ? '' : `\nThe first of them: ${worst.alert.text}`;
  return {
    id: hashed(news.map(idOf).sort().join(' ')),
    kind: 'summary',
    severity: worst === undefined ? 'info' : severityOf(worst),
    title: parts.join(', '),
    text: `${lines.join('\n')}${advice}`,
    at: now,
    rule: 'summary',
    alertIds: news.map(({ alert }) => alert.id),
    subjects: news.slice(0, MOST_SUBJECTS).map(({ alert }) => alert.subject),
    link,
  };
}

const COUNTED: Readonly<Record<News['kind'], string>> = {
  alert: 'new alerts',
  reminder: 'alerts that go on',
  recovery: 'alerts that are over',
};

/** The same id after a restart, for the same notification about the same alert. */
function idOf({ alert, kind }: News): string {
  const times = kind === 'recovery' ? '' : (alert.told?.times ?? 0);
  return hashed(`${alert.id} ${alert.openedAt?.getTime() ?? 0} ${kind} ${times}`);
}

function hashed(text: string): string {
  return `alert_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}

function titleOf({ alert, kind }: News): string {
  if (kind === 'alert') return alert.title;
  return kind === 'reminder' ? `Still: ${alert.title}` : `Over: ${alert.title}`;
}

function severityOf({ alert, kind }: News): Severity {
  return kind === 'recovery' ? 'info' : alert.severity;
}

export function rankOf(severity: Severity): number {
  return { info: 0, warning: 1, critical: 2 }[severity];
}

function reminderText({ alert, kind }: News, now: Date): string {
  return kind === 'reminder' ? `This has lasted for ${lasted(alert.beganAt, now)}. ` : '';
}

function recoveryText({ alert, gone }: News, now: Date): string {
  if (gone === true) return `${alert.subject.name} was deleted or disabled, so camlease no longer watches for this.`;
  const endedAt = alert.clearSince ?? now;
  return `This ended at ${utcMinute(endedAt)}, after ${lasted(alert.beganAt, endedAt)}: ${alert.title}.`;
}

function lasted(from: Date, to: Date): string {
  const minutes = Math.max(0, Math.round((to.getTime() - from.getTime()) / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
