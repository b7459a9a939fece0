import { onTestFinished } from 'vitest';
import type { StreamVerdict } from '../../../simulator/origin/types.js';
import { startRelayRig, type RelayRig, type RelayRigOptions } from './relayRig.js';
import { watchPackets, type WatchedPacket } from '../viewers/packetWatch.js';
import type { StreamWatch } from '../viewers/streamWatch.js';
import { systemClock } from '../../../src/systemClock.js';
import { rtmpPuller } from '../../../src/relay/pull/puller.js';
import { PullSource } from '../../../src/relay/pull/pullSource.js';
import { dial } from '../../../src/relay/worker/dial.js';

export const CAMERA: StreamVerdict = { play: 'camera', cameraName: 'Gate', clipKey: 'S1', sound: 'aac' };
export const CHANGES = 10;
/** Waits end with an event and not after a time, so that a busy machine does not fail the test; this is its only limit. */
export const LIMIT_MS = 180_000;
/** Each try takes ten seconds or more. */
const MOST_TRIES = 12;

export const pictures = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] =>
  items.filter(({ isVideo }) => isVideo);
export const sounds = ({ items }: StreamWatch<WatchedPacket>): WatchedPacket[] =>
  items.filter(({ isVideo }) => !isVideo);

/** Time stamps of one track never fall; the simulated camera has no B-frames. */
export function falls(packets: readonly WatchedPacket[]): number {
  return packets.filter(({ timeMs }, at) => timeMs < (packets[at - 1]?.timeMs ?? Number.NEGATIVE_INFINITY)).length;
}

export async function startRig(camera: Partial<StreamVerdict> = {}, options: RelayRigOptions = {}): Promise<RelayRig> {
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

export async function watched(
  camera: Partial<StreamVerdict> = {},
): Promise<RelayRig & { readonly watch: StreamWatch<WatchedPacket> }> {
  const rig = await startRig(camera);
  const watch = await watchPackets(rig.address);
  onTestFinished(() => watch.stop());
  await watch.goesOnUntil(() => pictures(watch).length > 40 && sounds(watch).length > 10);
  return { ...rig, watch };
}

/** Resolves after `count` more pictures. */
export async function moves({ watch }: { readonly watch: StreamWatch<WatchedPacket> }, count = 15): Promise<void> {
  const before = pictures(watch).length;
  await watch.goesOnUntil(() => pictures(watch).length > before + count);
}

/** A key frame of another camera, with its parameter sets. */
export async function keyFrame(rig: RelayRig): Promise<readonly Buffer[]> {
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
export function soundLead(watch: StreamWatch<WatchedPacket>, from: number): number {
  const leads: number[] = [];
  let picture: WatchedPacket | null = null;
  for (const item of watch.items.slice(from)) {
    if (item.isVideo) picture = item;
    else if (picture) leads.push(item.timeMs - picture.timeMs - (item.atMs - picture.atMs));
  }
  return leads.sort((a, b) => a - b)[leads.length >> 1] ?? Number.NaN;
}

/** The largest step between two time stamps of one track, in ms. */
export function widest(packets: readonly WatchedPacket[]): number {
  return Math.max(...packets.map(({ timeMs }, at) => timeMs - (packets[at - 1]?.timeMs ?? timeMs)));
}
