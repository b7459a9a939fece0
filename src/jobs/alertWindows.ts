import { turnOf, type MaintenanceWindow } from '../core/maintenance.js';
import { windowOf, windowRecord } from './alertRecords.js';
import type { JobsDeps } from './deps.js';

type WindowsDeps = Pick<JobsDeps, 'clock' | 'newId'> & { readonly store: Pick<JobsDeps['store'], 'records'> };

/** Maintenance windows: records, and in memory for the time when the store is away. */
export class AlertWindows {
  readonly #deps: WindowsDeps;
  #known: readonly MaintenanceWindow[] = [];

  constructor(deps: WindowsDeps) {
    this.#deps = deps;
  }

  /** As they were when the store last answered. */
  get known(): readonly MaintenanceWindow[] {
    return this.#known;
  }

  /** Those that are not over for good; drops the others. Throws what the store throws. */
  async refresh(): Promise<void> {
    const { clock, store } = this.#deps;
    const all = (await store.records.list('maintenance')).flatMap((record) => windowOf(record) ?? []);
    const isOver = (window: MaintenanceWindow): boolean => turnOf(window, clock.now()) === null;
    this.#known = all.filter((window) => !isOver(window));
    for (const { id } of all.filter(isOver)) await store.records.remove('maintenance', id);
  }

  /** Next one first. Throws what the store throws. */
  async list(): Promise<readonly MaintenanceWindow[]> {
    await this.refresh();
    const nextMs = (window: MaintenanceWindow): number => turnOf(window, this.#deps.clock.now())?.from.getTime() ?? 0;
    return [...this.#known].sort((a, b) => nextMs(a) - nextMs(b));
  }

  /** Throws what the store throws. */
  async add(window: Omit<MaintenanceWindow, 'id'>): Promise<MaintenanceWindow> {
    const added = { id: this.#deps.newId(), ...window };
    await this.#deps.store.records.put(windowRecord(added), 0);
    this.#known = [...this.#known, added];
    return added;
  }

  /** Ends it: what is still broken is told at the next look. False: there is none. Throws what the store throws. */
  async remove(id: string): Promise<boolean> {
    const wasThere = await this.#deps.store.records.remove('maintenance', id);
    this.#known = this.#known.filter((window) => window.id !== id);
    return wasThere;
  }
}
