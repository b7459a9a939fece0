import type { AlertFacts } from '../../core/alerts/alert.js';
import type { AlertRule } from '../../core/alerts/alertSettings.js';
import type { MaintenanceWindow } from '../../core/alerts/maintenance.js';
import type { Outage } from '../../core/outages/outage.js';
import type { Forecast } from '../../core/renewal/forecast.js';
import { accountFault, type AccountStatus } from '../accounts/accountStates.js';
import type { EngineKnowledge } from '../handover/engineRefusals.js';
import type { JobsDeps } from '../run/deps.js';
import { SOLE_OWNER } from '../run/ownership.js';

export interface AlertFactsDeps extends Pick<JobsDeps, 'owner' | 'ownership'> {
  readonly store: Pick<JobsDeps['store'], 'peekAll'>;
  readonly engine: Pick<JobsDeps['engine'], 'status'>;
  /** All configured accounts, whichever process calls them. */
  readonly accounts: () => readonly AccountStatus[];
  readonly openOutages: () => readonly Outage[];
  /** What the media server refuses, and what is wrong with it. */
  readonly engineState: () => EngineKnowledge;
  /** null: there is none. */
  readonly forecast: () => Forecast | null;
}

/** What each check reads before it decides. */
export interface Readings {
  readonly storeProblem: string | null;
  readonly freeDiskBytes: number | null;
  readonly windows: readonly MaintenanceWindow[];
  readonly link: string | null;
}

const ABOUT_PICTURES: readonly AlertRule[] = ['camera-dark', 'group-dark'];
/** While the media server does not answer, it is unknown too which cameras it refuses. */
const ABOUT_ENGINE: readonly AlertRule[] = ['stream-refused', 'engine-degraded'];
const ABOUT_FORECAST: readonly AlertRule[] = ['quota-near', 'backlog'];

/**
 * True when this process alerts for all replicas on the database, about what they all see: the owner of the first account
 * does, so that exactly one replica does, without another agreement between them.
 */
export function alertsForAll({ ownership = SOLE_OWNER, accounts }: AlertFactsDeps): boolean {
  const [first] = accounts()
    .map(({ name }) => name)
    .sort();
  return first === undefined ? ownership.engine() : ownership.account(first);
}

/**
 * The facts as this process sees them. What every process sees (cameras, accounts, outages) is left out unless it alerts for
 * all (`isForAll`).
 */
export function gatherFacts(deps: AlertFactsDeps, isForAll: boolean, readings: Readings): AlertFacts {
  const { owner, store, engine, accounts, openOutages } = deps;
  const { ready, problem } = engine.status();
  const engineState = deps.engineState();
  const forecast = isForAll ? deps.forecast() : null;
  const unknown = new Set<AlertRule>([
    // While the media server does not answer, nobody can tell whether pictures are back.
    ...(ready ? [] : [...ABOUT_PICTURES, ...ABOUT_ENGINE]),
    ...(forecast === null ? ABOUT_FORECAST : []),
    ...(readings.freeDiskBytes === null ? (['disk-full'] as const) : []),
  ]);
  return {
    ...readings,
    cameras: isForAll ? [...store.peekAll()] : [],
    outages: isForAll ? openOutages() : [],
    accounts: isForAll ? accounts().map((one) => ({ name: one.name, refused: accountFault(one) })) : [],
    forecast,
    engineDegraded: isForAll && ready ? engineState.problem : null,
    refusedStreams: isForAll ? engineState.refused : new Map(),
    engineProblem: ready ? null : (problem ?? 'The media server is not ready.'),
    process: owner,
    unknown,
  };
}
