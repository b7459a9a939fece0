import type { CameraId } from '../../../src/core/camera/camera.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import { takenOver } from '../../../src/engine/mediamtx/file/configFile.js';
import type { EngineLog } from '../../../src/engine/engineLog.js';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { MediaEngine } from '../../../src/engine/mediaEngine.js';
import { idOf } from '../world/pulls.js';
import type { Machine } from './machine.js';
import type { World } from './world.js';

/** The media server's own name, which all of them read. */
export const MARKER = 'media-1';

export interface SharedDoorParts {
  /** Asked right before everything that changes the media server, as the engine does. */
  readonly mayWrite: () => boolean;
  /** Under which this replica owns the media server. */
  readonly fence: () => number;
  readonly onWrite: (marker: string) => void;
  readonly log: EngineLog;
  /** A proof is over; its answer has not come yet. */
  readonly onProved: (id: CameraId) => void;
}

/** How one life of a replica reaches the media server that all of them share, and the relay beside it. */
export function sharedDoor(world: World, machine: Machine, parts: SharedDoorParts): MediaEngine {
  const { chance, book, engine } = world;
  const mayWrite = async (): Promise<void> => {
    await machine.taken();
    if (!parts.mayWrite()) throw takenOver();
  };
  const beforeWrite = async (): Promise<void> => {
    await mayWrite();
    // It is among the paths that are told.
    world.engineFence = parts.fence();
  };
  const door = engine.door(() => machine.isAlive, {
    clock: machine,
    log: parts.log,
    fence: parts.fence,
    wire: () => world.toRelay(machine),
    beforeWrite,
  });
  const back = async <T>(answer: T): Promise<T> => {
    await world.wait(Math.round(chance.between(2, 30)));
    await machine.taken();
    return answer;
  };
  return {
    media: null,
    start: () => door.start(),
    stop: () => door.stop(),
    status: () => door.status(),
    onReset: (listener) => door.onReset(listener),
    plan: () => door.plan(),
    swapsUnnoticed: (camera, from, to) => door.swapsUnnoticed(camera, from, to),
    movesFreely: (camera) => door.movesFreely(camera),
    links: (id) => door.links(id),
    marker: () => Promise.resolve(engine.away > 0 ? null : { name: MARKER, fence: world.engineFence }),
    standBy: () => door.standBy(),
    states: async () => back(await door.states()),
    viewers: async () => back(await door.viewers()),
    async apply(streams: DesiredStreams, signal?: AbortSignal) {
      await mayWrite();
      signal?.throwIfAborted();
      parts.onWrite(MARKER);
      return back(await door.apply(streams, signal));
    },
    async prove(id: CameraId, lease: PullTarget, signal?: AbortSignal) {
      await machine.taken();
      const proof = await door.prove(id, lease, signal);
      book.leases.proved(idOf(lease.url));
      parts.onProved(id);
      return back(proof);
    },
  };
}
