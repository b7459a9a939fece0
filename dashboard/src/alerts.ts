import {
  addMaintenance,
  endMaintenance,
  getAlerts,
  listMaintenance,
  testSender,
  type Alert,
  type AlertsReply,
  type MaintenanceWindow,
  type Sender,
} from './alertsApi';
import { element, setText } from './dom';

const POLL_MS = 10_000;
const CLOSED_SHOWN = 10;

/** The panel of alerts: open ones, senders and maintenance windows. Collapsed, so that it takes one line while nothing is wrong. */
export function createAlertsPanel(): HTMLElement {
  const heading = element('summary', {}, 'Alerts');
  const body = element('div', { class: 'alerts-body' });
  const note = element('p', { class: 'alerts-note', role: 'status', hidden: true });
  const root = element('details', { class: 'alerts', id: 'alerts' }, heading, note, body);
  root.open = location.hash === '#alerts';
  /** Results of test messages by sender, kept so that they stay when the panel is drawn again. */
  const tests = new Map<string, string>();
  let shown = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void refresh();
  });
  window.addEventListener('pagehide', () => clearTimeout(timer));
  void refresh();
  return root;

  async function refresh(): Promise<void> {
    clearTimeout(timer);
    try {
      const [alerts, windows] = await Promise.all([getAlerts(), listMaintenance()]);
      show(alerts, windows);
    } catch {
      // Ignored: the page already shows that camlease, or its store, is away.
    }
    if (!document.hidden) timer = setTimeout(() => void refresh(), POLL_MS);
  }

  function show(alerts: AlertsReply, windows: readonly MaintenanceWindow[]): void {
    const state = JSON.stringify([alerts, windows, [...tests]]);
    // Drawn again only when something has changed, so that a button does not disappear while it is being pressed.
    if (state === shown) return;
    shown = state;
    const { open, closed, senders } = alerts;
    const quiet = windows.some(({ active }) => active) ? ' · maintenance' : '';
    setText(heading, `${open.length === 0 ? 'Alerts: none open' : `Alerts: ${open.length} open`}${quiet}`);
    root.classList.toggle('has-open', open.length > 0);
    body.replaceChildren(
      section('Open', open.map(alertItem), 'No alert is open.'),
      section(
        'Senders',
        senders.map(senderItem),
        'Nobody is notified, because camlease.yml has no sender (see “alerts:”).',
      ),
      section(
        'Maintenance',
        windows.map(windowItem),
        'No maintenance window. During a window camlease sends no alerts about its cameras.',
        [
          button('Send no alerts for 1 h', () =>
            addMaintenance({ minutes: 60, everything: true, note: 'Made on the page' }),
          ),
        ],
      ),
      section('Closed in the last seven days', closed.slice(0, CLOSED_SHOWN).map(alertItem), 'No alert.'),
    );
  }

  function senderItem({ name, kind, to, lastSentAt, failure, waiting }: Sender): HTMLElement {
    const state = failure
      ? `Failed: ${failure.message} ${failure.cure ?? ''}`
      : lastSentAt === null
        ? 'Nothing was sent yet.'
        : `Last sent ${when(lastSentAt)}.`;
    const result = tests.get(name);
    return element(
      'li',
      { class: failure ? 'critical' : '' },
      element('strong', {}, name),
      ` ${kind}, ${to}. ${state}${waiting > 0 ? ` ${waiting} not sent yet.` : ''} `,
      button('Send a test message', () => runTest(name)),
      result !== undefined && element('span', { class: 'test-result', role: 'status' }, ` ${result}`),
    );
  }

  async function runTest(name: string): Promise<void> {
    const result = await testSender(name);
    const failure = result?.failure;
    tests.set(name, failure ? `The test was not sent: ${failure.message} ${failure.cure ?? ''}` : 'The test was sent.');
  }

  function windowItem(window: MaintenanceWindow): HTMLElement {
    const { id, from, to, active, weekly, note: why } = window;
    return element(
      'li',
      {},
      `${active ? 'Now' : `From ${when(from)}`} until ${when(to)}${weekly ? ', every week' : ''}: ${scopeOf(window)}` +
        `${why === '' ? '' : ` (${why})`} `,
      button('End this window', () => endMaintenance(id)),
    );
  }

  /** A button that is disabled while its work runs; an error is shown in the panel's note. */
  function button(text: string, work: () => Promise<unknown>): HTMLElement {
    const made = element('button', { type: 'button', class: 'small', click: () => void run() }, text);
    async function run(): Promise<void> {
      made.disabled = true;
      note.hidden = true;
      try {
        await work();
      } catch (thrown) {
        setText(note, thrown instanceof Error ? thrown.message : String(thrown));
        note.hidden = false;
      }
      made.disabled = false;
      await refresh();
    }
    return made;
  }
}

function section(
  title: string,
  items: readonly HTMLElement[],
  empty: string,
  more: readonly HTMLElement[] = [],
): HTMLElement {
  const list = items.length === 0 ? element('p', {}, empty) : element('ul', {}, ...items);
  return element('section', {}, element('h3', {}, title), list, ...more);
}

function alertItem({ severity, title, text, beganAt, endedAt, toldAt, clearing }: Alert): HTMLElement {
  const time = endedAt === null ? `since ${when(beganAt)}` : `${when(beganAt)} to ${when(endedAt)}`;
  const state = endedAt !== null ? '' : clearing ? ' · seems to be over' : toldAt === null ? ' · not sent' : '';
  return element(
    'li',
    { class: endedAt === null ? severity : '' },
    element('strong', {}, title),
    ` ${time}${state}`,
    endedAt === null && element('p', {}, text),
  );
}

function scopeOf({ everything, cameraIds, labels, accounts }: MaintenanceWindow): string {
  if (everything) return 'everything';
  const parts = [
    ...labels.map((label) => `label ${label}`),
    ...accounts.map((account) => `account ${account}`),
    ...(cameraIds.length === 0 ? [] : [`${cameraIds.length} cameras`]),
  ];
  return parts.join(', ');
}

function when(moment: string): string {
  return new Date(moment).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' });
}
