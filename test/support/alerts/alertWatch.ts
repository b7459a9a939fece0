import type { AlertFacts, OpenAlert } from '../../../src/core/alerts/alert.js';
import { DEFAULT_ALERT_SETTINGS, type AlertSettings } from '../../../src/core/alerts/alertSettings.js';
import { decideAlerts } from '../../../src/core/alerts/alerts.js';
import type { MaintenanceWindow } from '../../../src/core/alerts/maintenance.js';
import type { Notification } from '../../../src/core/alerts/notification.js';
import type { Outage } from '../../../src/core/outages/outage.js';
import type { CloudCamera } from '../../../src/core/camera/cameraSource.js';
import { aCamera, aLease, at, DAY, SECOND, type CameraParts } from '../builders.js';

const lasting = aLease({ obtainedAt: at(0), expiresAt: at(30 * DAY) });

export function camera(id: string, more: CameraParts = {}): CloudCamera {
  return aCamera({ id, name: `Camera ${id}`, lease: lasting, ...more });
}

export function dark(id: string, sinceMs: number): Outage {
  return {
    id: `o-${id}-${sinceMs}`,
    subject: { kind: 'camera', id },
    reason: 'NOTHING_COMES',
    message: 'Nothing comes from the cloud.',
    beganAt: at(sinceMs),
    endedAt: null,
  };
}

function facts(more: Partial<AlertFacts> = {}): AlertFacts {
  return {
    cameras: [],
    outages: [],
    accounts: [],
    forecast: null,
    storeProblem: null,
    engineProblem: null,
    engineDegraded: null,
    refusedStreams: new Map(),
    freeDiskBytes: 50e9,
    process: 'node-1',
    windows: [],
    unknown: new Set(),
    link: null,
    ...more,
  };
}

export function window(fromMs: number, toMs: number, more: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  const nothing = { everything: false, cameraIds: [], labels: [], accounts: [], weekly: false, note: '' };
  return { id: 'w', from: at(fromMs), to: at(toMs), ...nothing, ...more };
}

/** Runs `decideAlerts` repeatedly, and keeps between calls what camlease keeps: the open alerts. */
export class Watch {
  open: readonly OpenAlert[] = [];
  readonly sent: Notification[] = [];
  readonly settings: AlertSettings;
  nextLookAt: Date | null = null;

  constructor(settings: Partial<AlertSettings> = {}) {
    this.settings = { ...DEFAULT_ALERT_SETTINGS, ...settings };
  }

  /** Decides once, `ms` after T0; returns `kind: title` of each message that is sent. */
  look(ms: number, world: Partial<AlertFacts> = {}): string[] {
    const decision = decideAlerts(facts(world), this.open, this.settings, at(ms));
    this.open = decision.open;
    this.nextLookAt = decision.nextLookAt;
    this.sent.push(...decision.send);
    return decision.send.map(({ kind, title }) => `${kind}: ${title}`);
  }

  /** Decides every ten seconds from one moment to another (both included). */
  during(fromMs: number, toMs: number, world: Partial<AlertFacts> = {}): string[] {
    const sent: string[] = [];
    for (let ms = fromMs; ms <= toMs; ms += 10 * SECOND) sent.push(...this.look(ms, world));
    return sent;
  }
}
