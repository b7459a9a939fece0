import type { AxiosInstance } from 'axios';
import { askUntil } from '../../../core/async/askUntil.js';
import { limited } from '../../../core/async/deadline.js';
import type { CameraId } from '../../../core/camera/camera.js';
import type { Clock } from '../../../core/clock.js';
import type { GlobalConfigReply } from '../api/replies.js';
import { addressesOf } from '../api/serverAddress.js';

export interface HlsListsDeps {
  readonly http: AxiosInstance;
  readonly clock: Clock;
  /** The `Authorization` header of camlease's read user, so that these readers are not counted as viewers. */
  readonly authorization: () => string;
}

/** MediaMTX answers once the first segment is complete: after the source is open and two key frames have come. */
const ANSWER_WITHIN_MS = 20_000;
/** An answer that comes sooner is from an older list, not from one that was made for this request. */
const MADE_NOW_MS = 150;
const AGAIN_MS = 50;
const TRIES_WITHIN_MS = 2_000;
/** MediaMTX ends a session after 30 s without a request, and a list after 60 s. */
const KEEP_EVERY_MS = 12_000;
/** A list costs MediaMTX under 1 ms of CPU per second, and the memory of seven segments: 14 MB with 4 Mbit/s and key frames 4 s apart. */
const MOST_KEPT = 20;

const MOST_DOUBLINGS = 6;

interface Kept {
  /** The URL of the session whose requests keep the list; null: not known yet. */
  readonly session: string | null;
  /** How many requests in a row failed. */
  readonly failures: number;
}

/**
 * Requests HLS lists so that MediaMTX has them ready before a viewer asks. MediaMTX makes a list on the first request, and a list begins
 * with a whole segment: the viewer waits for the next key frame and then for the end of that segment. The viewer's list then has a single
 * segment, so the player has no buffer when a renewal makes a segment late.
 */
export class HlsLists {
  readonly #deps: HlsListsDeps;
  readonly #stop = new AbortController();
  readonly #asking = new Set<Promise<void>>();
  /** By the URL of the list. */
  #kept = new Map<string, Kept>();
  #turn = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(deps: HlsListsDeps) {
    this.#deps = deps;
  }

  /**
   * Requests the lists of cameras whose path was just rebuilt while somebody watched by HLS, whose player notices a lost list only at its
   * next request. Runs in the background, and a failure does no harm: players come back without it too, only later.
   */
  make(urls: readonly string[]): void {
    for (const url of urls) this.#inBackground(() => this.#make(url));
  }

  /** Keeps exactly these lists ready all the time; none when there are more than 20. */
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
      // The operator's MediaMTX may not let camlease read: after failures, ask ever less often.
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
    const { signal } = this.#stop;
    await askUntil({ clock, everyMs: AGAIN_MS, withinMs: TRIES_WITHIN_MS, signal }, async () => {
      const beganMs = clock.monotonicMs();
      const list = await this.#get(url);
      // An answer at once is the old list.
      return list !== null && clock.monotonicMs() - beganMs > MADE_NOW_MS;
    });
  }

  /** The text at this URL; null: there is none, or it did not come in time. */
  async #get(url: string): Promise<string | null> {
    const { clock, http, authorization } = this.#deps;
    const headers = { authorization: authorization() };
    const fixed = { headers, proxy: false, maxRedirects: 2, responseType: 'text' } as const;
    try {
      return await limited({ clock, ms: ANSWER_WITHIN_MS, signal: this.#stop.signal }, async (signal) => {
        return (await http.get<string>(url, { ...fixed, signal })).data;
      });
    } catch {
      return null;
    }
  }

  #inBackground(run: () => Promise<void>): void {
    const asking = run()
      .catch(() => undefined)
      .finally(() => this.#asking.delete(asking));
    this.#asking.add(asking);
  }
}

/** The URL at which camlease requests a camera's HLS list; null: HLS is off, encrypted, or out of reach. */
export function hlsListOf(
  { hls, hlsAddress, hlsEncryption }: GlobalConfigReply,
  apiUrl: string,
): ((cameraId: CameraId) => string) | null {
  const fromHere = hls && !hlsEncryption ? (addressesOf(hlsAddress, apiUrl)?.fromHere ?? null) : null;
  return fromHere === null ? null : (cameraId) => `http://${fromHere}/${cameraId}/index.m3u8`;
}
