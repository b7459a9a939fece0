import type { Camera, CameraId } from '../camera/camera.js';
import type { FailureClass } from '../errors.js';
import type { StreamRefusal } from '../health/health.js';
import type { Outage } from '../outages/outage.js';
import type { Forecast } from '../renewal/forecast.js';
import type { AlertRule } from './alertSettings.js';
import type { MaintenanceWindow } from './maintenance.js';
import type { AlertSubject, Notification } from './notification.js';

export type AlertSeverity = 'warning' | 'critical';

/** What is wrong at one check, and about which subject. */
export interface Trouble {
  readonly rule: AlertRule;
  readonly subject: AlertSubject;
  readonly severity: AlertSeverity;
  readonly title: string;
  /** Plain sentences with absolute times: the same at every check while nothing changes. */
  readonly text: string;
  /** null: since the check that found it first. */
  readonly since: Date | null;
  /** How long (ms) it has to last before it is an alert. */
  readonly holdMs: number;
  /** The cameras that it is about; for a group, the dark ones. */
  readonly cameraIds: readonly CameraId[];
  /** For a group: how many cameras it has. An alert about a smaller group is more precise. */
  readonly groupSize?: number;
}

/** A trouble that is kept from one check to the next. */
export interface OpenAlert extends Omit<Trouble, 'since' | 'holdMs'> {
  /** Made of rule and subject. */
  readonly id: string;
  readonly beganAt: Date;
  /** When it has lasted long enough to be an alert. */
  readonly opensAt: Date;
  /** When it became an alert; null: it is pending, and nothing is sent. */
  readonly openedAt: Date | null;
  /** The latest decision to send something about it; null: none. Whether a sender has sent it is in `sentAt`. */
  readonly told: Told | null;
  /** When a sender last sent a notification about it; null: never. Absent: written by an older version, which did not record it. */
  readonly sentAt?: Date | null;
  /** Since when its trouble is over; it is closed when that lasts. null: the trouble goes on. */
  readonly clearSince: Date | null;
  /** When it ended; null: it is not closed. */
  readonly endedAt: Date | null;
}

export interface Told {
  readonly at: Date;
  readonly severity: AlertSeverity;
  /** How many notifications about it so far. */
  readonly times: number;
  /** null: no reminder. */
  readonly remindAt: Date | null;
}

export interface AccountFact {
  readonly name: string;
  readonly refused: {
    readonly failureClass: FailureClass;
    readonly message: string;
    readonly cure: string;
    readonly since: Date;
  } | null;
}

/** All facts of one check. */
export interface AlertFacts {
  readonly cameras: readonly Camera[];
  readonly outages: readonly Outage[];
  readonly accounts: readonly AccountFact[];
  /** null: there is none. */
  readonly forecast: Forecast | null;
  /** What is wrong with the store, as a sentence; null: it answers. */
  readonly storeProblem: string | null;
  readonly engineProblem: string | null;
  /** What is wrong with a media server that answers, with a cure; null: nothing. */
  readonly engineDegraded: string | null;
  /** Cameras that the media server refuses, and why. */
  readonly refusedStreams: ReadonlyMap<CameraId, StreamRefusal>;
  /** null: could not be read. */
  readonly freeDiskBytes: number | null;
  /** The name of the process that checks: one of several may be cut off from a store that others reach. */
  readonly process: string;
  readonly windows: readonly MaintenanceWindow[];
  /** Rules whose facts are unknown now: their open alerts stay as they are. */
  readonly unknown: ReadonlySet<AlertRule>;
  /** The page about alerts; null: not known. */
  readonly link: string | null;
}

export interface AlertDecision {
  /** The alerts to keep, pending ones included. */
  readonly open: readonly OpenAlert[];
  /** The open alerts that this check closed. */
  readonly closed: readonly OpenAlert[];
  readonly send: readonly Notification[];
  /** When to check again because time alone changes something; null: nothing does. */
  readonly nextLookAt: Date | null;
}

/** The troubles of earlier checks, by alert id. */
export type Remembered = ReadonlyMap<string, { readonly beganAt: Date }>;

/** The id of the one alert of this rule and subject. */
export function alertId(rule: AlertRule, subject: Pick<AlertSubject, 'kind' | 'id'>): string {
  return `${rule}/${subject.kind}/${subject.id}`;
}
