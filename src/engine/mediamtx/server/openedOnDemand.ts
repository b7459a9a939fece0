/** MediaMTX v1.20, at its log level `info`. A viewer chooses no word before these: they stand at the beginning of the message. */
const STARTED = /^\[path (\S+)\] \[[\w ]+ source\] started on demand$/;
const STOPPED = /^\[path (\S+)\] \[[\w ]+ source\] stopped: /;

/**
 * Which paths MediaMTX opens the source of, because somebody asks. Its API does not tell: whoever waits for the first picture by HLS or RTSP
 * is in no list yet, and a path whose source is being opened looks like an idle one. Its log does.
 */
export class OpenedOnDemand {
  readonly #names = new Set<string>();

  /** By name. */
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

  /** MediaMTX ended. */
  forget(): void {
    this.#names.clear();
  }
}
