import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { drawnJpegs } from '../../../test/support/readers/drawnJpegs.js';
import {
  properPart,
  startJpegCamera,
  type JpegCamera,
  type JpegCameraOptions,
} from '../../../test/support/readers/jpegCamera.js';
import { picturesOf, placesFor, read, startLink } from '../../../test/support/readers/readerRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';

let jpegs: Buffer[];

async function camera(options: Omit<JpegCameraOptions, 'jpegs'> = {}): Promise<JpegCamera> {
  const started = await startJpegCamera({ jpegs, ...options });
  onTestFinished(() => started.stop());
  return started;
}

const text = (...pieces: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece)));

/** The head names a way of sampling that no decoder has. */
function withOddSampling(jpeg: Buffer): Buffer {
  const odd = Buffer.from(jpeg);
  odd[odd.indexOf(Buffer.from([0xff, 0xc0])) + 11] = 0xff;
  return odd;
}

describe.skipIf(!nodeAvFor('MJPEG sources'))('a source of JPEG pictures', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    jpegs = await drawnJpegs({ count: 50 });
  });

  it.each<[string, Omit<JpegCameraOptions, 'jpegs'>]>([
    ['with boundaries and lengths', {}],
    ['with a quoted boundary that begins with dashes', { type: 'multipart/x-mixed-replace; boundary="--frame"' }],
    [
      'without lengths, and with another boundary than is named',
      { part: (jpeg) => text('--other\r\nContent-type: image/jpg\r\n\r\n', jpeg, '\r\n') },
    ],
    ['with nothing between the pictures', { type: null, part: (jpeg) => jpeg }],
    ['without a type', { type: null }],
    ['of which some are cut off', { part: (jpeg, at) => properPart(at % 5 === 3 ? jpeg.subarray(0, 2_000) : jpeg) }],
    [
      'with others among them that are no JPEG',
      {
        part: (jpeg, at) =>
          at % 5 === 3 ? text('--frame\r\nContent-Type: text/plain\r\n\r\nno picture\r\n') : properPart(jpeg),
      },
    ],
  ])('%s is read as H.264, with a key frame every two seconds', async (_what, options) => {
    const { url } = await camera(options);
    const run = read(startLink(), url);
    await run.until(() => picturesOf(run).filter(({ isKey }) => isKey).length >= 3);
    expect(run.end).toBeNull();
    expect(run.units[0]).toMatchObject({ kind: 'picture-setup', setup: { codec: 'h264' } });
    const keys = picturesOf(run).filter(({ isKey }) => isKey);
    const steps = keys.slice(1).map(({ decodeMs }, at) => decodeMs - (keys[at]?.decodeMs ?? 0));
    for (const step of steps) expect(step).toBeGreaterThan(1_900);
    expect(keys[0]).toBe(picturesOf(run)[0]);
  });

  it('that makes one for each request is asked once a second, and not while it answers', async () => {
    const { snapshotUrl, asked } = await camera();
    const run = read(startLink(), snapshotUrl);
    await run.until(() => picturesOf(run).length >= 4);
    expect(run.end).toBeNull();
    const steps = asked.slice(1).map(({ atMs }, at) => atMs - (asked[at]?.atMs ?? 0));
    for (const step of steps.slice(0, 3)) expect(step).toBeGreaterThan(900);
  });

  it('that makes one for each request goes on when a request fails', async () => {
    let count = 0;
    const { snapshotUrl } = await camera({
      answer: (_request, response) => {
        count += 1;
        return count % 2 === 0 && !!response.writeHead(503).end();
      },
    });
    const run = read(startLink(), snapshotUrl);
    await run.until(() => picturesOf(run).length >= 3);
    expect([run.end, count]).toEqual([null, 5]);
  });

  it('that asks for a login by Digest is asked with it, and one that refuses it is not asked again', async () => {
    const offer = { 'www-authenticate': 'Digest realm="c", nonce="n", qop="auth"' };
    const { url, asked } = await camera({
      answer: ({ headers }, response) =>
        headers.authorization?.startsWith('Digest username="admin"') !== true && !!response.writeHead(401, offer).end(),
    });
    const run = read(startLink(), url.replace('//', '//admin:pass@'));
    await run.until(() => picturesOf(run).length >= 3);
    expect([run.end, asked.length]).toEqual([null, 2]);
    const refusing = await camera({ answer: (_request, response) => !!response.writeHead(401, offer).end() });
    const refused = read(startLink(), refusing.url.replace('//', '//admin:pass@'));
    await refused.until(() => false);
    expect([refused.end, refusing.asked.length]).toEqual([{ why: 'login', code: 'HTTP_401' }, 2]);
  });

  it.each<[string, Omit<JpegCameraOptions, 'jpegs'>, { why: string; code: string }]>([
    [
      'that ends in the middle of a picture',
      { part: (jpeg, at) => (at === 10 ? null : properPart(at === 9 ? jpeg.subarray(0, 3_000) : jpeg)) },
      { why: 'connection', code: 'ECONNRESET' },
    ],
    [
      'that nobody can decode',
      { part: (jpeg) => properPart(withOddSampling(jpeg)) },
      { why: 'not-a-stream', code: 'BAD_JPEG' },
    ],
    [
      'that are larger than any',
      { everyMs: 5, part: (jpeg, at) => (at === 0 ? jpeg.subarray(0, jpeg.length - 2) : Buffer.alloc(1_000_000, 7)) },
      { why: 'not-a-stream', code: 'TOO_LONG' },
    ],
  ])('%s ends with its reason', async (_what, options, end) => {
    const { url } = await camera(options);
    const run = read(startLink(), url);
    await run.until(() => false);
    expect(run.end).toEqual(end);
  });

  it('shows its first picture without a place among the transcodes, and ends for want of one', async () => {
    const { url } = await camera();
    const [link, places] = [startLink(), placesFor(1)];
    const first = read(link, url, places);
    await first.until(() => picturesOf(first).length >= 3);
    const second = read(link, url, places);
    await second.until(() => false);
    expect([second.end, picturesOf(second).length]).toEqual([{ why: 'no-transcode' }, 1]);
    expect(picturesOf(second)[0]?.isKey).toBe(true);
    first.stop();
    const third = read(link, url, places);
    await third.until(() => picturesOf(third).length >= 3);
    expect(third.end).toBeNull();
  });
});
