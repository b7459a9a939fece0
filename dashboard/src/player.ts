import { ApiError, getLive } from './api';
import { playHls } from './hls';
import { playWhep, type Session } from './whep';

export type Transport = 'webrtc' | 'hls';

/**
 * - `connecting`: no picture yet.
 * - `playing`: pictures come.
 * - `reconnecting`: they came, and stopped.
 * - `waiting`: the camera has none now (the reason is said); it is asked again.
 * - `stopped`: by hand.
 */
export type PlayerState = 'connecting' | 'playing' | 'reconnecting' | 'waiting' | 'stopped';

export interface PlayerView {
  readonly state: PlayerState;
  readonly transport: Transport | null;
  /** What is wrong, as a sentence; null when nothing is. */
  readonly problem: string | null;
}

export interface PlayerOptions {
  readonly cameraId: string;
  /** Only this one; both, WebRTC first, when left out. */
  readonly transport?: Transport | null;
  readonly onChange?: (view: PlayerView) => void;
}

export interface Player {
  stop(): void;
}

/** Until the first picture; a camera that nobody watched is pulled from the cloud first. */
const FIRST_PICTURE_MS: Readonly<Record<Transport, number>> = { webrtc: 12_000, hls: 25_000 };
/** HLS mends short gaps by itself, so it gets longer. */
const STILL_MS: Readonly<Record<Transport, number>> = { webrtc: 4_000, hls: 8_000 };
const LOOK_MS = 500;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** After WebRTC gave no picture where HLS did (UDP is blocked, say), HLS goes first for this long. */
const HLS_FIRST_MS = 5 * 60_000;

/**
 * Plays one camera into a video element for as long as it is wanted: WebRTC by WHEP, else HLS; reconnects by itself. What it
 * does is in `data-transport`, `data-state` and `data-problem` of the element too.
 */
export function play(video: HTMLVideoElement, options: PlayerOptions): Player {
  const wanted = new AbortController();
  const { signal } = wanted;
  let hlsFirstUntil = 0;
  const show = (view: PlayerView): void => {
    video.dataset['state'] = view.state;
    video.dataset['transport'] = view.transport ?? '';
    video.dataset['problem'] = view.problem ?? '';
    options.onChange?.(view);
  };
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;

  void run();
  return {
    stop: () => {
      wanted.abort(new Error('stopped'));
      show({ state: 'stopped', transport: null, problem: null });
    },
  };

  async function run(): Promise<void> {
    let hadPicture = false;
    let waitMs = FIRST_WAIT_MS;
    show({ state: 'connecting', transport: null, problem: null });
    while (!signal.aborted) {
      let problem: string;
      let waiting = false;
      try {
        const { webrtcUrl, hlsUrl } = await getLive(options.cameraId, signal);
        const played = await playOnce({ webrtc: `${webrtcUrl}/whep`, hls: hlsUrl }, hadPicture);
        problem = played.problem;
        if (played.hadPicture) {
          hadPicture = true;
          waitMs = FIRST_WAIT_MS;
        }
      } catch (error) {
        waiting = error instanceof ApiError;
        problem = error instanceof ApiError ? [error.message, error.cure].join(' ') : 'camlease does not answer.';
      }
      if (isOver()) return;
      const state = waiting ? 'waiting' : hadPicture ? 'reconnecting' : 'connecting';
      show({ state, transport: null, problem });
      // Spread, so that a hundred players do not come back to a restarted server in one moment.
      await pause(waitMs * (0.75 + Math.random() / 2), signal);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    }
  }

  /** Tries the transports in turn; returns when one that had a picture lost it, or none had one. */
  async function playOnce(
    urls: Readonly<Record<Transport, string>>,
    again: boolean,
  ): Promise<{ readonly hadPicture: boolean; readonly problem: string }> {
    let problem = '';
    const order = orderOf();
    for (const transport of order) {
      show({ state: again ? 'reconnecting' : 'connecting', transport, problem: null });
      const session = await start(transport, urls[transport]).catch((error: unknown) => {
        problem = error instanceof Error ? error.message : String(error);
        return null;
      });
      if (isOver()) session?.stop();
      if (session === null || isOver()) continue;
      const firstProblem = await firstPicture(video, session, FIRST_PICTURE_MS[transport], signal);
      if (firstProblem === null) {
        if (transport === 'hls' && order[0] === 'webrtc') hlsFirstUntil = performance.now() + HLS_FIRST_MS;
        if (!isOver()) show({ state: 'playing', transport, problem: null });
        problem = await lostPicture(video, session, STILL_MS[transport], signal);
        session.stop();
        return { hadPicture: true, problem };
      }
      problem = firstProblem;
      session.stop();
    }
    return { hadPicture: false, problem };
  }

  function start(transport: Transport, url: string): Promise<Session> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(FIRST_PICTURE_MS[transport])]);
    return transport === 'webrtc' ? playWhep(video, url, limited) : playHls(video, url, limited);
  }

  function orderOf(): readonly Transport[] {
    if (options.transport) return [options.transport];
    return performance.now() < hlsFirstUntil ? ['hls', 'webrtc'] : ['webrtc', 'hls'];
  }

  function isOver(): boolean {
    return signal.aborted;
  }
}

/** null when a picture came; else why none did. */
async function firstPicture(
  video: HTMLVideoElement,
  session: Session,
  ms: number,
  signal: AbortSignal,
): Promise<string | null> {
  const before = pictures(video);
  let endMs = performance.now() + ms;
  const lostReason = watchLost(session);
  void video.play().catch(() => undefined);
  while (!signal.aborted && performance.now() < endMs) {
    // The count starts afresh with some sources, so any difference is a picture.
    if (pictures(video) !== before && pictures(video) > 0) return null;
    const lost = lostReason();
    if (lost !== null) return lost;
    // A hidden page shows nothing, however well it plays: its patience begins when somebody looks.
    if (document.hidden) endMs = performance.now() + ms;
    await pause(LOOK_MS / 5, signal);
  }
  return 'No picture came in time';
}

/** Resolves with the reason when pictures stop coming. */
async function lostPicture(
  video: HTMLVideoElement,
  session: Session,
  stillMs: number,
  signal: AbortSignal,
): Promise<string> {
  let seen = pictures(video);
  let seenAtMs = performance.now();
  const lostReason = watchLost(session);
  while (!signal.aborted) {
    await pause(LOOK_MS, signal);
    const lost = lostReason();
    if (lost !== null) return lost;
    const now = pictures(video);
    // A hidden page decodes nothing, and somebody may have paused: neither is a fault.
    if (now !== seen || document.hidden || video.paused) {
      seen = now;
      seenAtMs = performance.now();
      if (video.paused && !document.hidden && !video.controls) void video.play().catch(() => undefined);
    } else if (performance.now() - seenAtMs >= stillMs) {
      return 'The picture stopped';
    }
  }
  return 'stopped';
}

/** Why the session was lost, once it was. */
function watchLost(session: Session): () => string | null {
  let lost: string | null = null;
  void session.lost.then((reason) => (lost = reason));
  return () => lost;
}

function pictures(video: HTMLVideoElement): number {
  return video.getVideoPlaybackQuality().totalVideoFrames;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
