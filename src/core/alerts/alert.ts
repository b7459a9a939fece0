import type { Camera, CameraId } from '../camera/camera.js';
import type { FailureClass } from '../errors.js';
import type { StreamRefusal } from '../health/health.js';
import type { Outage } from '../outages/outage.js';
import type { Forecast } from '../renewal/forecast.js';
import type { AlertRule } from './alertSettings.js';
import type { MaintenanceWindow } from './maintenance.js';
import type { AlertSubject, Notification } from './notification.js';

export type AlertSeverity = 'warning' | 'critical';

/** What is wrong at one look, and about whom. */
export interface Trouble {
  readonly rule: AlertRule;
  readonly subject: AlertSubject;
  readonly severity: AlertSeverity;
  readonly title: string;
  /** Plain sentences with absolute times: the same at every look as long as nothing changed. */
  readonly text: string;
  /** null: since the look that saw it first. */
  readonly since: Date | null;
  /** It has to last for this long before it is an alert. */
  readonly holdMs: number;
  /** The cameras that it is about; of a group the dark ones. */
  readonly cameraIds: readonly CameraId[];
  /** Of a group: how many cameras it has. A smaller group says more. */
  readonly groupSize?: number;
}

/** Trouble that is remembered from look to look. */
export interface OpenAlert extends Omit<Trouble, 'since' | 'holdMs'> {
  /** Made of rule and subject. */
  readonly id: string;
  readonly beganAt: Date;
  /** When it will have lasted for long enough. */
  readonly opensAt: Date;
  /** The same, once it has come; null: not yet, and nobody hears of it. */
  readonly openedAt: Date | null;
  /** What was decided to be said about it last; null: nothing. Whether anybody was told is `sentAt`. */
  readonly told: Told | null;
  /** When a sender took the last message about it; null: none did. Absent: an older version wrote it, which did not know. */
  readonly sentAt?: Date | null;
  /** It is over since then, and is closed when it stays so; null: it goes on. */
  readonly clearSince: Date | null;
  /** Set on what is closed only. */
  readonly endedAt: Date | null;
}

export interface Told {
  readonly at: Date;
  readonly severity: AlertSeverity;
  /** Messages about it so far. */
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

/** The world at one look. */
export interface AlertFacts {
  readonly cameras: readonly Camera[];
  readonly outages: readonly Outage[];
  readonly accounts: readonly AccountFact[];
  /** null: there is none. */
  readonly forecast: Forecast | null;
  /** What is wrong with it, as a sentence; null: it answers. */
  readonly storeProblem: string | null;
  readonly engineProblem: string | null;
  /** What is wrong with a media server that answers, with its cure; null: nothing. */
  readonly engineDegraded: string | null;
  /** Cameras that the media server does not serve as it was told to. */
  readonly refusedStreams: ReadonlyMap<CameraId, StreamRefusal>;
  /** null: could not be read. */
  readonly freeDiskBytes: number | null;
  /** Which process looks: one of several may be cut off from a store that others reach. */
  readonly process: string;
  readonly windows: readonly MaintenanceWindow[];
  /** Rules about which nothing can be told now: what they opened stays as it is. */
  readonly unknown: ReadonlySet<AlertRule>;
  /** The page about alerts; null: not known. */
  readonly link: string | null;
}

export interface AlertDecision {
  /** Those that are remembered, pending ones included. */
  readonly open: readonly OpenAlert[];
  /** Those that ended with this look and had been open. */
  readonly closed: readonly OpenAlert[];
  readonly send: readonly Notification[];
  /** When something changes by time alone; null: nothing does. */
  readonly nextLookAt: Date | null;
}

/** What earlier looks saw, by id. */
export type Remembered = ReadonlyMap<string, { readonly beganAt: Date }>;

/** One alert per rule and subject: this names it. */
export function alertId(rule: AlertRule, subject: Pick<AlertSubject, 'kind' | 'id'>): string {
  return `${rule}/${subject.kind}/${subject.id}`;
}
