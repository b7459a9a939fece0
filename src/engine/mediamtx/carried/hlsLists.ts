import type { AxiosInstance } from 'axios';
import type { CameraId } from '../../../core/camera/camera.js';
import { sleep, type Clock } from '../../../core/clock.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { addressesOf } from '../api/serverAddress.js';

export interface HlsListsDeps {
  readonly http: AxiosInstance;
  readonly clock: Clock;
  /** The header of a user of ours, so that these readers are not taken for people. */
  readonly authorization: () => string;
}

/** Until the first segment is complete: two key frames, and the source before them. */
const ANSWER_WITHIN_MS = 20_000;
/** An answer that comes sooner is not from a list that was made just now. */
const MADE_NOW_MS = 150;
const AGAIN_MS = 50;
const TRIES_WITHIN_MS = 2_000;
/** MediaMTX ends a session after 30 s without a request, and a list after 60 s. */
const KEEP_EVERY_MS = 12_000;
/** A list costs MediaMTX under 1 ms of CPU per second, and the memory of seven segments: 14 MB with 4 Mbit/s and key frames 4 s apart. */
const MOST_KEPT = 20;

const MOST_DOUBLINGS = 6;

interface Kept {
  /** Where the session that keeps the list goes on; null before it is known. */
  readonly session: string | null;
  /** In a row. */
  readonly failures: number;
}

/**
 * Has MediaMTX make HLS lists before somebody asks for them. It makes one when it is asked for, and a list begins with a whole
 * segment: whoever comes after a key frame waits for the next one first, and then for the end of the segment. What he gets then
 * is a list of one segment, so he has nothing in hand when a renewal makes one segment come late.
 */
export class HlsLists {
  readonly #deps: HlsListsDeps;
  readonly #stop = new AbortController();
  readonly #asking = new Set<Promise<void>>();
  /** By the address of the list. */
  #kept = new Map<string, Kept>();
  #turn = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: HlsListsDeps) {
    this.#deps = deps;
  }

  /**
   * Of cameras whose path was just rebuilt under somebody who watches by HLS: a player of HLS notices that its list is gone only when
   * it asks again. In the background, and for what it is worth: who watches comes back without it too, only later.
   */
  make(urls: readonly string[]): void {
    for (const url of urls) this.#inBackground(() => this.#make(url));
  }

  /** These are to be there all the time, and no others; of more than 20 none is. */
  keep(urls: readonly string[]): void {
    const wanted = urls.length > MOST_KEPT ? [] : urls;
    const isNew = wanted.some((url) => !this.#kept.has(url));
    this.#kept = new Map(wanted.map((url) => [url, this.#kept.get(url) ?? { session: null, failures: 0 }]));
    if (isNew || wanted.length === 0) this.#cancelTimer?.();
    if (isNew) this.#keepAll();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer?.();
    await Promise.all(this.#asking);
  }

  #keepAll(): void {
    if (this.#stop.signal.aborted) return;
    this.#turn += 1;
    for (const [url, kept] of this.#kept) {
      // Users of MediaMTX may be asked for elsewhere: where camlease may not read, it does not insist.
      if (this.#turn % 2 ** Math.min(kept.failures, MOST_DOUBLINGS) === 0)
        this.#inBackground(() => this.#keep(url, kept));
    }
    this.#cancelTimer = this.#deps.clock.after(KEEP_EVERY_MS, () => this.#keepAll());
  }

  async #keep(url: string, { session, failures }: Kept): Promise<void> {
    if (session !== null && (await this.#get(session)) !== null) return;
    const list = await this.#get(url);
    const media = list?.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? null;
    if (!this.#kept.has(url)) return;
    const next = media === null ? null : new URL(media.trim(), url).href;
    this.#kept.set(url, { session: next, failures: next === null ? failures + 1 : 0 });
  }

  async #make(url: string): Promise<void> {
    const { clock } = this.#deps;
    const endMs = clock.monotonicMs() + TRIES_WITHIN_MS;
    while (clock.monotonicMs() < endMs) {
      const beganMs = clock.monotonicMs();
      const list = await this.#get(url);
      // What answered at once is the list of before.
      if (list !== null && clock.monotonicMs() - beganMs > MADE_NOW_MS) return;
      await sleep(clock, AGAIN_MS, this.#stop.signal);
    }
  }

  /** null: there is no such list, or it did not come in time. */
  async #get(url: string): Promise<string | null> {
    const late = new AbortController();
    const cancelTimer = this.#deps.clock.after(ANSWER_WITHIN_MS, () => late.abort());
    const signal = AbortSignal.any([this.#stop.signal, late.signal]);
    const headers = { authorization: this.#deps.authorization() };
    const fixed = { headers, proxy: false, maxRedirects: 2, signal, responseType: 'text' } as const;
    try {
      return (await this.#deps.http.get<string>(url, fixed)).data;
    } catch {
      return null;
    } finally {
      cancelTimer();
    }
  }

  #inBackground(run: () => Promise<void>): void {
    const asking = run()
      .catch(() => undefined)
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }
}

/** A camera's HLS list as we ask for it; null: HLS is off, encrypted, or out of reach. */
export function hlsListOf(
  { hls, hlsAddress, hlsEncryption }: GlobalConfigReply,
  apiUrl: string,
): ((cameraId: CameraId) => string) | null {
  const fromHere = hls && !hlsEncryption ? (addressesOf(hlsAddress, apiUrl)?.fromHere ?? null) : null;
  return fromHere === null ? null : (cameraId) => `http://${fromHere}/${cameraId}/index.m3u8`;
}
