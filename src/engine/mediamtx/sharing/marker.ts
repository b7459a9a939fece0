import { sleep, type Clock } from '../../../core/clock.js';
import type { MediaMtxClient } from '../api/client.js';
import type { EngineMarker } from '../../mediaEngine.js';
import { pullPath, type PathConfig } from '../paths/pathConfig.js';

/** The path that carries the marker. Internal: the shipped configuration lets nobody but camlease read it. */
export const MARKER_PATH = '_camlease/marker';

/** Long enough for another process that saw no marker either to have written its own. */
const SETTLE_MS = 700;

export interface MarkerDeps {
  readonly client: Pick<MediaMtxClient, 'pathConfig' | 'replacePath'>;
  readonly clock: Clock;
  /** A fresh name that nobody else has. */
  readonly newId: () => string;
}

/**
 * A random name that lives in MediaMTX itself, so that processes which reach the same one by different addresses know it. It is
 * one field of one path: of two that write at once the later one stays, and both read it back. Whoever owns MediaMTX keeps it
 * among its paths, and so in its file, with the fence under which it owns it: a former owner that has lost the store alone sees by
 * it that it was replaced.
 */
export class Marker {
  readonly #deps: MarkerDeps;
  #known: EngineMarker | null = null;

  constructor(deps: MarkerDeps) {
    this.#deps = deps;
  }

  /** As it was last read; null: never. */
  get known(): EngineMarker | null {
    return this.#known;
  }

  /** Reads it, and makes it where there is none. One that a restart of MediaMTX lost is kept: its owner puts it back. */
  async look(): Promise<EngineMarker> {
    const { client, clock, newId } = this.#deps;
    const found = await this.#read();
    if (found !== null) return (this.#known = found);
    if (this.#known !== null) return this.#known;
    const own = { name: newId(), fence: 0 };
    await client.replacePath(MARKER_PATH, markerPath(own));
    await sleep(clock, SETTLE_MS);
    return (this.#known = (await this.#read()) ?? own);
  }

  async #read(): Promise<EngineMarker | null> {
    const path = await this.#deps.client.pathConfig(MARKER_PATH);
    return path && markerOf(path);
  }
}

/** A path that pulls nothing unless somebody asks for it, and nobody has its name. */
export function markerPath({ name, fence }: EngineMarker): PathConfig {
  return pullPath(`rtsp://127.0.0.1:1/${name}${fence > 0 ? `/${fence}` : ''}`, 'watched');
}

function markerOf({ source }: PathConfig): EngineMarker | null {
  const [, name, fence = '0'] = /^rtsp:\/\/127\.0\.0\.1:1\/([0-9A-Za-z-]{8,64})(?:\/(\d{1,15}))?$/.exec(source) ?? [];
  return name === undefined ? null : { name, fence: Number(fence) };
}
