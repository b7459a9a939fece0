import { describe, expect, it, onTestFinished } from 'vitest';
import type { StreamVerdict } from '../../simulator/origin/types.js';
import { mediaMtxProgram, until } from '../../test/support/mediamtx.js';
import { nodeAvFor } from '../../test/support/nodeAv.js';
import { startRelayRig, type RelayRig } from '../../test/support/relayRig.js';
import { playStream, watchPackets, type StreamWatch, type WatchedPacket } from '../../test/support/streamWatch.js';

const CAMERA: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'aac' };
const CHANGES = 10;

const pictures = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] => items.filter(({ isVideo }) => isVideo);
const sounds = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] => items.filter(({ isVideo }) => !isVideo);

/** Time stamps of one track never fall; the simulated camera has no B-frames. */
function falls(packets: readonly WatchedPacket[]): number {
  return packets.filter(({ timeMs }, at) => timeMs < (packets[at - 1]?.timeMs ?? Number.NEGATIVE_INFINITY)).length;
}

async function startRig(codec: 'h264' | 'h265'): Promise<RelayRig> {
  const rig = await startRelayRig({ ...CAMERA, codec });
  onTestFinished(() => rig.stop());
  rig.renew(1);
  return rig;
}

async function watched(): Promise<RelayRig & { readonly watch: StreamWatch<WatchedPacket> }> {
  const rig = await startRig('h264');
  const watch = await watchPackets(rig.address);
  onTestFinished(() => watch.stop());
  await until(() => pictures(watch).length > 40 && sounds(watch).length > 10);
  return { ...rig, watch };
}

/** So many pictures more than now. */
async function moves({ watch }: { readonly watch: StreamWatch<WatchedPacket> }, count = 15): Promise<void> {
  const before = pictures(watch).length;
  await until(() => watch.ended || pictures(watch).length > before + count);
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the relay behind MediaMTX'))(
  'the relay behind MediaMTX',
  () => {
    it('plays picture and sound, and ten new addresses go unnoticed', async () => {
      const rig = await watched();
      for (let revision = 2; revision < 2 + CHANGES; revision++) {
        rig.renew(revision);
        await until(() => rig.stream.revision === revision);
        await moves(rig);
      }
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      expect(rig.news.filter(({ kind }) => kind === 'pull-over')).toEqual([]);
      expect([rig.server.playing, rig.server.lost, rig.origin.pulls()]).toEqual([1, 0, 1]);
    });

    it('plays H.265 to FFmpeg, and a new address goes unnoticed', async () => {
      const rig = await startRig('h265');
      const watch = await playStream(rig.address);
      onTestFinished(() => watch.stop());
      for (let revision = 2; revision < 4; revision++) {
        rig.renew(revision);
        await until(() => rig.stream.revision === revision);
        const before = watch.items.length;
        await until(() => watch.ended || watch.items.length > before + 40);
      }
      expect(watch.ended).toBe(false);
      expect(new Set(watch.items.map(({ isVideo }) => isVideo))).toEqual(new Set([true, false]));
    });

    it('goes on over ten cuts by the cloud', async () => {
      const rig = await watched();
      for (let cut = 1; cut <= CHANGES; cut++) {
        await until(() => rig.stream.state === 'live');
        expect(rig.origin.cut(() => true)).toBe(1);
        await until(
          () => rig.news.filter(({ kind }) => kind === 'pull-over').length >= cut && rig.stream.state === 'live',
        );
        await moves(rig);
      }
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      const times = pictures(rig.watch).map(({ atMs }) => atMs);
      expect(Math.max(...times.map((ms, at) => ms - (times[at - 1] ?? ms)))).toBeLessThan(5_000);
    });

    it('pulls nothing once the reader has gone', async () => {
      const rig = await watched();
      await rig.watch.stop();
      await until(() => rig.origin.pulls() === 0 && rig.stream.state === 'idle');
    });
  },
);
