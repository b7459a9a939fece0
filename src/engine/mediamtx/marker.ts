import { sleep, type Clock } from '../../core/clock.js';
import type { MediaMtxClient } from './client.js';
import { pullPath, type PathConfig } from './pathConfig.js';

/** The path that carries the marker. Internal: the shipped configuration lets nobody but this machine read it. */
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
 * among its paths, and so in its file.
 */
export class Marker {
  readonly #deps: MarkerDeps;
  #known: string | null = null;

  constructor(deps: MarkerDeps) {
    this.#deps = deps;
  }

  /** As it was last read; null: never. */
  get known(): string | null {
    return this.#known;
  }

  /** Reads it, and makes it where there is none. One that a restart of MediaMTX lost is kept: its owner puts it back. */
  async look(): Promise<string> {
    const { client, clock, newId } = this.#deps;
    const found = await this.#read();
    if (found !== null) return (this.#known = found);
    if (this.#known !== null) return this.#known;
    const own = newId();
    await client.replacePath(MARKER_PATH, markerPath(own));
    await sleep(clock, SETTLE_MS);
    return (this.#known = (await this.#read()) ?? own);
  }

  async #read(): Promise<string | null> {
    const path = await this.#deps.client.pathConfig(MARKER_PATH);
    return path && markerOf(path);
  }
}

/** A path that pulls nothing unless somebody asks for it, and nobody has its name. */
export function markerPath(marker: string): PathConfig {
  return pullPath(`rtsp://127.0.0.1:1/${marker}`, 'watched');
}

function markerOf({ source }: PathConfig): string | null {
  return /^rtsp:\/\/127\.0\.0\.1:1\/([0-9A-Za-z-]{8,64})$/.exec(source)?.[1] ?? null;
}
