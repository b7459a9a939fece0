import axios, { isAxiosError } from 'axios';
import { limited } from '../../core/async/deadline.js';
import type { Camera } from '../../core/camera/camera.js';
import { knownTracks } from '../../core/camera/cameraSource.js';
import { sleep } from '../../core/clock.js';
import { AppError } from '../../core/errors.js';
import { liveVerdict } from '../../core/health/health.js';
import { refusedNow } from '../../http/cameras/refusedNow.js';
import type { CompatDeps } from '../compatApp.js';

/** How long the old system's codec call waited for a camera. */
const CODECS_MS = 5_000;
const CODECS_AGAIN_MS = 200;
/** MediaMTX waits 10 s for a camera that it begins to pull. */
const ANSWER_MS = 15_000;
const LARGEST_SDP = 64 * 1024;

/** A part of a camera's stream, as the old system told it. */
export interface OldTrack {
  readonly Type: 'video' | 'audio';
}

/** Sends an SDP offer to an address for WHEP. Resolves with the status and the body of the reply. */
export type SendOffer = (
  url: string,
  offer: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

type Deps = Pick<CompatDeps, 'cameras' | 'engine' | 'jobs' | 'outages' | 'clock'> & { readonly sendOffer?: SendOffer };

/** The old system's calls for WebRTC, carried by the engine's own. */
export class OldWebrtc {
  readonly #deps: Deps;
  readonly #sendOffer: SendOffer;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#sendOffer = deps.sendOffer ?? byHttp;
  }

  /** The parts of a camera's stream. Waits 5 s for a camera that has not been seen yet, then throws CAMERA_NOT_LIVE. */
  async codecs(camera: Camera, signal: AbortSignal): Promise<OldTrack[]> {
    this.#needLive(camera);
    const { clock, cameras } = this.#deps;
    const endMs = clock.monotonicMs() + CODECS_MS;
    for (;;) {
      const tracks = knownTracks(cameras.peek(camera.id) ?? camera);
      if (tracks !== null) return [{ Type: 'video' }, ...(tracks.audio === null ? [] : [{ Type: 'audio' } as const])];
      if (clock.monotonicMs() >= endMs) {
        throw notLive('No picture of this camera came in time.', 'Try again in a moment; its status says more.');
      }
      await sleep(clock, CODECS_AGAIN_MS, signal);
    }
  }

  /** The answer, with all candidates, to a browser's offer. Throws `AppError` and `CameraError`. */
  async answer(camera: Camera, offer: string, signal: AbortSignal): Promise<string> {
    this.#needLive(camera);
    const { engine, clock } = this.#deps;
    if (engine.media !== null) return (await engine.media.whepOffer(camera.id, offer, signal)).answer;
    const { webrtcUrl, notServed } = engine.links(camera.id, '');
    if (notServed?.includes('webrtc') === true)
      throw new AppError('ENGINE_REFUSED', 'MediaMTX serves no WebRTC, by which this page plays.', {
        cure: 'Set webrtc: yes in the file of MediaMTX.',
      });
    const late = (): AppError => notLive('The media server did not answer in time.', 'Try again in a moment.');
    const { status, body } = await limited({ clock, ms: ANSWER_MS, signal, late }, (until) =>
      this.#sendOffer(`${webrtcUrl}/whep`, offer, until),
    );
    if (status === 200 || status === 201) return body;
    if (status === 404) throw notLive('The media server has no picture of this camera.', 'Its status says why.');
    throw new AppError('ENGINE_REFUSED', `The media server refused the player (status ${status}).`, {
      cure: 'See its log: it may not carry the codec of this camera by WebRTC, or want a login of viewers.',
    });
  }

  #needLive(camera: Camera): void {
    this.#deps.jobs.urgent(camera.id);
    const verdict = liveVerdict(camera, this.#deps.clock.now(), refusedNow(this.#deps, camera.id));
    if (!verdict.live) throw notLive(verdict.message, verdict.cure);
  }
}

/** The SDP offer in a form's field, which holds it in base64. Throws REQUEST_INVALID. */
export function offerOf(field: unknown): string {
  // A `+` that was not percent-encoded comes out of a form as a blank.
  const text = typeof field === 'string' ? Buffer.from(field.replaceAll(' ', '+'), 'base64').toString('utf8') : '';
  if (text.startsWith('v=0') && text.length <= LARGEST_SDP) return text;
  throw new AppError('REQUEST_INVALID', 'This form holds no SDP offer in base64.', {
    cure: 'Send the offer as the field "data".',
  });
}

export function inBase64(sdp: string): string {
  return Buffer.from(sdp, 'utf8').toString('base64');
}

const byHttp: SendOffer = async (url, offer, signal) => {
  try {
    const { status, data } = await axios.post<unknown>(url, offer, {
      ...{ signal, proxy: false, maxRedirects: 0, maxContentLength: LARGEST_SDP, responseType: 'text' },
      headers: { 'Content-Type': 'application/sdp' },
      validateStatus: () => true,
    });
    return { status, body: typeof data === 'string' ? data : '' };
  } catch (error) {
    signal.throwIfAborted();
    if (!isAxiosError(error)) throw error;
    throw new AppError('ENGINE_UNREACHABLE', 'The media server cannot be reached at its address for WebRTC.', {
      cure: 'Check that WEBRTC_BASE_URL leads to it from here too.',
      cause: error,
    });
  }
};

function notLive(message: string, cure: string): AppError {
  return new AppError('CAMERA_NOT_LIVE', message, { cure });
}
