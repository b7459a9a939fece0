import { describe, expect, it, onTestFinished } from 'vitest';
import { mediaMtxProgram } from '../../../test/support/engine/mediamtx.js';
import {
  CAMERA,
  CHANGES,
  falls,
  keyFrame,
  LIMIT_MS,
  moves,
  pictures,
  soundLead,
  sounds,
  startRig,
  watched,
  widest,
} from '../../../test/support/relay/relayWatching.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import type { WatchedPacket } from '../../../test/support/viewers/packetWatch.js';
import { playStream } from '../../../test/support/viewers/streamWatch.js';

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the relay behind MediaMTX'))(
  'the relay behind MediaMTX',
  { timeout: LIMIT_MS },
  () => {
    it('goes on over ten cuts by the cloud', async () => {
      const rig = await watched();
      for (let cut = 1; cut <= CHANGES; cut++) {
        await rig.until(() => rig.stream.state === 'live');
        expect(rig.origin.cut(() => true)).toBe(1);
        await rig.until(
          () => rig.news.filter(({ kind }) => kind === 'pull-over').length >= cut && rig.stream.state === 'live',
        );
        await moves(rig);
      }
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      const times = pictures(rig.watch).map(({ atMs }) => atMs);
      expect(Math.max(...times.map((ms, at) => ms - (times[at - 1] ?? ms)))).toBeLessThan(5_000);
    });

    it('shows the slate after five seconds of an outage of twenty, with silence, and then the camera again', async () => {
      const rig = await watched();
      rig.answer({ ...CAMERA, clipKey: 'S2', cameraName: 'Away' });
      const slate = await keyFrame(rig);
      rig.stream.setSlate(slate);
      // Only the picture's unit is compared, since the camera sends the same SEI unit.
      const picture = slate.find((unit) => ((unit[0] ?? 0) & 0x1f) === 5) ?? Buffer.alloc(0);
      expect(picture.length).toBeGreaterThan(300);
      await moves(rig, 60);
      const before = { items: rig.watch.items.length, lead: soundLead(rig.watch, 0) };
      rig.answer({ ...CAMERA, play: 'refuse' });
      const cutMs = performance.now();
      rig.origin.cut(() => true);
      await rig.watch.goesOnUntil(() => performance.now() - cutMs >= 20_000);
      const isSlate = ({ isVideo, payload }: WatchedPacket): boolean =>
        isVideo && payload.includes(picture.subarray(2, 300));
      const shown = rig.watch.items.filter(isSlate);
      expect((shown[0]?.atMs ?? 0) - cutMs).toBeGreaterThan(4_500);
      expect((shown[0]?.atMs ?? 0) - cutMs).toBeLessThan(7_000);
      expect(shown.length).toBeGreaterThan(10);
      const back = rig.watch.items.length;
      rig.answer(CAMERA);
      await rig.until(() => rig.stream.state === 'live');
      await moves(rig, 100);
      const after = rig.watch.items.slice(back);
      expect(after.slice(after.findLastIndex(isSlate) + 1).length).toBeGreaterThan(50);
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      // The sound had no gap: no step is longer than two frames of AAC.
      expect(widest(sounds(rig.watch).slice(1))).toBeLessThan(200);
      expect(Math.abs(soundLead(rig.watch, back + 60) - before.lead)).toBeLessThan(60);
      expect(rig.server.lost).toBe(0);
    });

    it.each(['mpegts', 'lowLatency'] as const)(
      'plays B-frames by HLS (%s) from the first key frame on, over a new address, the slate and the camera again',
      async (hls) => {
        const rig = await startRig({ bFrames: 2 }, { hls });
        const watch = await playStream(`http://127.0.0.1:${rig.mediaMtx.ports.hls}/gate/index.m3u8`);
        onTestFinished(() => watch.stop());
        const goesOn = async (): Promise<void> => {
          const before = watch.items.length;
          await watch.goesOnUntil(() => watch.items.length > before + 60);
        };
        rig.answer({ ...CAMERA, clipKey: 'S2', cameraName: 'Away' });
        rig.stream.setSlate(await keyFrame(rig));
        rig.answer({ ...CAMERA, bFrames: 2 });
        await goesOn();
        rig.renew(2);
        await rig.until(() => rig.stream.revision === 2);
        await goesOn();
        rig.answer({ ...CAMERA, play: 'refuse' });
        rig.origin.cut(() => true);
        await rig.until(() => rig.news.some(({ kind }) => kind === 'slate'));
        rig.answer({ ...CAMERA, bFrames: 2 });
        await rig.until(() => rig.stream.state === 'live');
        await goesOn();
        expect([watch.ended, rig.mediaMtx.log()]).toEqual([false, expect.not.stringContaining('muxer error')]);
      },
    );

    it('answers an error while a cold camera sends nothing, and plays as soon as it does', async () => {
      const rig = await startRig();
      rig.answer({ ...CAMERA, play: 'refuse' });
      await expect(playStream(rig.address)).rejects.toThrow();
      rig.answer(CAMERA);
      const watch = await playStream(rig.address);
      onTestFinished(() => watch.stop());
      await watch.goesOnUntil(() => watch.items.length > 20);
    });
  },
);
