import { expect } from 'vitest';
import type { EmbeddedMedia } from '../../../src/engine/mediaEngine.js';

const signal = new AbortController().signal;

/** A player that reads one camera's playlist repeatedly. */
export class HlsReader {
  readonly #media: EmbeddedMedia;
  readonly #cameraId: string;
  #file = '';

  constructor(media: EmbeddedMedia, cameraId: string) {
    this.#media = media;
    this.#cameraId = cameraId;
  }

  async text(file: string): Promise<string> {
    const found = await this.#media.hls(this.#cameraId, file, signal);
    if (!found) throw new Error(`no ${file}`);
    return found.body.toString();
  }

  async playlist(): Promise<{ first: number; segments: string[]; text: string }> {
    if (this.#file === '') this.#file = (await this.text('index.m3u8')).trim().split('\n').at(-1) ?? '';
    const text = await this.text(this.#file);
    const first = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
    return { first, segments: text.split('\n').filter((line) => line.endsWith('.m4s')), text };
  }

  /** Reads until the playlist has so many new segments. */
  async goesOn(segments: number): Promise<{ names: string[]; discontinuities: number }> {
    const names = new Set<string>();
    const start = await this.playlist();
    const end = start.first + start.segments.length + segments;
    let text = '';
    await expect
      .poll(
        async () => {
          const now = await this.playlist();
          now.segments.forEach((name) => names.add(name));
          text = now.text;
          return now.first + now.segments.length;
        },
        { timeout: 20_000, interval: 200 },
      )
      .toBeGreaterThanOrEqual(end);
    return { names: [...names], discontinuities: text.match(/#EXT-X-DISCONTINUITY\n/g)?.length ?? 0 };
  }

  /** The numbers of tracks that the segments of the playlist have, each number once. */
  async tracks(): Promise<number[]> {
    const { segments } = await this.playlist();
    const bodies = await Promise.all(segments.map(async (name) => this.#media.hls(this.#cameraId, name, signal)));
    return [...new Set(bodies.map((found) => (found?.body.toString('latin1').match(/traf/g) ?? []).length))];
  }

  /** Decoding time of the first picture of each segment, in seconds. */
  async times(names: readonly string[]): Promise<number[]> {
    return Promise.all(
      names.map(async (name) => {
        const found = await this.#media.hls(this.#cameraId, name, signal);
        const body = found?.body ?? Buffer.alloc(0);
        return Number(body.readBigUInt64BE(body.indexOf('tfdt') + 8)) / 90_000;
      }),
    );
  }
}
