import type { AlertSender } from '../../alerts/sender.js';
import type { OpenAlert } from '../../core/alerts/alert.js';
import { within } from '../../core/async/deadline.js';
import { Poller } from '../../core/async/poller.js';
import { decideAlerts } from '../../core/alerts/alerts.js';
import { DEFAULT_ALERT_SETTINGS, type AlertSettings } from '../../core/alerts/alertSettings.js';
import { messageOf } from '../../core/errors.js';
import type { Forecast } from '../../core/renewal/forecast.js';
import type { JobsDeps } from '../run/deps.js';
import { AlertBook } from './alertBook.js';
import { gatherFacts, alertsForAll, type AlertFactsDeps } from './alertFacts.js';
import { AlertOutbox } from './alertOutbox.js';
import { alertOf, outgoingOf, scopeOfProcess, SHARED } from './alertRecords.js';
import { testSenders, type SenderTest } from './sendTest.js';
import { AlertWindows } from './alertWindows.js';
import { AlertWrites } from './alertWrites.js';
import type { SenderState } from '../../core/alerts/senderState.js';

const CHECK_EVERY_MS = 10_000;
const SHORTEST_WAIT_MS = 250;
/** A forecast goes through all cameras, so it is not made at every check. */
const FORECAST_EVERY_MS = 60_000;
/** A store that takes longer counts as not answering. */
const STORE_PATIENCE_MS = 5_000;
const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
const SHOWN_MS = 7 * DAY_MS;
/** An open alert is written at least twice a day (`AlertBook`): an older one belongs to a process that never came back. */
const FORGOTTEN_MS = 2 * DAY_MS;
const DROP_EVERY_MS = DAY_MS;

/** The operator's settings, and what only app.ts can provide. */
export interface AlertOptions {
  readonly settings: AlertSettings;
  readonly senders: readonly AlertSender[];
  /** null: the free space could not be read. */
  readonly freeDiskBytes: () => Promise<number | null>;
  /** The page about alerts; null: not known. */
  readonly link: string | null;
}

export const NO_ALERTS: AlertOptions = {
  settings: DEFAULT_ALERT_SETTINGS,
  senders: [],
  freeDiskBytes: () => Promise.resolve(null),
  link: null,
};

export interface AlertsDeps extends AlertFactsDeps, Pick<JobsDeps, 'clock' | 'log' | 'newId'> {
  readonly store: Pick<JobsDeps['store'], 'peekAll'>;
  readonly records: JobsDeps['records'];
}

export interface AlertList {
  readonly open: readonly OpenAlert[];
  /** Alerts that ended within the last seven days, newest first. */
  readonly closed: readonly OpenAlert[];
  readonly senders: readonly SenderState[];
}

/** Checks every 10 s what is wrong, decides which alerts open, go on and end, and sends the notifications. */
export class Alerts {
  readonly #deps: AlertsDeps;
  readonly #options: AlertOptions;
  readonly #writes: AlertWrites;
  readonly #book: AlertBook;
  readonly #outbox: AlertOutbox;
  readonly windows: AlertWindows;
  readonly #learned = new Set<string>();
  #forecast: { readonly made: Forecast | null; readonly atMs: number } | null = null;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  readonly #checks: Poller;
  #stopped = true;

