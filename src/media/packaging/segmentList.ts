/** Segments that are kept beyond those listed, for players that are slow to fetch one of an older playlist. */
const KEPT_MORE = 4;
/** Of one stream, in memory. */
const MOST_BYTES = 48 * 1_024 * 1_024;

interface Kept {
  readonly sequence: number;
  readonly isFresh: boolean;
  readonly body: Buffer;
  readonly durationMs: number;
}

/** One stream's playlist (RFC 8216, version 3), with its segments in memory. */
export class SegmentList {
  readonly #listed: number;
  #segments: Kept[] = [];
  #next: number;
  #discontinuities: number;
  #targetSeconds: number;

  /**
   * `first`: the number of the first segment, and of the first discontinuity. It has to be greater than each number of an earlier list of this
   * stream, so that players go on. `listed`: how many segments the playlist names.
   */
  constructor({ first, listed, segmentMs }: { first: number; listed: number; segmentMs: number }) {
    this.#next = first;
    this.#discontinuities = first;
    this.#listed = listed;
    this.#targetSeconds = Math.max(1, Math.ceil(segmentMs / 1_000));
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** `isFresh`: players have to begin anew with it. */
  add({ isFresh, body, durationMs }: Omit<Kept, 'sequence'>): void {
    this.#segments.push({ sequence: this.#next++, isFresh: isFresh && !this.isEmpty, body, durationMs });
    this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(durationMs / 1_000));
    const left = this.#segments.at(-this.#listed - 1);
    if (left?.isFresh === true) this.#discontinuities += 1;
    let bytes = this.#segments.reduce((sum, segment) => sum + segment.body.length, 0);
    while (this.#segments.length > this.#listed + KEPT_MORE || (bytes > MOST_BYTES && this.#segments.length > 1))
      bytes -= this.#segments.shift()?.body.length ?? 0;
  }

  render(): string {
    const listed = this.#segments.slice(-this.#listed);
    return [
      ...['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${this.#targetSeconds}`],
      `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.sequence ?? this.#next}`,
      `#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuities}`,
      ...listed.flatMap(({ sequence, isFresh, durationMs }) => [
        ...(isFresh ? ['#EXT-X-DISCONTINUITY'] : []),
        ...[`#EXTINF:${(durationMs / 1_000).toFixed(3)},`, nameOf(sequence)],
      ]),
      '',
    ].join('\n');
  }

  /** null: no such segment, or it was dropped. */
  segment(name: string): Buffer | null {
    return this.#segments.find(({ sequence }) => nameOf(sequence) === name)?.body ?? null;
  }
}

function nameOf(sequence: number): string {
  return `segment_${String(sequence).padStart(3, '0')}.ts`;
}
