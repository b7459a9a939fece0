import { getAvailability, listOutages, type Availability, type Outage } from './api';
import { element, setText } from './dom';
import { duration } from './words';

const OVERALL_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;
const SHOWN_OUTAGES = 5;
/** A period of which at least this share was observed is shown without a note: the current hour is never complete. */
const NEARLY_ALL = 0.95;

/** A camera's availability and latest outages, loaded when the user opens them. `settings`: an element to show below. */
export function createStatusDetails(id: string, settings: HTMLElement): HTMLElement {
  const numbers = element('p', { class: 'availability' });
  const outages = element('ul', { class: 'outages' });
  const details = element(
    'details',
    { class: 'status' },
    element('summary', {}, 'History'),
    numbers,
    outages,
    settings,
  );
  details.addEventListener('toggle', () => {
    if (details.open) void load();
  });
  return details;

  async function load(): Promise<void> {
    setText(numbers, 'Loading …');
    try {
      const query = `camera=${encodeURIComponent(id)}`;
      const [availability, found] = await Promise.all([
        getAvailability(query),
        listOutages(`${query}&limit=${SHOWN_OUTAGES}`),
      ]);
      setText(numbers, availabilityWords(availability) ?? 'Nobody watched this camera in the last 30 days.');
      const lines = found.map((outage) => element('li', {}, outageWords(outage)));
      outages.replaceChildren(...(lines.length > 0 ? lines : [element('li', {}, 'No outage in 90 days.')]));
    } catch {
      setText(numbers, 'camlease did not send the history. Close it and open it again to retry.');
      outages.replaceChildren();
    }
  }
}

/** The availability of all cameras in one line; `refresh` may be called at any time. */
export function createOverall(): { readonly root: HTMLElement; refresh(): void } {
  const root = element('p', { class: 'overall', hidden: true });
  let askedAtMs = -Infinity;
  return {
    root,
    refresh: () => {
      if (performance.now() - askedAtMs < OVERALL_EVERY_MS) return;
      askedAtMs = performance.now();
      getAvailability('').then(
        (availability) => {
          const words = availabilityWords(availability);
          root.hidden = words === null;
          setText(root, words ?? '');
        },
        () => (root.hidden = true),
      );
    },
  };
}

/**
 * The words for the availability; null: nothing was observed. They say how much of a period was observed unless that was nearly all of it:
 * 100 % of a minute is not 100 % of 30 days. A period is left out when no more of it was observed than of a shorter one.
 */
function availabilityWords({ day, week, month }: Availability): string | null {
  const parts: string[] = [];
  let knownMs = 0;
  for (const [name, hours, { percent, observedPart }] of [
    ['24 hours', 24, day],
    ['7 days', 7 * 24, week],
    ['30 days', 30 * 24, month],
  ] as const) {
    // The observed time of each camera on average; the sum over all cameras would be longer than the period.
    const observedMs = observedPart * hours * HOUR_MS;
    if (percent === null || observedMs <= knownMs) continue;
    knownMs = observedMs;
    const isWhole = observedPart >= NEARLY_ALL;
    parts.push(`${percentWords(percent)} of ${name}${isWhole ? '' : ` (${duration(observedMs)} observed)`}`);
  }
  return parts.length === 0 ? null : `Pictures came for ${parts.join(' · ')}`;
}

/** Rounded down, so that 99.999 does not become 100. */
function percentWords(percent: number): string {
  return percent === 100 ? '100 %' : `${(Math.floor(percent * 100) / 100).toFixed(2)} %`;
}

function outageWords({ beganAt, endedAt, reason, message, isOurs }: Outage): string {
  const began = new Date(beganAt);
  const lasted = endedAt === null ? 'not over yet' : lengthWords(new Date(endedAt).getTime() - began.getTime());
  const whose = isOurs ? '' : ' The camera itself was offline.';
  return `${began.toLocaleString()}, ${lasted}: ${message}${whose} (${reason})`;
}

function lengthWords(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
