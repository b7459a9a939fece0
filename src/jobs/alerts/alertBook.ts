import type { AlertDecision, OpenAlert } from '../../core/alerts/alert.js';
import type { StoredRecord } from '../../store/recordTable.js';
import { alertOf, alertRecord, alertRecordId, isOfOneProcess, scopeOfProcess, SHARED } from './alertRecords.js';
import type { AlertWrites } from './alertWrites.js';

/** An open alert is written again this often, so that only the record of a process that never came back grows old. */
const TOUCH_MS = 12 * 3_600_000;

/**
 * The open alerts of this process, and those of all processes while it alerts for all. In memory; each change is queued
 * for the store.
 */
export class AlertBook {
  readonly #owner: string;
  readonly #writes: AlertWrites;
  #open = new Map<string, OpenAlert>();
  readonly #written = new Map<string, { readonly text: string; readonly at: Date }>();

  constructor(owner: string, writes: AlertWrites) {
    this.#owner = owner;
    this.#writes = writes;
  }

  get open(): readonly OpenAlert[] {
    return [...this.#open.values()];
  }

  /** Takes open alerts from the store; those that are in memory already are newer. */
  learn(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const alert = alertOf(record);
      if (alert === null || alert.endedAt !== null || this.#open.has(alert.id)) continue;
      this.#open.set(alert.id, alert);
      this.#written.set(alertRecordId(alert), { text: JSON.stringify(alert), at: record.at });
    }
  }

  /** Another process alerts for all from now on. */
  forgetShared(): void {
    this.#open = new Map([...this.#open].filter(([, { rule }]) => isOfOneProcess(rule)));
  }

  take({ open, closed }: Pick<AlertDecision, 'open' | 'closed'>, now: Date): void {
    this.#open = new Map(open.map((alert) => [alert.id, alert]));
    for (const alert of open) if (alert.openedAt !== null) this.#write(alert, now);
    for (const alert of closed) {
      this.#write(alert, now);
      this.#written.delete(alertRecordId(alert));
    }
  }

  /** A sender has sent a notification about these alerts. */
  sent(ids: readonly string[], at: Date): void {
    for (const id of ids) {
      const alert = this.#open.get(id);
      if (alert === undefined) continue;
      const sent = { ...alert, sentAt: at };
      this.#open.set(id, sent);
      this.#write(sent, at);
    }
  }

  #write(alert: OpenAlert, now: Date): void {
    const id = alertRecordId(alert);
    const text = JSON.stringify(alert);
    const before = this.#written.get(id);
    if (before?.text === text && now.getTime() - before.at.getTime() < TOUCH_MS) return;
    this.#written.set(id, { text, at: now });
    this.#writes.put(alertRecord(alert, isOfOneProcess(alert.rule) ? scopeOfProcess(this.#owner) : SHARED, now));
  }
}
