import { createDecipheriv } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { sleep, type Clock } from '../../core/clock.js';
import type { ReaderEnd } from '../../core/streams/readerFrames.js';
import { checkedGet, type Got, type HttpDeps, type HttpLogin } from '../dialing/checkedGet.js';
import { wholeBody } from '../dialing/httpBody.js';
import { SourceFault } from '../dialing/sourceFault.js';
import {
  readPlaylist,
  type MediaPlaylist,
  type PlaylistKey,
  type PlaylistPart,
  type PlaylistSegment,
} from './playlist.js';

/** A playlist leads to at most so many others before one with segments. */
const MOST_REDIRECTS = 5;
const MOST_PLAYLIST_BYTES = 2_000_000;
const MOST_SEGMENT_BYTES = 64 * 1_024 * 1_024;
const MOST_MAP_BYTES = 1_000_000;
const KEY_BYTES = 16;
const PLAYLIST_MS = 10_000;
const SHORTEST_SEGMENT_MS = 15_000;
/** So many segments in a row that are not there end the source. */
const MOST_MISSING = 3;
/** A live list is begun so many segments before its end: the next one is there before these have been played. */
const BEGIN_BEFORE_END = 2;
const SHORTEST_WAIT_MS = 500;
/** Without a new segment for so many target durations, and for so long, the list stands still. */
const STILL_TARGETS = 3;
const STILL_MS = 12_000;
/** What may pass by itself while a list is read again: servers answer so for a moment too when they or a proxy before them start anew. */
const FOR_NOW: ReadonlySet<ReaderEnd> = new Set([
  'connection',
  'silence',
  'refused',
  'too-many',
  'login',
  'certificate',
]);

/** One whole segment, decrypted, with what it begins with in front. */
export interface FetchedSegment {
  readonly bytes: Buffer;
  readonly durationMs: number;
  /** Its times and tracks need not continue those of the segment before. */
  readonly isDiscontinuous: boolean;
}

export interface HlsOptions {
  readonly http: HttpDeps;
  readonly login: HttpLogin | null;
  readonly signal: AbortSignal;
}

/** Follows one playlist and fetches its segments one after the other. */
export class SegmentList {
  readonly #options: HlsOptions;
  readonly #clock: Clock;
  #map: { readonly name: string; readonly bytes: Buffer } | null = null;
  #key: { readonly name: string; readonly bytes: Buffer } | null = null;
  #missing = 0;

  constructor(options: HlsOptions) {
    this.#options = options;
    this.#clock = options.http.clock;
  }

