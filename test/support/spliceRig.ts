import { createSpliceProcess, type SpliceProcess } from '../../src/media/splice/spliceProcess.js';
import { systemClock } from '../../src/systemClock.js';
import { publishMarked, type Group, type MarkedSourceOptions } from './markedSource.js';
import { makeMediaMtx, type TestMediaMtx } from './mediamtx.js';

const CONFIG = `
hls: no
webrtc: no
pathDefaults: {overridePublisher: yes}
paths:
  cam:
    alwaysAvailable: yes
    alwaysAvailableTracks: [{codec: H264}, {codec: G711, sampleRate: 8000, channelCount: 1, muLaw: no}]
  all_others:
`;

/** A splice process and a MediaMTX with the public path `cam` and feeders below `_lease`. */
export interface SpliceRig {
  readonly mediaMtx: TestMediaMtx;
  readonly splice: SpliceProcess;
  address(path: string): string;
  feeder(revision: number): string;
  feed(revision: number, group: Group, more?: MarkedSourceOptions): Promise<{ stop(): void }>;
  carry(revision: number, cameraId?: string): Promise<void>;
  /** Whether somebody publishes `cam`; false: its viewers see the slate. */
  isOnline(): Promise<boolean>;
  /** Ends it with the rig. */
  keep<T extends { stop(): unknown }>(thing: T): T;
  stop(): Promise<void>;
}

export async function startSpliceRig(): Promise<SpliceRig> {
  const mediaMtx = await makeMediaMtx(CONFIG);
  await mediaMtx.start();
  const splice = createSpliceProcess({ clock: systemClock });
  await splice.start();
  const kept: { stop(): unknown }[] = [];
  const keep = <T extends { stop(): unknown }>(thing: T): T => {
    kept.push(thing);
    return thing;
  };
  const address = (path: string): string => `rtsp://127.0.0.1:${mediaMtx.ports.rtsp}/${path}`;
  const feeder = (revision: number): string => address(`_lease/cam/${revision}`);
  return {
    mediaMtx,
    splice,
    address,
    feeder,
    keep,
    feed: async (revision, group, more) => keep(await publishMarked(feeder(revision), group, more)),
    carry: (revision, cameraId = 'cam') =>
      splice.carry(cameraId, { from: feeder(revision), to: address(cameraId), revision }),
    isOnline: async () => {
      const path: unknown = await (await fetch(`${mediaMtx.apiUrl}/v3/paths/get/cam`)).json();
      return typeof path === 'object' && path !== null && 'online' in path && path.online === true;
    },
    stop: async () => {
      for (const thing of kept) await thing.stop();
      await splice.stop();
      await mediaMtx.stop();
    },
  };
}
