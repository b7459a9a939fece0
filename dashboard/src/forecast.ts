import { getForecast, type Forecast } from './api';
import { element, setText } from './dom';
import { count, duration, exactTime } from './words';

const ASK_EVERY_MS = 30_000;
const HOUR_MS = 3_600_000;

export interface ForecastPanel {
  readonly root: HTMLElement;
  /** Loads the forecast again when the shown one is old; may be called at any time. */
  refresh(): void;
}

/** The panel of renewals that fall due in the next 24 hours and 14 days, and whether all of them can be done in time. */
export function createForecastPanel(): ForecastPanel {
  const headline = element('span', {}, 'Renewals ahead');
  const facts = element('ul');
  const hours = element('ol', { class: 'bars' });
  const days = element('ol', { class: 'bars' });
  const root = element(
    'details',
    { class: 'forecast', hidden: true },
    element('summary', {}, headline),
    facts,
    element('figure', {}, element('figcaption', {}, 'Renewals in the next 24 hours, by hour'), hours),
    element('figure', {}, element('figcaption', {}, 'In the next 14 days, by day'), days),
  );
  let askedAtMs = Number.NEGATIVE_INFINITY;

  return {
    root,
    refresh() {
      const nowMs = performance.now();
      if (nowMs - askedAtMs < ASK_EVERY_MS) return;
      askedAtMs = nowMs;
      // An error is not shown: the page already says that camlease is away.
      getForecast().then(show, () => (askedAtMs = Number.NEGATIVE_INFINITY));
    },
  };

  function show(forecast: Forecast): void {
    const { tooLate } = forecast;
    root.hidden = false;
    root.dataset['state'] = tooLate > 0 ? 'late' : 'well';
    if (tooLate > 0) root.open = true;
    setText(headline, headlineOf(forecast));
    facts.replaceChildren(...factsOf(forecast).map((sentence) => element('li', {}, sentence)));
    showBars(hours, forecast.hours, (from) => `${clockTime(from)} to ${clockTime(from + HOUR_MS)}`);
    showBars(days, forecast.days, (from) => `24 hours from ${exactTime(new Date(from).toISOString())}`);
  }
}

function headlineOf({ hours, backlog, tooLate }: Forecast): string {
  if (tooLate > 0) return `▲ ${count(tooLate, 'camera')} will be dark before the cloud can be asked for them`;
  const due = hours.reduce((sum, { leases }) => sum + leases, 0);
  const waiting = backlog === 0 ? 'none waits' : backlog === 1 ? '1 waits now' : `${backlog} wait now`;
  return `${count(due, 'renewal')} in the next 24 hours, ${waiting}`;
}

function factsOf({ madeAt, backlog, backlogDoneAt, firstDarkAt, tooLate, quotaUsed }: Forecast): string[] {
  const until = (moment: string): string => duration(Date.parse(moment) - Date.parse(madeAt));
  return [
    backlogDoneAt === null
      ? 'No renewal waits.'
      : `${count(backlog, 'renewal')} done in ${until(backlogDoneAt)} at the rate that the cloud allows.`,
    firstDarkAt === null
      ? 'No camera has a valid lease.'
      : `Without any renewal the first camera goes dark in ${until(firstDarkAt)}.`,
    tooLate === 0
      ? 'All can be renewed in time.'
      : `Too late for ${count(tooLate, 'camera')}: if the page names a refused account above, cure that; otherwise renew fewer cameras at once, or split the account.`,
    quotaUsed === null ? '' : `${Math.round(quotaUsed * 100)} % of the streams that the cloud allows are in use.`,
  ].filter((sentence) => sentence !== '');
}

function showBars(list: HTMLElement, buckets: Forecast['hours'], name: (fromMs: number) => string): void {
  const most = buckets.reduce((max, { leases }) => Math.max(max, leases), 1);
  const bars = buckets.map(({ from, leases }) => {
    const text = `${name(Date.parse(from))}: ${count(leases, 'renewal')}`;
    const bar = element('li', { title: text }, element('span', { class: 'hidden-text' }, text));
    bar.style.setProperty('--part', String(leases / most));
    return bar;
  });
  list.replaceChildren(...bars);
}

function clockTime(ms: number): string {
  return new Date(ms).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
