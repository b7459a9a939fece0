import type { AxiosInstance } from 'axios';
import type { CameraId } from '../../core/camera.js';
import { sleep, type Clock } from '../../core/clock.js';
import type { GlobalConfigReply } from './replies.js';
import { addressesOf } from './serverAddress.js';
import { OWN_READ_QUERY } from './viewers.js';

export interface HlsListsDeps {
  readonly http: AxiosInstance;
  readonly clock: Clock;
}

/** Until the first segment is complete: two key frames, and the source before them. */
const ANSWER_WITHIN_MS = 20_000;
/** An answer that comes sooner is not from a list that was made just now. */
const MADE_NOW_MS = 150;
const AGAIN_MS = 50;
const TRIES_WITHIN_MS = 2_000;

/**
 * Has MediaMTX make the HLS list of a camera at once when its path was rebuilt under somebody who watches by HLS. MediaMTX makes it when
 * somebody asks for it, and a list begins with a whole segment: whoever comes after a key frame waits for the next one
 * first, and then for the end of the segment. A player of HLS notices that its list is gone only when it asks again.
 */
export class HlsLists {
  readonly #deps: HlsListsDeps;
  readonly #stop = new AbortController();
  readonly #asking = new Set<Promise<void>>();

  constructor(deps: HlsListsDeps) {
    this.#deps = deps;
  }

  /** In the background, and for what it is worth: who watches comes back without it too, only later. */
  make(urls: readonly string[]): void {
    for (const url of urls) {
      const asking = this.#ask(url)
        .catch(() => undefined)
        .finally(() => this.#asking.delete(asking));
      this.#asking.add(asking);
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#asking);
  }

  async #ask(url: string): Promise<void> {
    const { http, clock } = this.#deps;
    const { signal } = this.#stop;
    const endMs = clock.monotonicMs() + TRIES_WITHIN_MS;
    while (clock.monotonicMs() < endMs) {
      const beganMs = clock.monotonicMs();
      const late = new AbortController();
      const cancelTimer = clock.after(ANSWER_WITHIN_MS, () => late.abort());
      const either = AbortSignal.any([signal, late.signal]);
      const fixed = { proxy: false, maxRedirects: 2, signal: either, responseType: 'text' } as const;
      const isAnswered = await http.get<string>(url, fixed).then(
        () => true,
        () => false,
      );
      cancelTimer();
      // What answered at once is the list of before.
      if (signal.aborted || (isAnswered && clock.monotonicMs() - beganMs > MADE_NOW_MS)) return;
      await sleep(clock, AGAIN_MS, signal);
    }
  }
}

/** A camera's HLS list as we ask for it, marked so that it does not count as a viewer; null: HLS is off, encrypted, or out of reach. */
export function hlsListOf(
  { hls, hlsAddress, hlsEncryption }: GlobalConfigReply,
  apiUrl: string,
): ((cameraId: CameraId) => string) | null {
  const fromHere = hls && !hlsEncryption ? (addressesOf(hlsAddress, apiUrl)?.fromHere ?? null) : null;
  return fromHere === null ? null : (cameraId) => `http://${fromHere}/${cameraId}/index.m3u8?${OWN_READ_QUERY}`;
}
