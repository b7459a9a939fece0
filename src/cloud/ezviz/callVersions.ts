import { CameraError } from '../../core/errors.js';

/** A cloud has no such call, or not for this app: by HTTP, by something else that answers in its place, or by the vendor's code. */
const NO_SUCH_CALL: ReadonlySet<string> = new Set(['CLOUD_CALL_UNKNOWN', 'CLOUD_REPLY_UNREADABLE', '10013', '405']);
/** "There is no such call" as well as "there is no such device": a question only while no version has worked yet. */
const CALL_OR_DEVICE_UNKNOWN = '404';
/** What an older call of the same path, with other fields, says to the fields of the newer one. */
const NOT_MEANT: ReadonlySet<string> = new Set(['10001', '60060', CALL_OR_DEVICE_UNKNOWN]);

/**
 * One call of `/api/lapp` that exists in two versions. Which one an account's cloud knows cannot be told from its host: both are seen on
 * the same ones (facts: cloud-apis 2.2 and 8). The version that worked is used from then on.
 */
export class CallVersions {
  readonly #newer: string;
  readonly #older: string;
  #worked: string | null = null;

  constructor(newer: string, older: string) {
    this.#newer = newer;
    this.#older = older;
  }

  /** Throws what the version that is there says; when neither is there, what the first one said. */
  async ask<T>(olderFirst: boolean, call: (path: string) => Promise<T>): Promise<T> {
    const preferred = this.#worked ?? (olderFirst ? this.#older : this.#newer);
    try {
      return await this.#noting(preferred, call);
    } catch (first) {
      if (!(first instanceof CameraError) || !this.#isMissing(first.code)) throw first;
      const other = preferred === this.#newer ? this.#older : this.#newer;
      try {
        return await this.#noting(other, call);
      } catch (second) {
        if (!(second instanceof CameraError)) throw second;
        throw NO_SUCH_CALL.has(second.code) || NOT_MEANT.has(second.code) ? first : second;
      }
    }
  }

  async #noting<T>(path: string, call: (path: string) => Promise<T>): Promise<T> {
    const result = await call(path);
    this.#worked = path;
    return result;
  }

  #isMissing(code: string): boolean {
    return NO_SUCH_CALL.has(code) || (code === CALL_OR_DEVICE_UNKNOWN && this.#worked === null);
  }
}
