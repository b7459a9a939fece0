/** How many segments the playlist lists; players stay three behind the end. */
const LISTED = 7;
/** How many segments are kept: more than listed, for players that are slow to fetch a segment of an older playlist. */
const KEPT = LISTED + 4;

interface StoredSegment {
  readonly sequence: number;
  readonly initName: string;
  readonly discontinuity: boolean;
  readonly body: Buffer;
  readonly durationMs: number;
}

export interface PlaylistSegment {
  /** Set with the first segment, and when players must start over with new parameters. */
  readonly init: Buffer | null;
  readonly body: Buffer;
  readonly durationMs: number;
}

/**
 * One camera's live playlist (RFC 8216), with its segments in memory. Sequence numbers go on over every change of the source. `prefix`
 * distinguishes its file names from those of an earlier run, which a browser may still have.
 */
export class HlsPlaylist {
  readonly #prefix: string;
  #segments: StoredSegment[] = [];
  readonly #inits = new Map<string, Buffer>();
  #initName: string | null = null;
  #nextSequence = 0;
  #nextInit = 0;
  #discontinuities = 0;
  #targetSeconds = 1;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get empty(): boolean {
    return this.#segments.length === 0;
  }

  add({ init, body, durationMs }: PlaylistSegment): void {
    const joinsEarlier = !this.empty;
    if (init !== null) {
      this.#initName = `${this.#prefix}-init${this.#nextInit++}.mp4`;
      this.#inits.set(this.#initName, init);
    }
    if (this.#initName === null) return; // a late part of a pull that was closed
    const discontinuity = init !== null && joinsEarlier;
    const sequence = this.#nextSequence++;
    this.#segments.push({ sequence, initName: this.#initName, discontinuity, body, durationMs });
    this.#targetSeconds = Math.max(this.#targetSeconds, Math.round(durationMs / 1000));
    while (this.#segments.length > KEPT) this.#segments.shift();
    this.#dropInits();
    const dropped = this.#segments.length > LISTED ? this.#segments.at(-LISTED - 1) : undefined;
    if (dropped?.discontinuity) this.#discontinuities++;
  }

  /** Removes all segments, since the camera's viewers are gone. */
  clear(): void {
    // The listed discontinuities have passed now, and the next segment begins a new one.
    this.#discontinuities += this.#listed().filter((segment) => segment.discontinuity).length + (this.empty ? 0 : 1);
    this.#segments = [];
    this.#initName = null;
    this.#inits.clear();
  }

  /** The media playlist; null before the first segment. */
  render(): string | null {
    const listed = this.#listed();
    const [first] = listed;
    if (!first) return null;
    const lines = ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:${this.#targetSeconds}`];
    lines.push(`#EXT-X-MEDIA-SEQUENCE:${first.sequence}`, `#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuities}`);
    let initName = '';
    for (const segment of listed) {
      if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
      if (segment.initName !== initName) lines.push(`#EXT-X-MAP:URI="${segment.initName}"`);
      initName = segment.initName;
      lines.push(`#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`, this.#name(segment.sequence));
    }
    return `${lines.join('\n')}\n`;
  }

  /** The playlist that a player requests first. It names the media playlist that the player polls, one for each viewer, to count them. */
  renderEntry(mediaPlaylistName: string): string {
    const bits = Math.max(
      1,
      ...this.#segments.map(({ body, durationMs }) => (body.length * 8000) / Math.max(1, durationMs)),
    );
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:7',
      `#EXT-X-STREAM-INF:BANDWIDTH=${Math.ceil(bits)}`,
      mediaPlaylistName,
      '',
    ].join('\n');
  }

  /** An init part or a segment; null: no such file, or it was dropped. */
  file(name: string): Buffer | null {
    return this.#inits.get(name) ?? this.#segments.find(({ sequence }) => this.#name(sequence) === name)?.body ?? null;
  }

  #listed(): StoredSegment[] {
    return this.#segments.slice(-LISTED);
  }

  #name(sequence: number): string {
    return `${this.#prefix}-${sequence}.m4s`;
  }

  #dropInits(): void {
    for (const name of this.#inits.keys()) {
      if (name !== this.#initName && !this.#segments.some(({ initName }) => initName === name))
        this.#inits.delete(name);
    }
  }
}
