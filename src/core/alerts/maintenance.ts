import type { Camera, CameraId } from '../camera/camera.js';
import { accountOf } from '../camera/cameraSource.js';

const WEEK_MS = 7 * 86_400_000;

/** A time in which nothing is sent about the cameras and accounts that it names. What is still broken at its end is sent then. */
export interface MaintenanceWindow {
  readonly id: string;
  readonly from: Date;
  readonly to: Date;
  /** Repeats every seven days of 24 hours, at the same time in UTC. */
  readonly weekly: boolean;
  /** Covers everything: cameras, store, media server and disk. */
  readonly everything: boolean;
  readonly cameraIds: readonly CameraId[];
  readonly labels: readonly string[];
  readonly accounts: readonly string[];
  /** Why, for people. */
  readonly note: string;
}

/** The window's current turn, or its next one; null: it is over for good. */
export function turnOf(window: MaintenanceWindow, now: Date): { readonly from: Date; readonly to: Date } | null {
  const { from, to, weekly } = window;
  if (now < to) return { from, to };
  if (!weekly) return null;
  const weeks = Math.floor((now.getTime() - to.getTime()) / WEEK_MS) + 1;
  return { from: new Date(from.getTime() + weeks * WEEK_MS), to: new Date(to.getTime() + weeks * WEEK_MS) };
}

export function isActive(window: MaintenanceWindow, now: Date): boolean {
  const turn = turnOf(window, now);
  return turn !== null && turn.from <= now;
}

/** The windows that are active at one moment, prepared for many questions. */
export class Maintenance {
  readonly ofEverything: boolean;
  readonly #cameraIds: ReadonlySet<CameraId>;
  readonly #labels: ReadonlySet<string>;
  readonly #accounts: ReadonlySet<string>;

  constructor(windows: readonly MaintenanceWindow[], now: Date) {
    const active = windows.filter((window) => isActive(window, now));
    this.ofEverything = active.some(({ everything }) => everything);
    this.#cameraIds = new Set(active.flatMap(({ cameraIds }) => cameraIds));
    this.#labels = new Set(active.flatMap(({ labels }) => labels));
    this.#accounts = new Set(active.flatMap(({ accounts }) => accounts));
  }

  ofAccount(name: string): boolean {
    return this.ofEverything || this.#accounts.has(name);
  }

  ofLabel(label: string): boolean {
    return this.ofEverything || this.#labels.has(label);
  }

  ofCamera(camera: Camera): boolean {
    if (this.ofEverything || this.#cameraIds.has(camera.id)) return true;
    const account = accountOf(camera);
    return camera.labels.some((label) => this.#labels.has(label)) || (account !== null && this.#accounts.has(account));
  }
}
