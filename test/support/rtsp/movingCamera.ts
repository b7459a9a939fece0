import { onTestFinished } from 'vitest';
import { startOrigin } from '../../../simulator/origin/server.js';
import { systemClock } from '../../../src/systemClock.js';
import { startInProcessRelay } from '../relay/inProcessRelay.js';

export interface MovingCamera {
  /** With user and password. */
  readonly url: string;
  readonly password: string;
  /** How many clients read its pictures. */
  readers(): Promise<number>;
  /** As when it is unplugged: connections break, and nobody listens any more. May be called twice. */
  stop(): Promise<void>;
}

/** An RTSP camera with a login whose H.264 picture moves; ends with the test. */
export async function startMovingCamera(name = 'Yard'): Promise<MovingCamera> {
  const origin = await startOrigin({
    clock: systemClock,
    keyFrameSeconds: 1,
    lookup: () => ({ cameraName: name, clipKey: name, play: 'camera', sound: 'none' }),
  });
  const server = await startInProcessRelay();
  await server.setCameras(
    new Map([
      [
        'cam',
        {
          target: { url: origin.rtmpUrl('live', name), givenBy: 'cloud', revision: 1, endsAt: null, tracks: null },
          ...{ candidate: null, whenGone: 'slate', cap: null },
        },
      ],
    ]),
    0,
  );
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    if (stopping === null) server.close();
    return (stopping ??= origin.stop());
  };
  onTestFinished(stop);
  const url = server.sourceFor('cam') ?? '';
  return {
    url,
    password: new URL(url).password,
    readers: async () => (await server.states())?.get('cam')?.readers ?? 0,
    stop,
  };
}
