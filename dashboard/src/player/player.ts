import { ApiError } from '../api';
import { coverOf } from './cover';
import { firstPicture, FrameWatch, peek } from './frames';
import { Pace } from './pace';
import { pause } from './pause';
import { Reach, type Reached, type Transport } from './reach';

export type { Transport } from './reach';

/**
 * - `connecting`: no picture yet.
 * - `playing`: pictures come.
 * - `reconnecting`: pictures came and stopped; the last picture stays.
 * - `waiting`: the camera has no pictures now (`problem` says why); the player tries again.
 * - `stopped`: `stop` was called.
 */
export type PlayerState = 'connecting' | 'playing' | 'reconnecting' | 'waiting' | 'stopped';

export interface PlayerView {
  readonly state: PlayerState;
  readonly transport: Transport | null;
  /** A sentence about what is wrong; null: nothing. */
  readonly problem: string | null;
}

export interface PlayerOptions {
  readonly cameraId: string;
  /** The only transport to use; absent or null: both, WebRTC first. */
  readonly transport?: Transport | null;
  readonly onChange?: (view: PlayerView) => void;
}

export interface Player {
  stop(): void;
}

/**
 * How long pictures may stand still while data arrives. Stand-ins for a camera that is away come at least every 4 s, and a new session
 * would show nothing else. HLS has seconds in its buffer and fills short gaps by itself.
 */
const STILL_MS: Readonly<Record<Transport, number>> = { webrtc: 6_000, hls: 8_000 };
/** The same while nothing arrives over the connection any more. */
const SILENT_STILL_MS = 600;
/** Limit for the first picture on the screen; the session has received it already. */
const SHOWN_WITHIN_MS = 10_000;
const LOOK_MS = 50;
/** The reason of a shorter interruption is not shown: a user could not read it in time. */
const WORTH_TELLING_MS = 3_000;
/** A session that played for less counts as a failed try, so that waits go on growing. */
const CURED_MS = 5_000;

/**
 * Plays one camera in a video element until `stop`: by WebRTC (WHEP), else by HLS. When pictures stop, the last picture stays while a
 * second session is opened beside the first. The state is also in the element's `data-transport`, `data-state` and `data-problem`.
 */
export function play(video: HTMLVideoElement, options: PlayerOptions): Player {
  const wanted = new AbortController();
  const { signal } = wanted;
  const cover = coverOf(video);
  const pace = new Pace();
  const reach = new Reach(options.cameraId, options.transport ?? null, (transport) => say(idle(), transport, problem));
  let problem: string | null = null;
  let troubleAtMs = performance.now();
  let shown: Reached | null = null;

  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  void run();
  return {
    stop: () => {
      wanted.abort(new Error('stopped'));
      shown?.session.stop();
      cover.clear();
      say('stopped');
    },
  };

  async function run(): Promise<void> {
    say('connecting');
    let next = await reachAnew(signal);
    while (next !== null) {
      await change(next);
      next = await keep(next);
    }
  }

  /** Tries until there is a session; null: `until` was aborted. */
  async function reachAnew(until: AbortSignal): Promise<Reached | null> {
    while (!until.aborted) {
      // It rejects when it is aborted, so no session can arrive too late.
      const reached = await reach.once(until).catch((error: unknown) => {
        if (!until.aborted) complain(error);
        return null;
      });
      if (reached !== null) return reached;
      await pause(pace.next(), until);
    }
    return null;
  }

  /** Shows the new session in place of the old one, whose last picture stays until the first new one. */
  async function change(next: Reached): Promise<void> {
    const { session, transport } = next;
    cover.take(session.preview ?? video, 'above');
    shown?.session.stop();
    shown = next;
    session.show(video);
    problem = await firstPicture(video, session.lost, SHOWN_WITHIN_MS, signal);
    say(problem === null ? 'playing' : 'reconnecting', transport, problem);
    if (problem === null) cover.clear();
  }

  /** Watches the shown session; when its pictures stop, resolves with a new session that has pictures. */
  async function keep({ session, transport }: Reached): Promise<Reached | null> {
    const frames = new FrameWatch(video, () => (session.isSilent ? SILENT_STILL_MS : STILL_MS[transport]));
    const lost = peek(session.lost);
    const beganMs = performance.now();
    try {
      while (!signal.aborted) {
        await pause(LOOK_MS, signal);
        if (performance.now() - beganMs > CURED_MS && !frames.isStill && lost() === null) pace.reset();
        if (lost() === null && !frames.isStill) continue;
        cover.take(video, 'beneath');
        troubleAtMs = performance.now();
        say('reconnecting', transport);
        if (performance.now() - beganMs < CURED_MS) await pause(pace.next(), signal);
        const another = await reachBeside(() => lost() === null && !frames.isStill);
        if (another !== null || isOver()) return another;
        frames.wasMistaken();
        cover.clear();
        problem = null;
        say('playing', transport);
      }
      return null;
    } finally {
      frames.stop();
    }
  }

  /** Like `reachAnew`, but gives up when the shown session has pictures again. */
  async function reachBeside(isBack: () => boolean): Promise<Reached | null> {
    const back = new AbortController();
    const timer = setInterval(() => isBack() && back.abort(new Error('the picture is back')), LOOK_MS);
    try {
      return await reachAnew(AbortSignal.any([signal, back.signal]));
    } finally {
      clearInterval(timer);
    }
  }

  function isOver(): boolean {
    return signal.aborted;
  }

  function idle(): PlayerState {
    return shown === null ? 'connecting' : 'reconnecting';
  }

  function complain(error: unknown): void {
    if (error instanceof ApiError) {
      say('waiting', null, [error.message, error.cure].join(' '));
      return;
    }
    if (performance.now() - troubleAtMs > WORTH_TELLING_MS)
      problem = error instanceof Error ? error.message : String(error);
    say(idle(), null, problem);
  }

  function say(state: PlayerState, transport: Transport | null = null, problem: string | null = null): void {
    if (signal.aborted && state !== 'stopped') return;
    video.dataset['state'] = state;
    video.dataset['transport'] = transport ?? '';
    video.dataset['problem'] = problem ?? '';
    options.onChange?.({ state, transport, problem });
  }
}
