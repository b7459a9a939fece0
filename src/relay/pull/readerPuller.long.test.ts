import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeHlsClip, type HlsClip } from '../../../test/support/readers/hlsClip.js';
import { startLiveHls, type LiveHls, type LiveHlsOptions } from '../../../test/support/readers/liveHls.js';
import { picturesOf, read, soundsOf, startLink } from '../../../test/support/readers/readerRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';

async function live(clip: HlsClip, options?: LiveHlsOptions): Promise<LiveHls> {
  const server = await startLiveHls(clip, options);
  onTestFinished(() => server.stop());
  return server;
}

describe.skipIf(!nodeAvFor('HLS sources'))('an HLS source', { timeout: 60_000 }, () => {
  const clips = new Map<string, HlsClip>();
  beforeAll(async () => {
    clips.set('ts', await makeHlsClip('ts'));
    clips.set('fmp4', await makeHlsClip('fmp4'));
  }, 60_000);
  const clip = (kind: string): HlsClip => clips.get(kind) as HlsClip;

  it.each(['ts', 'fmp4'])('of %s segments comes as pictures and sound at a steady pace', async (kind) => {
    const { url } = await live(clip(kind));
    const run = read(startLink(), url);
    await run.until(() => picturesOf(run).length > 120);
    expect(run.end).toBeNull();
    const pictures = picturesOf(run);
    expect(run.units.filter((unit) => unit.kind === 'picture-setup')).toHaveLength(1);
    expect(run.units.find((unit) => unit.kind === 'sound-setup')).toMatchObject({
      setup: { codec: 'aac', sampleRate: 44_100 },
    });
    expect(pictures[0]?.isKey).toBe(true);
    expect(soundsOf(run).length).toBeGreaterThan(100);
    const waits = pictures.slice(1).map(({ cameMs }, at) => cameMs - (pictures[at]?.cameMs ?? 0));
    // A whole segment at once would bring 25 pictures within a few milliseconds, and then nothing for a second.
    expect(waits.filter((ms) => ms < 5).length).toBeLessThan(waits.length / 3);
  });

  it('that is encrypted by AES-128 is decrypted', async () => {
    const { url } = await live(clip('ts'), { key: Buffer.from('0123456789abcdef') });
    const run = read(startLink(), url);
    await run.until(() => picturesOf(run).length > 5);
    expect([run.end, picturesOf(run)[0]?.isKey]).toEqual([null, true]);
  });

  it('of several variants is read in the best one of H.264', async () => {
    const master = [
      ...['#EXTM3U', '#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c00a"', 'low.m3u8'],
      ...['#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="hvc1.1.6.L63.90"', 'hevc.m3u8'],
      ...['#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42c00a,mp4a.40.2"', 'live.m3u8', ''],
    ].join('\n');
    const server = await live(clip('ts'), {
      answer: (request, response) => request.url === '/cam/all.m3u8' && !!response.end(master),
    });
    const run = read(startLink(), server.url.replace('live', 'all'));
    await run.until(() => picturesOf(run).length > 5);
    expect([run.end, server.asked.slice(0, 2)]).toEqual([null, ['/cam/all.m3u8', '/cam/live.m3u8']]);
  });

  it('whose sound has a list of its own comes with it, in step, and goes on without it', async () => {
    const sound = await live(await makeHlsClip('fmp4', 'h264', 'sound'));
    const master = [
      '#EXTM3U',
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="other",URI="none.m3u8"`,
      `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="main",DEFAULT=YES,AUTOSELECT=YES,URI="${sound.url}"`,
      ...['#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42c00a,mp4a.40.2",AUDIO="a"', 'live.m3u8', ''],
    ].join('\n');
    const server = await live(await makeHlsClip('fmp4', 'h264', 'pictures'), {
      answer: (request, response) => request.url === '/cam/all.m3u8' && !!response.end(master),
    });
    const run = read(startLink(), server.url.replace('live', 'all'));
    await run.until(() => soundsOf(run).length > 100 && picturesOf(run).length > 50);
    expect(run.end).toBeNull();
    expect(run.units.find((unit) => unit.kind === 'sound-setup')).toMatchObject({
      setup: { codec: 'aac', sampleRate: 44_100 },
    });
    const off = soundsOf(run)
      .slice(0, 100)
      .map(({ timeMs, cameMs }) => {
        const near = picturesOf(run).toSorted((a, b) => Math.abs(a.cameMs - cameMs) - Math.abs(b.cameMs - cameMs))[0];
        return Math.abs(timeMs - (near?.decodeMs ?? Infinity));
      });
    expect(off.toSorted((a, b) => a - b)[50]).toBeLessThan(200);
    sound.stop();
    const before = picturesOf(run).length;
    await run.until(() => picturesOf(run).length > before + 75);
    expect(run.end).toBeNull();
  });

  it('goes on when its server was started again and counts from the beginning', async () => {
    const server = await live(clip('ts'));
    const run = read(startLink(), server.url);
    await run.until(() => server.asked.some((path) => path.startsWith('/cam/part/7.')));
    server.restart();
    const from = server.asked.length;
    await run.until(() => server.asked.slice(from).some((path) => path.startsWith('/cam/part/5.')));
    const before = picturesOf(run).length;
    await run.until(() => picturesOf(run).length > before + 50);
    expect(run.end).toBeNull();
  });

  it('goes on where a segment is missing', async () => {
    let isGone = false;
    const server = await live(clip('ts'), {
      answer: (request, response) => {
        if (isGone || request.url?.startsWith('/cam/part/') !== true) return false;
        isGone = true;
        return !!response.writeHead(404).end();
      },
    });
    const run = read(startLink(), server.url);
    await run.until(() => picturesOf(run).length > 30);
    expect([run.end, isGone]).toEqual([null, true]);
  });

  it('of one camera goes on when another one ends, in the same process', async () => {
    const link = startLink();
    const [good, other] = [await live(clip('ts')), await live(clip('fmp4'))];
    const [run, short] = [read(link, good.url), read(link, other.url)];
    await Promise.all([run, short].map((one) => one.until(() => picturesOf(one).length > 5)));
    short.stop();
    const before = picturesOf(run).length;
    await run.until(() => picturesOf(run).length > before + 50);
    expect(run.end).toBeNull();
  });

  it('whose reader child died says so, and the next pull starts another child', async () => {
    const link = startLink();
    const { url } = await live(clip('ts'));
    const run = read(link, url);
    await run.until(() => picturesOf(run).length > 140);
    process.kill(link.pid ?? 0, 'SIGKILL');
    await run.until(() => false);
    expect(run.end).toMatchObject({ why: 'reader-lost' });
    const next = read(link, url);
    await next.until(() => picturesOf(next).length > 5);
    expect(next.end).toBeNull();
  });
});
