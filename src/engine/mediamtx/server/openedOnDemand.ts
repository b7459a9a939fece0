/** Messages of MediaMTX v1.20 at log level `info`. Matched from the beginning, where a viewer cannot insert text. */
const STARTED = /^\[path (\S+)\] \[[\w ]+ source\] started on demand$/;
const STOPPED = /^\[path (\S+)\] \[[\w ]+ source\] stopped: /;

/**
 * The paths whose source MediaMTX has opened because a reader asked. Read from MediaMTX's log, since its API does not tell: a viewer who
 * waits for the first picture by HLS or RTSP is in no list yet, and a path whose source is being opened looks idle.
 */
export class OpenedOnDemand {
  readonly #names = new Set<string>();

  /** Names of these paths. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Takes in a message of MediaMTX's log, without time and level. */
  see(message: string): void {
    const [, started] = STARTED.exec(message) ?? [];
    if (started !== undefined) this.#names.add(started);
    const [, stopped] = STOPPED.exec(message) ?? [];
    if (stopped !== undefined) this.#names.delete(stopped);
  }

  /** Forgets all paths, since MediaMTX ended. */
  forget(): void {
    this.#names.clear();
  }
}
