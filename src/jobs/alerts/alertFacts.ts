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
  /** Of all accounts that are configured, whichever process calls them. */
  readonly accounts: () => readonly AccountStatus[];
  readonly openOutages: () => readonly Outage[];
  /** What the media server refuses, and what is wrong with it. */
  readonly engineState: () => EngineKnowledge;
  /** null: nobody computes one. */
  readonly forecast: () => Forecast | null;
}

/** What only a look can find out. */
export interface Looked {
  readonly storeProblem: string | null;
  readonly freeDiskBytes: number | null;
  readonly windows: readonly MaintenanceWindow[];
  readonly link: string | null;
}

const ABOUT_PICTURES: readonly AlertRule[] = ['camera-dark', 'group-dark'];
/** What it refuses is not known either while it does not answer. */
const ABOUT_ENGINE: readonly AlertRule[] = ['stream-refused', 'engine-degraded'];
const ABOUT_FORECAST: readonly AlertRule[] = ['quota-near', 'backlog'];

/**
 * Several processes share one database, and one of them speaks of what all of them see: the owner of the first account. Nothing
 * new has to be agreed on for that.
 */
export function speaksForAll({ ownership = SOLE_OWNER, accounts }: AlertFactsDeps): boolean {
  const [first] = accounts()
    .map(({ name }) => name)
    .sort();
  return first === undefined ? ownership.engine() : ownership.account(first);
}

/** The world as this process sees it. Of what all see, nothing unless it speaks for all. */
export function gatherFacts(deps: AlertFactsDeps, speaks: boolean, looked: Looked): AlertFacts {
  const { owner, store, engine, accounts, openOutages } = deps;
  const { ready, problem } = engine.status();
  const engineState = deps.engineState();
  const forecast = speaks ? deps.forecast() : null;
  const unknown = new Set<AlertRule>([
    // Who cannot see the pictures cannot say that they are back.
    ...(ready ? [] : [...ABOUT_PICTURES, ...ABOUT_ENGINE]),
    ...(forecast === null ? ABOUT_FORECAST : []),
    ...(looked.freeDiskBytes === null ? (['disk-full'] as const) : []),
  ]);
  return {
    ...looked,
    cameras: speaks ? [...store.peekAll()] : [],
    outages: speaks ? openOutages() : [],
    accounts: speaks ? accounts().map((one) => ({ name: one.name, refused: accountFault(one) })) : [],
    forecast,
    engineDegraded: speaks && ready ? engineState.problem : null,
    refusedStreams: speaks ? engineState.refused : new Map(),
    engineProblem: ready ? null : (problem ?? 'The media server is not ready.'),
    process: owner,
    unknown,
  };
}
