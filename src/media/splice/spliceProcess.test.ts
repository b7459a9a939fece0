import process from 'node:process';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeGroup, FRAME_MS, markOf, publishMarked, type Group } from '../../../test/support/markedSource.js';
import { mediaMtxProgram, until } from '../../../test/support/mediamtx.js';
import { nodeAvFor } from '../../../test/support/nodeAv.js';
import { startSpliceRig, type SpliceRig } from '../../../test/support/spliceRig.js';
import { watchPackets, type WatchedPacket } from '../../../test/support/packetWatch.js';
import { playStream } from '../../../test/support/streamWatch.js';

/** How long a machine with much to do may hold up a packet; a change without a splice takes until the next key frame. */
const BUSY_MS = 1000;
/** Sources have a key frame every 4 s. */
let group: Group;
let rig: SpliceRig;

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the splice on real MediaMTX'))(
  'a splice on real MediaMTX',
  () => {
    beforeAll(async () => {
      group = await encodeGroup(4000 / FRAME_MS);
    });

    beforeEach(async () => {
      rig = await startSpliceRig();
    });

    afterEach(async () => {
      await rig.stop();
    });

    it('goes over to another source without a pause, sound and picture in step', async () => {
      await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      const viewer = rig.keep(await playStream(rig.address('cam')));
      const packets = rig.keep(await watchPackets(rig.address('cam')));
      await until(() => viewer.items.length > 50 && packets.items.length > 50);
      await rig.feed(8, group);
      const other = rig.keep(await untilOpen(() => watchPackets(rig.feeder(8))));
      // Its first key frame is over, so the next one is seconds away.
      await until(() => other.items.length > 30);
      const before = { viewer: viewer.items.length, packets: packets.items.length };
      await rig.carry(8);
      await rig.splice.arrived('cam', 8, 10_000);
      expect(await rig.splice.carried()).toMatchObject([{ cameraId: 'cam', revision: 8 }]);
      await until(() => viewer.items.length > before.viewer + 150 && packets.items.length > before.packets + 150);

      expect([viewer.ended, packets.ended]).toEqual([false, false]);
      const shown = viewer.items.slice(before.viewer).filter(({ isVideo }) => isVideo);
      expect(shown.some(({ isKey }) => isKey)).toBe(true);
      expect(longestStep(shown)).toBeLessThan(BUSY_MS);
      const pictures = packets.items.filter(({ isVideo }) => isVideo);
      const pictureSteps = steps([...new Set(pictures.map(({ timeMs }) => timeMs))]);
      expect(Math.min(...pictureSteps)).toBeGreaterThanOrEqual(FRAME_MS - 1);
      expect(Math.max(...pictureSteps)).toBeLessThanOrEqual(Math.max(3 * FRAME_MS, longestStep(pictures) + FRAME_MS));
      const sounds = packets.items.filter(({ isVideo }) => !isVideo);
      expect(Math.min(...steps(sounds.map(({ timeMs }) => timeMs)))).toBeGreaterThan(0);
      // What the marks say against the timestamps: the same distance for both, before and after.
      const [was, is] = [skew(packets.items.slice(0, before.packets)), skew(packets.items.slice(-60))];
      expect(is.picture - is.sound).toBeCloseTo(was.picture - was.sound, 0);
      expect(Math.abs(is.picture - was.picture)).toBeLessThan(BUSY_MS);
    });

    it('puts the new source’s parameter sets into the stream where it only describes them', async () => {
      await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      const packets = rig.keep(await watchPackets(rig.address('cam')));
      const large = await encodeGroup(25, '320x240');
      await rig.feed(8, large, { describedOnly: true });
      await rig.carry(8);
      await rig.splice.arrived('cam', 8, 10_000);
      await until(() => packets.items.some(({ payload }) => payload.includes(large.sps)));
    });

    it('leaves the path to the slate while the source is away, and is back with it', async () => {
      const source = await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      expect(await rig.isOnline()).toBe(true);
      const packets = rig.keep(await watchPackets(rig.address('cam')));
      source.stop();
      await until(async () => !(await rig.isOnline()));
      expect(await rig.splice.carried()).toMatchObject([{ revision: null }]);
      await rig.feed(7, group);
      await rig.splice.arrived('cam', 7, 10_000);
      expect(await rig.isOnline()).toBe(true);
      expect(packets.ended).toBe(false);
    });

    it('takes the path from who publishes it only when it has a key frame, and takes it back when it is taken away', async () => {
      rig.keep(await publishMarked(rig.address('cam'), group));
      await rig.carry(7);
      await expect(rig.splice.arrived('cam', 7, 300)).rejects.toMatchObject({ code: 'SPLICE_NO_PICTURE' });
      expect(await rig.isOnline()).toBe(true);
      await rig.feed(7, await encodeGroup(25));
      await rig.splice.arrived('cam', 7, 10_000);
      rig.keep(await publishMarked(rig.address('cam'), group));
      await until(async () => (await rig.splice.carried())[0]?.revision === null);
      await rig.splice.arrived('cam', 7, 10_000);
    });

    it('says at once that a source has other tracks, and goes on with the old one', async () => {
      await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      await rig.feed(8, group, { sound: false });
      await rig.carry(8);
      await expect(rig.splice.arrived('cam', 8, 10_000)).rejects.toMatchObject({ code: 'SPLICE_OTHER_TRACKS' });
      expect(await rig.splice.carried()).toMatchObject([{ revision: 7 }]);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 1_000);
    });

    it('says why a source does not arrive, without any address', async () => {
      const missing = rig.carry(9).then(() => rig.splice.arrived('cam', 9, 500));
      await expect(missing).rejects.toMatchObject({
        code: 'SPLICE_NO_PICTURE',
        message: expect.stringMatching(/^[^:]+\.$/) as string,
      });
      await rig.splice.carry('cam', { from: 'rtsp://127.0.0.1:1/x', to: rig.address('cam'), revision: 10 });
      await expect(rig.splice.arrived('cam', 10, 500)).rejects.toMatchObject({ code: 'SPLICE_UNREACHABLE' });
      const waiting = rig.splice.arrived('cam', 10, 10_000);
      const gone = expect(waiting).rejects.toMatchObject({ code: 'SPLICE_SUPERSEDED' });
      await rig.splice.drop('cam');
      await gone;
      expect(await rig.splice.carried()).toEqual([]);
    });

    it('tells that its process died and that it is back, and carries again', async () => {
      await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      const told = new Promise<void>((lost) => rig.splice.listen({ lost }));
      const back = new Promise<void>((restarted) => rig.splice.listen({ restarted }));
      const waiting = rig.splice.arrived('cam', 8, 10_000);
      await expect(waiting).rejects.toMatchObject({ code: 'SPLICE_SUPERSEDED' });
      process.kill(rig.splice.pid() ?? 0, 'SIGKILL');
      await told;
      expect(rig.splice.available()).toBe(false);
      await until(async () => !(await rig.isOnline()));
      await back;
      expect(await rig.splice.carried()).toEqual([]);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
    });

    it('carries on by itself after the media server was killed', async () => {
      await rig.feed(7, group);
      await rig.carry(7);
      await rig.splice.arrived('cam', 7, 10_000);
      await rig.mediaMtx.kill();
      await until(async () => (await rig.splice.carried())[0]?.revision === null);
      await rig.mediaMtx.start();
      await rig.feed(7, group);
      await rig.splice.arrived('cam', 7, 10_000);
      expect(await rig.isOnline()).toBe(true);
    });

    it('carries 50 cameras and changes all of them at once', async () => {
      await rig.feed(7, await encodeGroup(50));
      await rig.feed(8, await encodeGroup(50));
      const ids = Array.from({ length: 50 }, (_, index) => `many${index}`);
      for (const revision of [7, 8]) {
        await Promise.all(ids.map((id) => rig.carry(revision, id)));
        await Promise.all(ids.map((id) => rig.splice.arrived(id, revision, 15_000)));
        expect((await rig.splice.carried()).filter((one) => one.revision === revision)).toHaveLength(50);
      }
    });
  },
);

function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

function longestStep(items: readonly { readonly atMs: number }[]): number {
  return Math.max(...steps(items.map(({ atMs }) => atMs)));
}

/** A path that was published a moment ago may not be there yet. */
async function untilOpen<T>(open: () => Promise<T>): Promise<T> {
  const found: T[] = [];
  await until(async () => found.push(await open()) > 0);
  const [first] = found;
  if (first === undefined) throw new Error('It does not open.');
  return first;
}

/** How far the timestamps are from the moments that picture and sound say they are of. */
function skew(packets: readonly WatchedPacket[]): { picture: number; sound: number } {
  const of = (isVideo: boolean): number => {
    const marked = packets.filter((packet) => packet.isVideo === isVideo);
    const found = marked.map(({ timeMs, payload }) => {
      const mark = markOf(payload, isVideo ? 'video' : 'audio');
      return mark === null ? null : timeMs - mark;
    });
    const [first] = found.filter((distance) => distance !== null);
    if (first === undefined) throw new Error('There is no mark.');
    return first;
  };
  return { picture: of(true), sound: of(false) };
}
