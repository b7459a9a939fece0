import type { EngineLog } from '../../engineLog.js';
import { bridgedRevision, isPublicPathName, type PathConfig, type PathConfigs } from './pathConfig.js';
import { isRelayLine } from './relayLine.js';
import { OVERRIDES, OVERRIDE_FIELDS, type OverrideField, type PathOverrides } from './pathOverrides.js';

/** MediaMTX's `pathDefaults` as its API answers them. */
export type DefaultsReply = Readonly<Record<string, unknown>>;

/** How one of our lines gets its pictures: from a cloud, from MediaMTX itself or the relay (`bridge`), or from a publisher. */
type Kind = 'pull' | 'bridge' | 'public';

/**
 * MediaMTX's `pathDefaults`, which the operator sets for every path, and the fields that our lines must add because of them. Before the
 * first `learn`, no default is known and no field is added.
 */
export class PathDefaults {
  #inForce: DefaultsReply = {};
  /** Fields of `OVERRIDES` whose default differs from what our lines need. */
  #asking: readonly OverrideField[] = [];
  #isAsking = false;

  /** True: these defaults differ from the ones known before. */
  learn(reply: DefaultsReply): boolean {
    const before = JSON.stringify(this.#inForce);
    this.#inForce = Object.fromEntries(OF_INTEREST.map((field) => [field, reply[field]]));
    this.#asking = OVERRIDE_FIELDS.filter((field) => asks(reply[field], OVERRIDES[field].value));
    this.#isAsking = this.#asking.length > 0 || LISTS.some((field) => isSet(reply[field]));
    return JSON.stringify(this.#inForce) !== before;
  }

  /** The line with the fields that the defaults make necessary; the same object when none is. */
  fit(name: string, config: PathConfig): PathConfig {
    if (!this.#isAsking) return config;
    const kind = kindOf(name, config);
    const isInternal = !isPublicPathName(name);
    const more: Record<string, unknown> = {};
    for (const field of this.#asking) if (isFor(field, kind, isInternal)) more[field] = OVERRIDES[field].value;
    const { alwaysAvailable, alwaysAvailableFile: file, alwaysAvailableTracks: tracks, forward } = this.#inForce;
    if (kind !== 'public' && isSet(alwaysAvailable)) more['alwaysAvailable'] = false;
    if (kind === 'public' && isSet(file)) more['alwaysAvailableFile'] = '';
    if (kind === 'public' && isSet(tracks)) more['alwaysAvailableTracks'] = [];
    if (isInternal && isSet(forward)) more['forward'] = [];
    return { ...more, ...config };
  }

  /** `fit` for all these lines; the same map when no field is necessary. */
  fitAll(paths: PathConfigs): PathConfigs {
    if (!this.#isAsking) return paths;
    return new Map([...paths].map(([name, config]) => [name, this.fit(name, config)]));
  }

  /** The defaults for fields of ours that a line may leave out: a PATCH of an existing path must name them. */
  get fields(): Partial<PathConfig> {
    const ours = OWN.filter((field) => isSet(this.#inForce[field]));
    return Object.fromEntries(ours.map((field) => [field, this.#inForce[field]]));
  }

  /** Names of defaults that our lines override: `impossible` ones, which a camera's path cannot have; `internal`: on internal paths only. */
  get overridden(): { readonly impossible: readonly string[]; readonly internal: readonly string[] } {
    const always = LISTS.filter((field) => field !== 'forward' && isSet(this.#inForce[field]));
    const forward = isSet(this.#inForce['forward']) ? ['forward'] : [];
    return {
      impossible: [...this.#asking.filter((field) => OVERRIDES[field].for !== 'internal'), ...always],
      internal: [...this.#asking.filter((field) => OVERRIDES[field].for === 'internal'), ...forward],
    };
  }
}

/** The override fields in MediaMTX's answer about a path that differ from what such a line needs. `name`, `config`: decide its kind. */
export function foreignFields(name: string, config: PathConfig, reply: DefaultsReply): PathOverrides {
  const kind = kindOf(name, config);
  const isInternal = !isPublicPathName(name);
  const found = OVERRIDE_FIELDS.filter(
    (field) => isFor(field, kind, isInternal) && asks(reply[field], OVERRIDES[field].value),
  );
  return Object.fromEntries(found.map((field) => [field, reply[field]]));
}

/** Logs which of the operator's defaults our lines set aside. */
export function sayOverridden(log: EngineLog, { overridden: { impossible, internal } }: PathDefaults): void {
  if (impossible.length > 0) {
    log.warn(
      'pathDefaults of MediaMTX has settings that the path of a camera cannot have, so camlease overrides them',
      {
        settings: impossible.join(', '),
        cure: 'Nothing to do. To stop this message, move the settings to the paths that need them.',
      },
    );
  }
  if (internal.length > 0) {
    log.info('pathDefaults of MediaMTX apply to cameras, but not to the internal paths of camlease', {
      settings: internal.join(', '),
    });
  }
}

const LISTS = ['alwaysAvailable', 'alwaysAvailableFile', 'alwaysAvailableTracks', 'forward'] as const;
const OWN = [...LISTS, 'rtspTransport'] as const;
const OF_INTEREST = [...OVERRIDE_FIELDS, ...OWN];

function kindOf(name: string, config: PathConfig): Kind {
  if (config.source === 'publisher') return 'public';
  return bridgedRevision(name, config) !== null || isRelayLine(name, config) ? 'bridge' : 'pull';
}

function isFor(field: OverrideField, kind: Kind, isInternal: boolean): boolean {
  const lines = OVERRIDES[field].for;
  if (lines === 'all') return true;
  if (lines === 'internal') return isInternal;
  if (lines === 'pulling') return kind !== 'public';
  return lines === kind;
}

/** True for a value that is set and differs from the one that our lines need. */
function asks(value: unknown, needed: string | number | boolean): boolean {
  return value !== undefined && value !== null && value !== needed;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value === true || (typeof value === 'string' && value !== '');
}
