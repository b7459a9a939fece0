import type { Camera } from '../../src/core/camera/camera.js';
import type { Lease } from '../../src/core/camera/lease.js';
import type { StreamTracks } from '../../src/core/camera/tracks.js';
import type { CachedCameraStore } from '../../src/store/memory/cachedCameraStore.js';

const DAY_MS = 86_400_000;
const OWNER = 'bench';
/** An address at which nothing listens. */
const NOWHERE = '127.0.0.1:9';
const CLAIMED_AT_ONCE = 500;

export const TRACKS: StreamTracks = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };

/** Stores on-demand cameras, each with a proven lease. `origin`: host and port of their addresses; absent: nothing listens there. */
export async function storeCameras(store: CachedCameraStore, count: number, origin = NOWHERE): Promise<void> {
  const now = new Date();
  for (let index = 0; index < count; index++) {
    const deviceSerial = `BENCH${String(index).padStart(5, '0')}`;
    const lease: Lease = { ...aLease(deviceSerial, 1, now, origin), proof: 'proven', provenAt: now, tracks: TRACKS };
    const source = {
      kind: 'cloud' as const,
      vendor: 'hikconnect' as const,
      // Each camera has its own account, so that no stream budget spreads the proofs, which are not measured.
      account: `bench-${index}`,
      deviceSerial,
      channel: 1,
      resourceId: `resource-${index}`,
    };
    await store.create({ name: `Camera ${index}`, source, lease }, now);
  }
}

/** Stores a candidate of the next revision for every camera. */
export async function storeCandidates(store: CachedCameraStore, origin = NOWHERE): Promise<void> {
  const now = new Date();
  const cameras = store.peekAll();
  for (let from = 0; from < cameras.length; from += CLAIMED_AT_ONCE) {
    const ids = cameras.slice(from, from + CLAIMED_AT_ONCE).map(({ id }) => id);
    for (const claim of await store.claim(OWNER, ids)) {
      await store.saveCandidate(claim, aLease(serialOf(claim.camera), nextRevision(claim.camera), now, origin), now);
    }
  }
}

function nextRevision({ lease }: Camera): number {
  return (lease?.revision ?? 0) + 1;
}

function aLease(serial: string, revision: number, now: Date, origin: string): Lease {
  const expiresAt = new Date(now.getTime() + 7 * DAY_MS);
  const id = `${revision}${serial.slice(-5)}`;
  const query = `expire=${Math.floor(expiresAt.getTime() / 1000)}&id=${id}&c=0123456789&t=${'0f'.repeat(32)}&ev=100`;
  return {
    revision,
    url: `rtmp://${origin}/v3/openlive/${serial}_1_1?${query}`,
    urlId: id,
    quality: 'main',
    obtainedAt: now,
    expiresAt,
    renewAt: new Date(now.getTime() + 5 * DAY_MS),
    proof: 'pending',
    provenAt: null,
    tracks: null,
  };
}

function serialOf({ source }: Camera): string {
  if (source.kind !== 'cloud') throw new Error('The fleet has cloud cameras alone.');
  return source.deviceSerial;
}
