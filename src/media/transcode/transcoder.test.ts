import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { drawnJpegs, type DrawnJpegs } from '../../../test/support/readers/drawnJpegs.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { loadAv, type Av } from '../av.js';
import { PictureDecoder } from './pictureDecoder.js';
import { H264_TRANSCODE, Transcoder, type TranscodedPicture, type TranscodeSettings } from './transcoder.js';

const STEP_MS = 40;
const START = /^\x00\x00\x00?\x01/;

interface Seen {
  readonly width: number;
  readonly height: number;
  /** The mean of all brightnesses. */
  readonly light: number;
  readonly timeMs: number;
}

describe.skipIf(!nodeAvFor('transcodes'))('a transcode', () => {
  let av: Av;

  beforeAll(async () => {
    av = await loadAv();
  });

  /** Encodes JPEG pictures that come so far apart. */
  async function transcode(
    jpegs: readonly Buffer[],
    settings: Partial<TranscodeSettings> = {},
    stepMs = STEP_MS,
    askAt = -1,
  ): Promise<TranscodedPicture[]> {
    const decoder = await PictureDecoder.open(av, 'mjpeg');
    const transcoder = new Transcoder(av, { ...H264_TRANSCODE, ...settings });
    onTestFinished(() => {
      decoder.close();
      transcoder.close();
    });
    const made: TranscodedPicture[] = [];
    for (const [at, jpeg] of jpegs.entries()) {
      const isRead = await decoder.decode(jpeg, at * stepMs, async ({ picture, timeMs }) => {
        if (!transcoder.takes(timeMs)) return;
        if (at === askAt) transcoder.askForKey();
        const coded = await transcoder.encode(picture, timeMs);
        if (coded) made.push(coded);
      });
      expect(isRead).toBe(true);
    }
    return made;
  }

  async function seenIn(made: readonly TranscodedPicture[]): Promise<Seen[]> {
    const decoder = await PictureDecoder.open(av, 'h264');
    onTestFinished(() => decoder.close());
    const seen: Seen[] = [];
    for (const { data, timeMs } of made) {
      await decoder.decode(data, timeMs, ({ picture, timeMs: shownMs }) => {
        const { width, height, linesize } = picture;
        const plane = picture.data?.[0] ?? Buffer.alloc(0);
        let sum = 0;
        for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sum += plane[y * (linesize[0] ?? 0) + x] ?? 0;
        seen.push({ width, height, light: sum / (width * height), timeMs: shownMs });
        return Promise.resolve();
      });
    }
    return seen;
  }

  it('gives one picture for each, in order, decodable at once, with a key frame every two seconds', async () => {
    const made = await transcode(await drawnJpegs({ count: 150 }));
    expect(made.map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: 150 }, (_, at) => at * STEP_MS));
    expect(made.flatMap(({ isKey }, at) => (isKey ? [at] : []))).toEqual([0, 50, 100]);
    expect(made.every(({ data }) => START.test(data.toString('latin1', 0, 4)))).toBe(true);
    const seen = await seenIn(made);
    expect(seen.map(({ timeMs }) => timeMs)).toEqual(made.map(({ timeMs }) => timeMs));
    // From any key frame on, since its parameter sets stand in front of it.
    expect(await seenIn(made.slice(50, 60))).toHaveLength(10);
  });

  it('gives a key frame when one is asked for', async () => {
    const made = await transcode(await drawnJpegs(), {}, STEP_MS, 7);
    expect(made.flatMap(({ isKey }, at) => (isKey ? [at] : []))).toEqual([0, 7]);
  });

  it('keeps to its rate of pictures, evenly, and to its number of bits', async () => {
    const jpegs = await drawnJpegs({ size: '160x90', count: 250, noise: 60 });
    const made = await transcode(jpegs, { mostFramesPerSecond: 10, mostBitsPerSecond: 60_000 }, 20);
    const steps = made.slice(1).map(({ timeMs }, at) => timeMs - (made[at]?.timeMs ?? 0));
    // The second picture that is taken may be early.
    expect([made.length, new Set(steps.slice(1))]).toEqual([51, new Set([100])]);
    const bits = made.reduce((sum, { data }) => sum + data.length * 8, 0);
    // One second more than the five: so much may be above it within a moment.
    expect(bits).toBeLessThan(60_000 * 6);
    expect(bits).toBeGreaterThan(60_000);
  });

  it('follows a source of few pictures and a clock that jumps', async () => {
    const jpegs = await drawnJpegs({ count: 6 });
    expect((await transcode(jpegs, {}, 1_000)).filter(({ isKey }) => isKey)).toHaveLength(3);
    expect(await seenIn(await transcode(jpegs, {}, -100_000))).toHaveLength(6);
  });

  it.each<[string, DrawnJpegs, number, number]>([
    ['as large as it may be', { size: '320x180' }, 320, 180],
    ['of odd sides', { size: '321x181', format: 'yuvj444p' }, 320, 180],
    ['of another form', { size: '320x180', format: 'yuvj422p' }, 320, 180],
    ['that is too large', { size: '2592x1944' }, 1_668, 1_250],
    ['that stands', { size: '1080x1920' }, 1_080, 1_920],
  ])('keeps the shape of a picture %s', async (_what, drawn, width, height) => {
    const seen = await seenIn(await transcode(await drawnJpegs({ ...drawn, count: 2 })));
    expect(seen.map((one) => [one.width, one.height])).toEqual([
      [width, height],
      [width, height],
    ]);
  });

  it.each([
    ['white', 235],
    ['black', 16],
  ])('shows %s as video does', async (colour, light) => {
    const seen = await seenIn(await transcode(await drawnJpegs({ source: `color=${colour}`, count: 2 })));
    expect(seen.map((one) => Math.round(one.light))).toEqual([light, light]);
  });

  it('goes on with a key frame when the source changes its size', async () => {
    const jpegs = [...(await drawnJpegs({ count: 5 })), ...(await drawnJpegs({ count: 5, size: '640x360' }))];
    const made = await transcode(jpegs);
    expect(made.flatMap(({ isKey }, at) => (isKey ? [at] : []))).toEqual([0, 5]);
    expect((await seenIn(made)).map(({ width }) => width)).toEqual([320, 320, 320, 320, 320, 640, 640, 640, 640, 640]);
  });

  it('gives MPEG-1 video', async () => {
    const made = await transcode(await drawnJpegs({ count: 75 }), { codec: 'mpeg1', mostBitsPerSecond: 1_000_000 });
    expect(made.map(({ timeMs }) => timeMs)).toEqual(Array.from({ length: 74 }, (_, at) => at * STEP_MS));
    expect(made.flatMap(({ isKey }, at) => (isKey ? [at] : []))).toEqual([0, 50]);
    // A sequence header in front of each key frame, so that a player can begin there.
    expect(made.filter(({ isKey }) => isKey).map(({ data }) => data.toString('hex', 0, 4))).toEqual([
      '000001b3',
      '000001b3',
    ]);
  });

  it('says of bytes that are no picture that they are none, and goes on', async () => {
    const decoder = await PictureDecoder.open(av, 'mjpeg');
    onTestFinished(() => decoder.close());
    const [jpeg = Buffer.alloc(0)] = await drawnJpegs({ count: 1 });
    let count = 0;
    const hand = (): Promise<void> => {
      count += 1;
      return Promise.resolve();
    };
    const read = [];
    for (const bytes of [Buffer.from('<!doctype html>'), Buffer.alloc(0), jpeg])
      read.push(await decoder.decode(bytes, 0, hand));
    expect([read, count]).toEqual([[false, false, true], 1]);
  });
});