  async *segmentsAt(url: URL): AsyncGenerator<FetchedSegment> {
    yield* this.segments(await this.#get(url));
  }

  /**
   * `first`: the answer to a GET of the list's address, with a playlist in it. `onSound`: called with the address of the sound's own list, where the
   * pictures' list has none in it. Throws `SourceFault`, also at the end of a list that ends.
   */
  async *segments(first: Got, onSound: (url: URL) => void = () => undefined): AsyncGenerator<FetchedSegment> {
    let list = await this.#media(first);
    if (list.sound !== null) onSound(list.sound);
    let next: number | null = null;
    let isBroken = false;
    let newestMs = this.#clock.monotonicMs();
    for (;;) {
      const { segments, isOver, targetMs } = list.playlist;
      const from = whereToGoOn(segments, next, isOver);
      isBroken ||= from.isBroken;
      for (const segment of segments.slice(from.index)) {
        newestMs = this.#clock.monotonicMs();
        next = segment.number + 1;
        const bytes = segment.isGap ? null : await this.#fetched(segment);
        isBroken ||= segment.isDiscontinuous;
        if (bytes === null) isBroken = true;
        else {
          yield { bytes, durationMs: segment.durationMs, isDiscontinuous: isBroken };
          isBroken = false;
        }
      }
      if (isOver) throw new SourceFault('ended', 'ENDLIST');
      const stillMs = this.#clock.monotonicMs() - newestMs;
      if (stillMs > Math.max(STILL_MS, STILL_TARGETS * targetMs)) throw new SourceFault('silence', 'PLAYLIST');
      await sleep(this.#clock, Math.max(SHORTEST_WAIT_MS, targetMs / 2), this.#options.signal);
      list = { ...list, playlist: await this.#again(list.url, stillMs, list.playlist) };
    }
  }

  /** A list that cannot be read for a moment counts as one that did not change. */
  async #again(url: URL, stillMs: number, before: MediaPlaylist): Promise<MediaPlaylist> {
    try {
      return (await this.#media(await this.#get(url))).playlist;
    } catch (thrown) {
      if (!(thrown instanceof SourceFault) || !FOR_NOW.has(thrown.why) || stillMs > STILL_MS) throw thrown;
      return before;
    }
  }

  async #media(got: Got): Promise<{ readonly url: URL; readonly playlist: MediaPlaylist; readonly sound: URL | null }> {
    let { url } = got;
    let sound: URL | null = null;
    let playlist = readPlaylist(await this.#text(got), url);
    if (playlist.kind === 'master') {
      ({ sound } = playlist);
      const variant = await this.#get(playlist.best);
      url = variant.url;
      playlist = readPlaylist(await this.#text(variant), url);
    }
    if (playlist.kind === 'master') throw new SourceFault('not-a-stream', 'PLAYLIST');
    return { url, playlist, sound };
  }

  async #text({ response }: Got): Promise<string> {
    const bytes = await wholeBody(this.#clock, response, { mostBytes: MOST_PLAYLIST_BYTES, withinMs: PLAYLIST_MS });
    if (response.headers['content-encoding'] !== 'gzip') return bytes.toString('utf8');
    try {
      return gunzipSync(bytes, { maxOutputLength: MOST_PLAYLIST_BYTES }).toString('utf8');
    } catch {
      throw new SourceFault('not-a-stream', 'GZIP');
    }
  }

  #get(url: URL, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
    const { http, login, signal } = this.#options;
    return checkedGet(http, url, { login, mostRedirects: MOST_REDIRECTS, headers, signal });
  }

  /** null: the server no longer has it, or not yet; the next one may be there. */
  async #fetched(segment: PlaylistSegment): Promise<Buffer | null> {
    try {
      const withinMs = Math.max(SHORTEST_SEGMENT_MS, 3 * segment.durationMs);
      const bytes = await this.#part(segment, { mostBytes: MOST_SEGMENT_BYTES, withinMs });
      const plain = segment.key === null ? bytes : await this.#decrypted(bytes, segment.key, segment.number);
      this.#missing = 0;
      return segment.map === null ? plain : Buffer.concat([await this.#begun(segment.map), plain]);
    } catch (thrown) {
      const isGone = thrown instanceof SourceFault && (thrown.why === 'not-found' || thrown.why === 'connection');
      this.#missing += 1;
      if (!isGone || this.#missing >= MOST_MISSING) throw thrown;
      return null;
    }
  }

  async #part({ url, range }: PlaylistPart, limits: { mostBytes: number; withinMs: number }): Promise<Buffer> {
    if (range === null) return wholeBody(this.#clock, (await this.#get(url)).response, limits);
    if (range.length > limits.mostBytes) throw new SourceFault('not-a-stream', 'TOO_LONG');
    const end = range.offset + range.length;
    const { response } = await this.#get(url, { range: `bytes=${range.offset}-${end - 1}` });
    const bytes = await wholeBody(this.#clock, response, limits);
    // A server that knows no ranges sends all of it.
    return response.statusCode === 206 ? bytes : bytes.subarray(range.offset, end);
  }

  /** The map of the segments that follow, which is the same for most of a source's life. */
  async #begun(map: PlaylistPart): Promise<Buffer> {
    const name = `${map.url.href} ${map.range?.offset ?? ''}`;
    if (this.#map?.name !== name) {
      const bytes = await this.#part(map, { mostBytes: MOST_MAP_BYTES, withinMs: PLAYLIST_MS });
      this.#map = { name, bytes };
    }
    return this.#map.bytes;
  }

  async #decrypted(bytes: Buffer, { url, iv }: PlaylistKey, number: number): Promise<Buffer> {
    if (this.#key?.name !== url.href) {
      const key = await this.#part({ url, range: null }, { mostBytes: KEY_BYTES, withinMs: PLAYLIST_MS });
      if (key.length !== KEY_BYTES) throw new SourceFault('not-a-stream', 'KEY');
      this.#key = { name: url.href, bytes: key };
    }
    const counted = Buffer.alloc(KEY_BYTES);
    counted.writeBigUInt64BE(BigInt(number), 8);
    const decipher = createDecipheriv('aes-128-cbc', this.#key.bytes, iv ?? counted);
    try {
      return Buffer.concat([decipher.update(bytes), decipher.final()]);
    } catch {
      throw new SourceFault('not-a-stream', 'KEY');
    }
  }
}

/** Which segment of a list comes next. `next`: the number that would continue what was read; null: nothing was read. */
function whereToGoOn(
  segments: readonly PlaylistSegment[],
  next: number | null,
  isOver: boolean,
): { readonly index: number; readonly isBroken: boolean } {
  const end = Math.max(0, segments.length - BEGIN_BEFORE_END);
  if (next === null) return { index: isOver ? 0 : end, isBroken: true };
  const first = segments[0]?.number ?? next;
  const last = segments.at(-1)?.number ?? next;
  // A server that was started again counts from the beginning.
  if (last < next - 1) return { index: end, isBroken: true };
  if (first > next) return { index: end, isBroken: true };
  return { index: next - first, isBroken: false };
}
