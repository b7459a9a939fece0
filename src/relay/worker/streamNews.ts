import type { CameraId } from '../../core/camera/camera.js';
import type { Clock } from '../../core/clock.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
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

  /** `givenBy`: that of the camera's target. */
  take(cameraId: CameraId, news: RelayNews, givenBy: PullTarget['givenBy']): void {
    const message = sentenceOf(news, givenBy);
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
function sentenceOf(news: RelayNews, givenBy: PullTarget['givenBy']): string | null {
  const isPersons = givenBy === 'person';
  switch (news.kind) {
    case 'refused':
      if (isPersons)
        return `The new address of the camera sends ${news.codec}, which differs from the present one. The relay switches when the present address ends; viewers have to reconnect then.`;
      return `The camera's next live URL sends ${news.codec}, which differs from the present one. The relay switches when the present URL ends; viewers have to reconnect then.`;
    case 'rebuilt':
      return 'The picture of the camera has another codec than before: viewers were dropped once and see it when they reconnect.';
    case 'left-out':
      return `The ${news.track} of the camera in ${news.codec} is left out, because the relay does not support that codec. Choose H.264 or H.265, and AAC or G.711, at the camera.`;
    case 'no-room':
      if (isPersons)
        return 'The camera refuses a second session, so the relay closes the first one before it takes over the new address: the picture freezes for a moment.';
      return 'The cloud of the camera refuses a second stream, so the relay closes the first stream before a renewal: the picture freezes for a moment.';
    case 'over-cap':
      return 'The camera waits until nobody watches another camera of its account, which already has as many streams open as it may have.';
    case 'pull-over':
      return overSentence(news, isPersons);
    case 'bridged':
      return news.gapMs < LONG_GAP_MS
        ? null
        : `The camera's pictures are back after ${Math.round(news.gapMs / 1_000)} s, during which the relay showed the last picture.`;
    case 'candidate':
    case 'slate':
    case 'state':
    case 'taken-over':
      return null;
  }
}

/** Of a pull's end only what a person has to cure; what passes by itself is no news. */
function overSentence({ reason, code }: RelayNews & { kind: 'pull-over' }, isPersons: boolean): string | null {
  if (reason === 'certificate') {
    const whose = isPersons ? 'the camera' : "the cloud's server";
    return `The relay does not trust the certificate of ${whose} (${code ?? 'no code'}), so it pulls nothing from there.`;
  }
  if (!isPersons) return null;
  if (reason === 'login')
    return 'The camera refuses its user or password. The relay does not try them again for 30 minutes, unless somebody changes them or asks for it.';
  if (reason === 'forbidden')
    return "The camera's address leads to a network that SOURCE_NETWORKS does not allow, so the relay does not dial it.";
  return null;
}
