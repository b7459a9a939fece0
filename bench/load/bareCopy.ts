import { rtmpPuller } from '../../src/relay/pull/puller.js';
import { dial } from '../../src/relay/worker/dial.js';
import { systemClock } from '../../src/systemClock.js';
import { processorMs, startCopy } from './processes.js';

const SETTLE_MS = 5_000;

/**
 * The processor time, in ms per second and camera, of a process that does nothing but copy the pulls of so many cameras from the origin's
 * port to their pullers.
 */
export async function bareCopyMs(originPort: number, cameras: number, lengthMs: number): Promise<number> {
  const copy = await startCopy(originPort);
  const pull = rtmpPuller({ dial, clock: systemClock, random: Math.random });
  const playing = new Set<number>();
  const pulls = Array.from({ length: cameras }, (_, at) => {
    const url = `rtmp://127.0.0.1:${copy.port}/v3/openlive/copied-${at}`;
    return pull(
      { url, givenBy: 'cloud', revision: 1, endsAt: null, tracks: null },
      { onUnit: () => playing.add(at), onBytes: () => undefined, onEnd: () => playing.delete(at) },
    );
  });
  try {
    await pause(SETTLE_MS);
    const beforeMs = processorMs([copy.pid]);
    const beganMs = performance.now();
    await pause(lengthMs);
    const usedMs = processorMs([copy.pid]) - beforeMs;
    if (playing.size < cameras) throw new Error(`Only ${playing.size} of ${cameras} pulls were copied.`);
    return usedMs / ((performance.now() - beganMs) / 1_000) / cameras;
  } finally {
    for (const one of pulls) one.stop();
    copy.stop();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
