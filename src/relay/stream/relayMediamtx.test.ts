import { describe, expect, it, onTestFinished } from 'vitest';
import type { StreamVerdict } from '../../../simulator/origin/types.js';
import { mediaMtxProgram, until } from '../../../test/support/engine/mediamtx.js';
import { startRelayRig, type RelayRig, type RelayRigOptions } from '../../../test/support/relay/relayRig.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { watchPackets, type WatchedPacket } from '../../../test/support/viewers/packetWatch.js';
import { playStream, type StreamWatch } from '../../../test/support/viewers/streamWatch.js';
import { systemClock } from '../../systemClock.js';
import { rtmpPuller } from '../pull/puller.js';
import { PullSource } from '../pull/pullSource.js';
import { dial } from '../worker/dial.js';

const CAMERA: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'aac' };
const CHANGES = 10;
/** Waits end with an event and not after a time, so that a busy machine does not fail the test; this is its only limit. */
const LIMIT_MS = 180_000;
/** Each try takes ten seconds or more. */
const MOST_TRIES = 12;

const pictures = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] => items.filter(({ isVideo }) => isVideo);
const sounds = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] => items.filter(({ isVideo }) => !isVideo);

/** Time stamps of one track never fall; the simulated camera has no B-frames. */
function falls(packets: readonly WatchedPacket[]): number {
  return packets.filter(({ timeMs }, at) => timeMs < (packets[at - 1]?.timeMs ?? Number.NEGATIVE_INFINITY)).length;
}

async function startRig(camera: Partial<StreamVerdict> = {}, options: RelayRigOptions = {}): Promise<RelayRig> {
  const rig = await startRelayRig({ ...CAMERA, ...camera }, options);
  onTestFinished(() => rig.stop());
  await drawn(rig);
  rig.renew(1);
  return rig;
}

/** Resolves when the cloud has drawn its pictures, which takes a busy machine longer than a cold camera may need for its first one. */
async function drawn(rig: RelayRig): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await keyFrame(rig);
      return;
    } catch (thrown) {
      if (tries === MOST_TRIES) throw thrown;
    }
  }
}

async function watched(
  camera: Partial<StreamVerdict> = {},
): Promise<RelayRig & { readonly watch: StreamWatch<WatchedPacket> }> {
  const rig = await startRig(camera);
  const watch = await watchPackets(rig.address);
  onTestFinished(() => watch.stop());
  await watch.goesOnUntil(() => pictures(watch).length > 40 && sounds(watch).length > 10);
  return { ...rig, watch };
}

/** Resolves after `count` more pictures. */
async function moves({ watch }: { readonly watch: StreamWatch<WatchedPacket> }, count = 15): Promise<void> {
  const before = pictures(watch).length;
  await watch.goesOnUntil(() => pictures(watch).length > before + count);
}

/** A key frame of another camera, with its parameter sets. */
async function keyFrame(rig: RelayRig): Promise<readonly Buffer[]> {
  const pull = rtmpPuller({ dial, clock: systemClock, random: Math.random });
  const source = new PullSource(rig.target(99), pull, systemClock);
  const units = await new Promise<readonly Buffer[]>((resolve, reject) => {
    source.use({
      onUnit: (unit) => {
        if (unit.kind === 'picture' && unit.isKey) resolve(source.unitsOf(unit));
      },
      onEnd: ({ reason }) => reject(new Error(reason)),
    });
  });
  source.end({ reason: 'ended', code: null });
  return units;
}

/** How far the sound is ahead of the picture by time stamps, from one moment on: the median of what came, in ms. */
function soundLead(watch: StreamWatch<WatchedPacket>, from: number): number {
  const leads: number[] = [];
  let picture: WatchedPacket | null = null;
  for (const item of watch.items.slice(from)) {
    if (item.isVideo) picture = item;
    else if (picture) leads.push(item.timeMs - picture.timeMs - (item.atMs - picture.atMs));
  }
  return leads.sort((a, b) => a - b)[leads.length >> 1] ?? Number.NaN;
}

/** The largest step between two time stamps of one track, in ms. */
function widest(packets: readonly WatchedPacket[]): number {
  return Math.max(...packets.map(({ timeMs }, at) => timeMs - (packets[at - 1]?.timeMs ?? timeMs)));
}

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('the relay behind MediaMTX'))(
  'the relay behind MediaMTX',
  { timeout: LIMIT_MS },
  () => {
    it('plays picture and sound, and ten new addresses go unnoticed', async () => {
      const rig = await watched();
      for (let revision = 2; revision < 2 + CHANGES; revision++) {
        rig.renew(revision);
        await rig.until(() => rig.stream.revision === revision);
        await moves(rig);
      }
      expect([rig.watch.ended, falls(pictures(rig.watch)), falls(sounds(rig.watch))]).toEqual([false, 0, 0]);
      expect(rig.news.filter(({ kind }) => kind === 'pull-over')).toEqual([]);
      expect([rig.server.playing, rig.server.lost]).toEqual([1, 0]);
      // The cloud notices the closed pull a moment later.
      await until(() => rig.origin.pulls() === 1);
    });

    it('plays H.265 to FFmpeg, and a new address goes unnoticed', async () => {
      const rig = await startRig({ codec: 'h265' });
      const watch = await playStream(rig.address);
      onTestFinished(() => watch.stop());
      for (let revision = 2; revision < 4; revision++) {
        rig.renew(revision);
        await rig.until(() => rig.stream.revision === revision);
        const before = watch.items.length;
        await watch.goesOnUntil(() => watch.items.length > before + 40);
      }
      expect(watch.ended).toBe(false);
      expect(new Set(watch.items.map(({ isVideo }) => isVideo))).toEqual(new Set([true, false]));
    });

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

    it('is played by FFmpeg as a candidate, which is then in force without being opened again', async () => {
      const rig = await watched();
      const { whenGone, cap } = { whenGone: 'slate', cap: null } as const;
      rig.stream.tell({ target: rig.target(1), candidate: rig.target(2), whenGone, cap });
      await expect(playStream(rig.source('_lease/gate/7'))).rejects.toThrow();
      const proof = await playStream(rig.source('_lease/gate/2'));
      await proof.goesOnUntil(() => proof.items.filter(({ isVideo }) => isVideo).length > 20);
      expect([proof.items.find(({ isVideo }) => isVideo)?.isKey, rig.origin.pulls()]).toEqual([true, 2]);
      await proof.stop();
      rig.renew(2);
      await rig.until(() => rig.stream.revision === 2);
      await until(() => rig.origin.pulls() === 1);
      await moves(rig);
      expect([rig.watch.ended, falls(pictures(rig.watch))]).toEqual([false, 0]);
      expect(rig.news.filter(({ kind }) => kind === 'candidate')).toHaveLength(1);
    });

    it('pulls nothing once the reader has gone', async () => {
      const rig = await watched();
      await rig.watch.stop();
      await until(() => rig.origin.pulls() === 0 && rig.stream.state === 'idle');
    });
  },
);
