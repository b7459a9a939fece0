import type { MediaMtxClient } from '../api/client.js';
import { cameraOfPath, pullPath, type PathConfig, type PathConfigs } from '../paths/pathConfig.js';
import type { OwnPaths } from '../sharing/ownPaths.js';
import { refusalOf } from './apiWrites.js';

const TRIAL_PATH = '_camlease/trial';

/** MediaMTX accepts all lines of one kind, or none: they differ only in values that its validation does not check. */
type Kind = 'pull' | 'file' | 'tracks';

export interface PathTrialsDeps {
  readonly client: Pick<MediaMtxClient, 'replacePath' | 'removePath' | 'learnDefaults' | 'defaults'>;
  readonly ownPaths: OwnPaths;
}

/**
 * Finds out whether MediaMTX accepts our lines before they are written into its file, because MediaMTX exits over a bad file and cannot
 * start again. It tries one path of each kind through the API, and only kinds that MediaMTX has no path of. See
 * docs/decisions/2026-11-30-what-mediamtx-refuses.md.
 */
export class PathTrials {
  readonly #deps: PathTrialsDeps;
  readonly #taken = new Set<Kind>();

  constructor(deps: PathTrialsDeps) {
    this.#deps = deps;
  }

  /** Forgets what MediaMTX accepted, since it was restarted or has other defaults. */
  forget(): void {
    this.#taken.clear();
  }

  /** The desired paths that MediaMTX would refuse, by name, each with its reason. `own`: the paths that MediaMTX has. */
  async refusals(own: PathConfigs, desired: PathConfigs): Promise<ReadonlyMap<string, string>> {
    const asked = new Map<Kind, PathConfig>();
    for (const config of desired.values()) if (!asked.has(kindOf(config))) asked.set(kindOf(config), config);
    const reasons = new Map<Kind, string>();
    for (const [kind, config] of asked) {
      const reason = await this.#reason(kind, config, own);
      if (reason !== null) reasons.set(kind, reason);
    }
    const refused = new Map<string, string>();
    if (reasons.size === 0) return refused;
    for (const [name, config] of desired) {
      const reason = reasons.get(kindOf(config));
      if (reason !== undefined) refused.set(name, reason);
    }
    return refused;
  }

  /** True when MediaMTX accepts the mark, a path that pulls, which every file of ours holds. */
  async takesMark(own: PathConfigs): Promise<boolean> {
    return (await this.#reason('pull', PULL, own)) === null;
  }

  async #reason(kind: Kind, config: PathConfig, own: PathConfigs): Promise<string | null> {
    if (this.#taken.has(kind)) return null;
    const isThere = [...own.values()].some((path) => kindOf(path) === kind);
    let reason = isThere ? null : await this.#ask(kind, config);
    // The operator may have changed the defaults a moment ago: learn them, and try once more.
    if (reason !== null && (await this.#deps.client.learnDefaults())) reason = await this.#ask(kind, config);
    if (reason === null) this.#taken.add(kind);
    return reason;
  }

  async #ask(kind: Kind, config: PathConfig): Promise<string | null> {
    const { client, ownPaths } = this.#deps;
    // Listed as ours first: if camlease dies before it removes the trial, the next write removes it.
    await ownPaths.add([TRIAL_PATH]);
    // A trial must pull nothing, so a `pull` line gets a dummy source; the other kinds have no source and are tried as they are.
    const reason = await refusalOf(() => client.replacePath(TRIAL_PATH, kind === 'pull' ? PULL : config));
    if (reason === null) await client.removePath(TRIAL_PATH);
    return reason;
  }
}

/** `desired` without changes to the cameras of refused paths: those keep the paths that MediaMTX has (`own`). */
export function withoutRefused(
  own: PathConfigs,
  desired: PathConfigs,
  refused: ReadonlyMap<string, string>,
): PathConfigs {
  if (refused.size === 0) return desired;
  const cameras = new Set([...refused.keys()].map(cameraOfPath));
  const kept = new Map<string, PathConfig>();
  for (const [name, config] of desired) {
    const stays = cameras.has(cameraOfPath(name)) ? own.get(name) : config;
    if (stays) kept.set(name, stays);
  }
  return kept;
}

const PULL = pullPath('rtmp://127.0.0.1:1/trial', 'watched');

function kindOf({ source, alwaysAvailableFile: file }: PathConfig): Kind {
  if (source !== 'publisher') return 'pull';
  return file === undefined || file === '' ? 'tracks' : 'file';
}
