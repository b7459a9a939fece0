import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { ClipStore } from '../clips/clipStore.js';
import { cameraPicture, errorPicture } from '../clips/testPicture.js';
import { beeps } from '../clips/testSound.js';
import type { Clips } from './mediaFeed.js';
import { Pacer } from './pacer.js';
import type { PlayDeps } from './play.js';
import { Session } from './session.js';
import type { Origin, OriginOptions, StreamVerdict } from './types.js';

/** Half a minute of picture; a client that is further behind is cut. */
const MAX_BACKLOG_BYTES = 1_000_000;
const HOST = '127.0.0.1';

/** Starts the origin; rejects when its port is taken. */
export async function startOrigin(options: OriginOptions): Promise<Origin> {
  const { clock, lookup, onOpen, onClose, onProblem, keyFrameSeconds } = options;
  const mediaClock = options.mediaClock ?? clock;
  const clips = new ClipStore({ clock: mediaClock });
  const clipsFor = (verdict: StreamVerdict): Clips => {
    const atSecond = Math.floor(clock.now().getTime() / 1000);
    if (verdict.play === 'error-clip') return { picture: clips.get('error-clip', errorPicture(), 0), sound: null };
    const { clipKey, cameraName, codec = 'h264', bFrames = 0, sound } = verdict;
    const keyFrames = verdict.keyFrameSeconds ?? keyFrameSeconds ?? 1;
    const spec = { ...cameraPicture(clipKey, cameraName, keyFrames), codec, bFrames };
    return {
      picture: clips.get(`camera ${clipKey} ${codec} ${keyFrames} ${bFrames}`, spec, atSecond),
      sound: sound === 'aac' ? clips.get('beeps', beeps(), atSecond) : null,
    };
  };
  const maxBacklogBytes = options.maxBacklogBytes ?? MAX_BACKLOG_BYTES;
  const pacer = new Pacer(mediaClock);
  const deps: PlayDeps = { clock, mediaClock, pacer, clipsFor, maxBacklogBytes, lookup, onOpen, onClose, onProblem };

  const sessions = new Set<Session>();
  const server = createServer((socket) => {
    const session = new Session(socket, deps);
    sessions.add(session);
    socket.once('close', () => sessions.delete(session));
  });
  server.listen(options.port ?? 0, HOST);
  await once(server, 'listening');
  const port = portOf(server);

  const playing = (): Session[] => [...sessions].filter((session) => session.playing !== null);
  return {
    port,
    rtmpUrl: (app, stream) => `rtmp://${HOST}:${port}/${app}/${stream}`,
    pulls: () => playing().length,
    cut(matches) {
      const hit = playing().filter((session) => matches(session.playing ?? ''));
      for (const session of hit) session.cut();
      return hit.length;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.cut();
      await Promise.all([closed, clips.stop()]);
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The origin has no port.');
  return address.port;
}
