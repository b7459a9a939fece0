import { CameraError } from '../../core/errors.js';

/**
 * The cloud has no such call, or not for this app: by HTTP status, by a reply from something else in its place, or by the
 * vendor's code.
 */
const NO_SUCH_CALL: ReadonlySet<string> = new Set(['CLOUD_CALL_UNKNOWN', 'CLOUD_REPLY_UNREADABLE', '10013', '405']);
/** Means "no such call" as well as "no such device", so it leads to the other version only while none has worked yet. */
const CALL_OR_DEVICE_UNKNOWN = '404';
/** How an older call of the same path, which has other fields, answers to the fields of the newer call. */
const NOT_MEANT: ReadonlySet<string> = new Set(['10001', '60060', CALL_OR_DEVICE_UNKNOWN]);

/**
 * One call of `/api/lapp` that exists in two versions. The host does not tell which version an account's cloud knows: the
 * vendor's international documents name only the older paths, and both are seen on the same hosts. The version that worked is
 * used from then on.
 */
export class CallVersions {
  readonly #newer: string;
  readonly #older: string;
  #worked: string | null = null;

  constructor(newer: string, older: string) {
    this.#newer = newer;
    this.#older = older;
  }

  /** Throws the error of the version that exists; when neither exists, the error of the first one tried. */
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
