import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCompatRig } from '../support/compat/compatRig.js';
import { rigEngines, until } from '../support/installation/appRig.js';
import { startMovingCamera } from '../support/rtsp/movingCamera.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

const LIMIT_MS = 90_000;
const START = '/api/stream/start';
const STOP = '/api/stream/stop';

/** How many pictures that differ ffmpeg decodes in four seconds of the stream. */
async function pictures(address: string): Promise<number> {
  const asked = ['-v', 'error', '-i', address, '-t', '4', '-an', '-f', 'framemd5', '-'];
  const { stdout } = await promisify(execFile)('ffmpeg', asked, { timeout: LIMIT_MS });
  const sums = stdout.split('\n').filter((line) => /^\d/.test(line));
  return new Set(sums.map((line) => line.split(',').at(-1))).size;
}

describe.skipIf(!nodeAvFor('clients of SPARKA'))('clients of SPARKA', () => {
  it.each(rigEngines)(
    'replay what the document and the Laravel layer do, and survive kill -9, with the engine %s',
    { timeout: 400_000 },
    async (engine) => {
      const camera = await startMovingCamera();
      const rig = await startCompatRig({ engine, portSetting: 'COMPAT_SPARKA_PORT' });
      onTestFinished(() => rig.stop());
      // On a busy machine a relay that is just being started may answer too late for the first try.
      const start = (body: object) =>
        until(
          'a started stream',
          LIMIT_MS,
          () => rig.ask('POST', START, { body }),
          ({ status }) => status === 200,
          ({ text }) => text,
        );
      const { json } = await start({ rtsp_url: camera.url, stream_id: 'lot-1' });
      expect(json).toMatchObject({ success: true, stream_id: 'lot-1', hls_url: '/hls/lot-1/index.m3u8' });
      expect((await rig.ask('POST', START, { body: { rtsp_url: camera.url, stream_id: 'lot-1' } })).status).toBe(200);

      const playlist = await rig.ask('GET', '/hls/lot-1/index.m3u8', { headers: { origin: 'https://a.example' } });
      expect([playlist.status, playlist.headers['content-type']]).toEqual([200, 'application/vnd.apple.mpegurl']);
      expect(playlist.headers['access-control-allow-origin']).toBe('*');
      const name = /^segment_\d{3,}\.ts$/m.exec(playlist.text)?.[0] ?? '';
      const segment = await rig.ask('GET', `/hls/lot-1/${name}`);
      expect([segment.status, segment.headers['content-type'], segment.body[0]]).toEqual([200, 'video/mp2t', 0x47]);
      const address = `http://127.0.0.1:${rig.port}/hls/lot-1/index.m3u8`;
      expect(await pictures(address)).toBeGreaterThan(20);

      await start({ sourceUrl: camera.url, cctvId: '7', streamType: 'rtsp' });
      expect((await rig.ask('GET', '/api/streams')).json).toMatchObject({ count: 2 });
      for (const victim of engine === 'mediamtx' ? (['mediamtx', 'camlease'] as const) : (['camlease'] as const)) {
        await rig.kill(victim);
        await until(
          `HLS after kill -9 of ${victim}`,
          LIMIT_MS,
          () => rig.ask('GET', '/hls/7/index.m3u8'),
          ({ status }) => status === 200,
          ({ text }) => text,
        );
      }
      expect(await pictures(address)).toBeGreaterThan(20);

      expect((await rig.ask('POST', STOP, { body: { stream_id: 'lot-1' } })).status).toBe(200);
      const again = await rig.ask('POST', STOP, { body: { stream_id: 'lot-1' } });
      expect([again.status, again.json]).toMatchObject([404, { error: 'Stream not found' }]);
      expect((await rig.ask('GET', '/hls/lot-1/index.m3u8')).status).toBe(404);
      expect((await rig.ask('GET', '/hls/7/index.m3u8')).status).toBe(200);
      const dead = await rig.ask('POST', START, { body: { sourceUrl: 'rtsp://127.0.0.1:9/x', cctvId: 'dead' } });
      expect(dead.status).toBe(500);
    },
  );
});
