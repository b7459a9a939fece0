import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { RelayNews } from '../pull/relayNews.js';

/** The same kind of news about the same camera is logged once in this time. */
const LOG_EVERY_MS = 600_000;
/** Limit of sentences that one worker logs within a minute. */
const MOST_A_MINUTE = 30;
const MINUTE_MS = 60_000;
/** Shorter gaps without pictures are not logged. */
const LONG_GAP_MS = 5_000;

export interface StreamNewsOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly log: (cameraId: CameraId, message: string) => void;
}

/** Writes to the relay's log what an operator has to know of the streams; bounded, so that an unstable camera does not fill the log. */
export class StreamNews {
  readonly #options: StreamNewsOptions;
  /** When each kind of news was last logged (monotonic ms), by camera. */
  readonly #loggedMs = new Map<CameraId, Map<RelayNews['kind'], number>>();
  #minute = { endsMs: 0, said: 0 };

  constructor(options: StreamNewsOptions) {
    this.#options = options;
  }

  take(cameraId: CameraId, news: RelayNews): void {
    const message = sentenceOf(news);
    if (message === null) return;
    const nowMs = this.#options.clock.monotonicMs();
    const ofCamera = this.#loggedMs.get(cameraId) ?? new Map<RelayNews['kind'], number>();
    const lastMs = ofCamera.get(news.kind);
    if (lastMs !== undefined && nowMs - lastMs < LOG_EVERY_MS) return;
    if (nowMs >= this.#minute.endsMs) this.#minute = { endsMs: nowMs + MINUTE_MS, said: 0 };
    if (this.#minute.said >= MOST_A_MINUTE) return;
    this.#minute.said += 1;
    this.#loggedMs.set(cameraId, ofCamera.set(news.kind, nowMs));
    this.#options.log(cameraId, message);
  }

  /** Called when the camera was removed. */
  forget(cameraId: CameraId): void {
    this.#loggedMs.delete(cameraId);
  }
}

/** The sentence for the log, without any address or text of a server; null: this news is not logged. */
function sentenceOf(news: RelayNews): string | null {
  switch (news.kind) {
    case 'refused':
      return `Its next address sends ${news.codec}, which is not what viewers are shown now. It is taken when the present one ends, and viewers have to come again then.`;
    case 'rebuilt':
      return 'Its picture has another codec than before: viewers were ended once and find it when they come again.';
    case 'left-out':
      return `Its ${news.track} in ${news.codec} is left out: the relay does not carry that codec. Choose H.264 or H.265, and AAC or G.711, at the camera.`;
    case 'no-room':
      return 'Its cloud refuses a second stream beside the first, so the first one is closed before a renewal: the picture stands for a moment.';
    case 'over-cap':
      return 'It waits until another camera of its account is left: no more streams are pulled at once than the account may have.';
    case 'pull-over':
      return news.reason === 'certificate'
        ? `The certificate of its cloud's server is not taken (${news.code ?? 'no code'}), so nothing is pulled from there.`
        : null;
    case 'bridged':
      return news.gapMs < LONG_GAP_MS
        ? null
        : `Its pictures are back after ${Math.round(news.gapMs / 1_000)} s, for which the relay stood in.`;
    case 'candidate':
    case 'slate':
    case 'state':
    case 'taken-over':
      return null;
  }
}
