import { SUB_STREAM_SUFFIX } from '../clips/testPicture.js';
import type { Fleet, SimulatedCamera } from '../fleet.js';
import type { StreamVerdict } from '../origin/types.js';
import type { CameraFault, NewAddressPlays } from './faults.js';
import { isLiveApp, partsOf, type LiveUrls, type UrlVerdict } from './liveUrls.js';

type GoodUrl = Extract<UrlVerdict, { good: true }>;
type Tracks = Pick<StreamVerdict, 'clipKey' | 'codec' | 'keyFrameSeconds' | 'sound' | 'bFrames'>;

const GONE: readonly CameraFault[] = ['offline', 'deleted', 'timeout', 'no-video'];

/** Decides what the origin does with a play request, and counts the connections that play. */
export class StreamGate {
  readonly #fleet: Fleet;
  readonly #urls: LiveUrls;
  /** By camera ref. */
  readonly #playing = new Map<string, number>();
  readonly #peak = new Map<string, number>();
  #refusals = 0;

  constructor(fleet: Fleet, urls: LiveUrls) {
    this.#fleet = fleet;
    this.#urls = urls;
  }

  readonly lookup = (app: string, streamName: string): StreamVerdict => {
    const verdict = this.#decide(app, streamName);
    if (verdict.play === 'refuse') this.#refusals++;
    return verdict;
  };

  /** True for a connection that plays this camera; `ref` null: for every connection. */
  plays(streamName: string, ref: string | null): boolean {
    return ref === null || refOf(streamName) === ref;
  }

  /** True for a connection that must be cut: its camera has gone away, or sends no picture any more. */
  isGone(streamName: string): boolean {
    const faults = this.#fleet.cameraAt(refOf(streamName))?.faults;
    return !faults || GONE.some((fault) => faults.has(fault));
  }

  readonly onOpen = (streamId: string): void => {
    const ref = refOf(streamId);
    this.#playing.set(ref, this.viewers(ref) + 1);
    const account = this.#fleet.cameraAt(ref)?.account;
    if (account !== undefined) this.#peak.set(account, Math.max(this.peak(account), this.streams(account)));
  };

  readonly onClose = (streamId: string): void => {
    const ref = refOf(streamId);
    const left = this.viewers(ref) - 1;
    if (left > 0) this.#playing.set(ref, left);
    else this.#playing.delete(ref);
  };

  /** Connections that play this camera now. */
  viewers(ref: string): number {
    return this.#playing.get(ref) ?? 0;
  }

  /** Connections that play cameras of this account now. */
  streams(account: string): number {
    let sum = 0;
    for (const [ref, count] of this.#playing) if (this.#fleet.cameraAt(ref)?.account === account) sum += count;
    return sum;
  }

  /** The most connections that ever played cameras of this account at once. */
  peak(account: string): number {
    return this.#peak.get(account) ?? 0;
  }

  refusals(): number {
    return this.#refusals;
  }

  #decide(app: string, streamName: string): StreamVerdict {
    if (!isLiveApp(app)) return refuse(null, 'no such application');
    const url = this.#urls.check(streamName);
    if (!url.good) return refuse(null, url.reason);
    const camera = this.#fleet.cameraAt(url.ref);
    if (!camera || camera.faults.has('deleted')) return refuse(camera, '95411 no such camera');
    if (camera.faults.has('offline')) return refuse(camera, '95404 the device is offline');
    const { streamCap } = this.#fleet.account(camera.account);
    if (streamCap !== null && this.streams(camera.account) >= streamCap) {
      return refuse(camera, '9048 too many streams at once');
    }
    const { cutAtExpiry, sessionLimitMs } = this.#fleet.media;
    const connection = { cameraName: camera.name, cutAt: cutAtExpiry ? url.expiresAt : null, sessionLimitMs };
    const error = errorClip(camera, url);
    if (error !== null) return { ...connection, play: 'error-clip', clipKey: `error-${error}`, reason: error };
    if (camera.faults.has('no-video') || camera.faults.has('timeout') || url.plays === 'nothing') {
      return { ...connection, play: 'nothing', clipKey: camera.clipKey };
    }
    return { ...connection, play: 'camera', ...tracksOf(camera, url.plays) };
  }
}

/** The code that the vendor's error clip shows; null: the camera's own picture is played. */
function errorClip({ faults }: SimulatedCamera, { quality, plays }: GoodUrl): string | null {
  if (faults.has('encrypted')) return '9057';
  if (faults.has('h265') || faults.has('error-clip') || plays === 'error-clip') return '9053';
  return faults.has('h265-main') && quality === 1 ? '9053' : null;
}

function tracksOf({ clipKey, stream }: SimulatedCamera, plays: NewAddressPlays): Tracks {
  const { keyFrameSeconds } = stream;
  const otherSound = stream.sound === 'none' ? 'aac' : 'none';
  return {
    clipKey: plays === 'other-size' ? clipKey + SUB_STREAM_SUFFIX : clipKey,
    codec: plays === 'other-codec' ? 'h265' : 'h264',
    keyFrameSeconds,
    sound: plays === 'other-sound' ? otherSound : stream.sound,
    ...(stream.bFrames !== undefined && { bFrames: stream.bFrames }),
  };
}

function refuse(camera: SimulatedCamera | null, reason: string): StreamVerdict {
  return { play: 'refuse', cameraName: camera?.name ?? '', clipKey: '', reason };
}

/** `<SERIAL>_<channel>` of a stream name. */
function refOf(streamId: string): string {
  return partsOf(streamId)?.ref ?? /^[A-Z0-9]+_\d+/.exec(streamId)?.[0] ?? '';
}
