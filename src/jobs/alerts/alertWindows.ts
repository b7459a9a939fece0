import { turnOf, type MaintenanceWindow } from '../../core/alerts/maintenance.js';
import { AppError } from '../../core/errors.js';
import type { JobsDeps } from '../run/deps.js';
import { windowOf, windowRecord } from './alertRecords.js';

type WindowsDeps = Pick<JobsDeps, 'clock' | 'newId'> & { readonly records: JobsDeps['records'] };

/** All windows are read at each check and returned in one reply, and each may name a thousand cameras. */
export const MOST_WINDOWS = 100;
/** Names of cameras, labels and accounts in all windows together: some 700 kB. */
export const MOST_NAMES = 10_000;

/** Maintenance windows: records in the store, and a copy in memory for the time when the store is away. */
export class AlertWindows {
  readonly #deps: WindowsDeps;
  #known: readonly MaintenanceWindow[] = [];
  /** Windows that are being written to the store. */
  readonly #adding = new Set<MaintenanceWindow>();

  constructor(deps: WindowsDeps) {
    this.#deps = deps;
  }

  /** The windows as the store last returned them. */
  get known(): readonly MaintenanceWindow[] {
    return this.#known;
  }

  /** Reads the windows, and deletes those that are over for good. Throws what the store throws. */
  async refresh(): Promise<void> {
    const { clock, records } = this.#deps;
    const all = (await records.list('maintenance')).flatMap((record) => windowOf(record) ?? []);
    const isOver = (window: MaintenanceWindow): boolean => turnOf(window, clock.now()) === null;
    this.#known = all.filter((window) => !isOver(window));
    for (const { id } of all.filter(isOver)) await records.remove('maintenance', id);
  }

  /** The window that begins next comes first. Throws what the store throws. */
  async list(): Promise<readonly MaintenanceWindow[]> {
    await this.refresh();
    const nextMs = (window: MaintenanceWindow): number => turnOf(window, this.#deps.clock.now())?.from.getTime() ?? 0;
    return [...this.#known].sort((a, b) => nextMs(a) - nextMs(b));
  }

  /** Throws MAINTENANCE_FULL, and what the store throws. */
  async add(window: Omit<MaintenanceWindow, 'id'>): Promise<MaintenanceWindow> {
    await this.refresh();
    const added = { id: this.#deps.newId(), ...window };
    this.#requireRoomFor(added);
    this.#adding.add(added);
    try {
      await this.#deps.records.put(windowRecord(added), 0);
      this.#known = [...this.#known, added];
      return added;
    } finally {
      this.#adding.delete(added);
    }
  }

  #requireRoomFor(added: MaintenanceWindow): void {
    const all = [...this.#known, ...this.#adding];
    const names = [...all, added].reduce((sum, window) => sum + namesIn(window), 0);
    if (all.length < MOST_WINDOWS && names <= MOST_NAMES) return;
    const what = all.length < MOST_WINDOWS ? `${MOST_NAMES} cameras, labels and accounts` : `${MOST_WINDOWS} windows`;
    throw new AppError('MAINTENANCE_FULL', `All maintenance windows together have room for ${what}.`, {
      cure: 'End windows that are not needed, make one weekly window of many single ones, or name a label instead of its cameras.',
    });
  }

  /**
   * Ends a window; what is still broken is sent at the next check. False: there is no such window. Throws what the store
   * throws.
   */
  async remove(id: string): Promise<boolean> {
    const wasThere = await this.#deps.records.remove('maintenance', id);
    this.#known = this.#known.filter((window) => window.id !== id);
    return wasThere;
  }
}

function namesIn({ cameraIds, labels, accounts }: MaintenanceWindow): number {
  return cameraIds.length + labels.length + accounts.length;
}