  constructor(deps: AlertsDeps, options: AlertOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#writes = new AlertWrites(deps.records, deps.clock);
    this.#book = new AlertBook(deps.owner, this.#writes);
    this.#outbox = new AlertOutbox(deps, this.#writes, options.senders, ({ alertIds = [] }) =>
      this.#book.sent(alertIds, deps.clock.now()),
    );
    this.windows = new AlertWindows(deps);
    this.#checks = new Poller(deps.clock, () =>
      this.#check().catch((thrown: unknown) => {
        deps.log.warn(`camlease could not decide which alerts to send: ${messageOf(thrown)}`);
        return CHECK_EVERY_MS;
      }),
    );
  }

  start(): void {
    this.#stopped = false;
    this.#checks.in(SHORTEST_WAIT_MS);
  }

  /** Notifications that were not sent are sent after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#checks.stop();
    await this.#outbox.stop();
    await within(this.#deps.clock, STORE_PATIENCE_MS, this.#writes.stop());
  }

  /** Reads the store, so that every replica answers the same; answers from memory while the store is away. */
  async list(): Promise<AlertList> {
    const { clock, records } = this.#deps;
    const nowMs = clock.now().getTime();
    const kept = await records.list('alert', { from: new Date(nowMs - SHOWN_MS) }).catch(() => []);
    const byRecord = new Map(kept.map((record) => [record.id, record]));
    for (const record of this.#writes.pending('alert')) byRecord.set(record.id, { ...record, version: 0 });
    const read = [...byRecord.values()].flatMap((record) => {
      const alert = alertOf(record);
      return alert === null ? [] : [{ alert, at: record.at }];
    });
    const open = read.filter(({ alert, at }) => alert.endedAt === null && at.getTime() > nowMs - FORGOTTEN_MS);
    // While the store is away, memory has the open alerts.
    const listed = new Set(open.map(({ alert }) => alert.id));
    const inMemory = this.#book.open.filter(({ id, openedAt }) => openedAt !== null && !listed.has(id));
    return {
      open: [...open.map(({ alert }) => alert), ...inMemory].sort(
        (a, b) => (b.openedAt?.getTime() ?? 0) - (a.openedAt?.getTime() ?? 0),
      ),
      closed: read
        .map(({ alert }) => alert)
        .filter(({ endedAt }) => endedAt !== null)
        .sort((a, b) => (b.endedAt?.getTime() ?? 0) - (a.endedAt?.getTime() ?? 0)),
      senders: this.#outbox.states(),
    };
  }

  /** Sends a test through one sender (null: through all), without the outbox, and in maintenance windows too. */
  test(sender: string | null, signal: AbortSignal): Promise<readonly SenderTest[]> {
    const chosen = this.#options.senders.filter(({ name }) => sender === null || name === sender);
    return testSenders(this.#deps, chosen, this.#options.link, signal);
  }

  hasSender(name: string): boolean {
    return this.#options.senders.some((sender) => sender.name === name);
  }

  /** One check; returns the time until the next (ms). */
  async #check(): Promise<number> {
    const { clock, log } = this.#deps;
    const isForAll = alertsForAll(this.#deps);
    const storeProblem = await this.#readStore(isForAll);
    const freeDiskBytes = await this.#options.freeDiskBytes().catch(() => null);
    if (this.#stopped) return CHECK_EVERY_MS;

    const now = clock.now();
    const readings = { storeProblem, freeDiskBytes, windows: this.windows.known, link: this.#options.link };
    const facts = gatherFacts({ ...this.#deps, forecast: () => this.#newestForecast() }, isForAll, readings);
    const decision = decideAlerts(facts, this.#book.open, this.#options.settings, now);
    this.#book.take(decision, now);
    for (const notification of decision.send) {
      log[notification.severity === 'info' ? 'info' : 'warn'](`Alert: ${notification.title}`, {
        rule: notification.rule,
      });
      this.#outbox.add(notification, isForAll ? SHARED : scopeOfProcess(this.#deps.owner));
    }
    // Notifications are stored before they are sent; while the store is away they are sent all the same.
    await this.#flush();
    this.#outbox.pump();
    const waitMs = (decision.nextLookAt?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
    return Math.max(SHORTEST_WAIT_MS, Math.min(CHECK_EVERY_MS, waitMs));
  }

  /** Reads windows, open alerts and unsent notifications. Returns what is wrong with the store, as a sentence; null: it answers. */
  async #readStore(isForAll: boolean): Promise<string | null> {
    const { clock, owner } = this.#deps;
    const store: { problem: string | null } = { problem: 'The store does not answer in time.' };
    const work = async (): Promise<void> => {
      await this.windows.refresh();
      await this.#learn(scopeOfProcess(owner));
      if (isForAll) await this.#learn(SHARED);
      await this.#dropOld();
      store.problem = null;
    };
    const reading = work().catch((thrown: unknown) => {
      store.problem = messageOf(thrown);
    });
    await within(clock, STORE_PATIENCE_MS, reading);
    if (!isForAll && this.#learned.delete(SHARED)) this.#book.forgetShared();
    return store.problem;
  }

  async #learn(scope: string): Promise<void> {
    if (this.#learned.has(scope)) return;
    const { records } = this.#deps;
    this.#book.learn(await records.list('alert', { group: scope }));
    const outgoing = (await records.list('alert-outbox', { group: scope })).flatMap(
      (record) => outgoingOf(record) ?? [],
    );
    this.#outbox.takeOver(outgoing.reverse(), scope);
    this.#learned.add(scope);
  }

  async #dropOld(): Promise<void> {
    const { clock, records } = this.#deps;
    if (clock.monotonicMs() - this.#droppedAtMs < DROP_EVERY_MS) return;
    this.#droppedAtMs = clock.monotonicMs();
    await records.dropBefore('alert', new Date(clock.now().getTime() - KEPT_MS));
    await records.dropBefore('alert-outbox', new Date(clock.now().getTime() - FORGOTTEN_MS));
  }

  async #flush(): Promise<void> {
    // The check already reports a store that is away; records that are not written now are tried again.
    await within(this.#deps.clock, STORE_PATIENCE_MS, this.#writes.flush());
  }

  #newestForecast(): Forecast | null {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#forecast === null || nowMs - this.#forecast.atMs >= FORECAST_EVERY_MS)
      this.#forecast = { made: this.#deps.forecast(), atMs: nowMs };
    return this.#forecast.made;
  }
}
