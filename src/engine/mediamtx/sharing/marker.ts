import { sleep, type Clock } from '../../../core/clock.js';
import type { MediaMtxClient } from '../api/client.js';
import type { EngineMarker } from '../../mediaEngine.js';
import { pullPath, type PathConfig } from '../paths/pathConfig.js';

/** The path that holds the marker. Internal: in the shipped file only camlease may read it. */
export const MARKER_PATH = '_camlease/marker';

/** Long enough for another replica that saw no marker either to have written its own. */
const SETTLE_MS = 700;

export interface MarkerDeps {
  readonly client: Pick<MediaMtxClient, 'pathConfig' | 'replacePath'>;
  readonly clock: Clock;
  /** Makes a unique name. */
  readonly newId: () => string;
}

/**
 * A random name in MediaMTX itself, by which replicas that reach it by different addresses know that it is the same MediaMTX. The marker is
 * one field of one path: of two replicas that write at once the later one wins, and both read it back. The owner keeps the marker among
 * its paths, and so in MediaMTX's file, with the fence under which it owns MediaMTX. A former owner that cannot reach the store sees by
 * that fence that it was replaced.
 */
export class Marker {
  readonly #deps: MarkerDeps;
  #known: EngineMarker | null = null;

  constructor(deps: MarkerDeps) {
    this.#deps = deps;
  }

  /** The marker as last read; null: never read. */
  get known(): EngineMarker | null {
    return this.#known;
  }

  /** Reads the marker, or writes a first one. If MediaMTX lost it in a restart, returns the known one, which the owner writes again. */
  async read(): Promise<EngineMarker> {
    const { client, clock, newId } = this.#deps;
    const found = await this.#stored();
    if (found !== null) return (this.#known = found);
    if (this.#known !== null) return this.#known;
    const own = { name: newId(), fence: 0 };
    await client.replacePath(MARKER_PATH, markerPath(own));
    await sleep(clock, SETTLE_MS);
    return (this.#known = (await this.#stored()) ?? own);
  }

  async #stored(): Promise<EngineMarker | null> {
    const path = await this.#deps.client.pathConfig(MARKER_PATH);
    return path && markerOf(path);
  }
}

/** The marker as a path. It pulls only when read, and no reader asks for its name. */
export function markerPath({ name, fence }: EngineMarker): PathConfig {
  return pullPath(`rtsp://127.0.0.1:1/${name}${fence > 0 ? `/${fence}` : ''}`, 'watched');
}

function markerOf({ source }: PathConfig): EngineMarker | null {
  const [, name, fence = '0'] = /^rtsp:\/\/127\.0\.0\.1:1\/([0-9A-Za-z-]{8,64})(?:\/(\d{1,15}))?$/.exec(source) ?? [];
  return name === undefined ? null : { name, fence: Number(fence) };
}
