import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { PullTarget } from '../../../src/core/streams/pullTarget.js';
import type { RelayCamera } from '../../../src/core/streams/relay.js';
import { Caps } from '../../../src/relay/pull/caps.js';
import type { PullHandlers } from '../../../src/relay/pull/puller.js';
import type { RelayNews } from '../../../src/relay/pull/relayNews.js';
import type { PictureCodec } from '../../../src/relay/units/nalUnits.js';
import type { PullEnd } from '../../../src/relay/rtmp/rtmpPull.js';
import type { SoundSetup } from '../../../src/relay/units/sound.js';
import type { DescribedTracks } from '../../../src/relay/rtsp/sdp.js';
import type { VisitedStream, StreamFrame, Visit } from '../../../src/relay/rtsp/served.js';
import { RelayStream, type RelayStreamOptions } from '../../../src/relay/stream/relayStream.js';

const CLOSED: PullEnd = { why: 'connection', code: 'CLOSED', description: 'The server closed the connection.' };
export const KEY = Buffer.from([0x65, 1]);
export const AAC: SoundSetup = { codec: 'aac', sampleRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') };
const REUSED = 0xee;
const SOUNDLESS = { video: { codec: 'H264', width: 640, height: 360 }, audio: null };

/**
 * A pull whose units a test sends by hand. Time stamps begin at any number. The memory of a unit is overwritten as soon as it was delivered,
 * so that a receiver that keeps it without copying is noticed.
 */
export class HandPull {
  isStopped = false;
  #sourceMs: number;
  readonly target: PullTarget;
  readonly #handlers: PullHandlers;

  constructor(target: PullTarget, handlers: PullHandlers) {
    this.target = target;
    this.#handlers = handlers;
    this.#sourceMs = target.revision * 1_000_000;
  }

  setUp(codec: PictureCodec = 'h264', sps = '6742c01e'): void {
    const parameterSets = [Buffer.from(sps, 'hex'), Buffer.from('68ce3c', 'hex')];
    this.#handlers.onUnit({ kind: 'picture-setup', setup: { codec, parameterSets, lengthBytes: 4 } });
  }

  /** Sends a piece of sound. `laterMs`: how much later its time is than that of the latest picture. */
  sound(setup = AAC, laterMs = 0): void {
    this.#handlers.onUnit({ kind: 'sound-setup', setup });
    const data = Buffer.from([0x21]);
    this.#handlers.onUnit({ kind: 'sound', timeMs: this.#sourceMs + laterMs, data });
    data.fill(REUSED);
  }

  /** `stepMs`: how much later the picture is than the one before it. */
  picture(isKey: boolean, { stepMs = 40, byte = 1 } = {}): void {
    this.#sourceMs += stepMs;
    this.#handlers.onBytes(100);
    const unit = Buffer.from(isKey ? [0x65, byte] : [0x41, byte]);
    this.#handlers.onUnit({ kind: 'picture', decodeMs: this.#sourceMs, offsetMs: 0, isKey, units: [unit] });
    unit.fill(REUSED);
  }

  end(end = CLOSED): void {
    this.#handlers.onEnd(end);
  }
}

export class Watcher {
  readonly frames: StreamFrame[] = [];
  tracks: DescribedTracks | null | undefined = undefined;
  isEnded = false;
  readonly visit: Visit;

  constructor(stream: VisitedStream) {
    this.visit = stream.visit(() => (this.isEnded = true));
    void this.visit.tracks().then((tracks) => (this.tracks = tracks));
  }

  play(): this {
    this.visit.play((frame) => this.frames.push(copyOf(frame)));
    return this;
  }

  /** The last unit of each picture. */
  get pictures(): string[] {
    return this.frames.flatMap((frame) =>
      frame.kind === 'picture' ? [frame.units.at(-1)?.toString('hex') ?? ''] : [],
    );
  }

  /** Times of all frames: presentation times of pictures, with a `k` for key frames, and `s` with the time for sound. */
  get times(): string[] {
    return this.frames.map((frame) =>
      frame.kind === 'sound' ? `s${frame.timeMs}` : `${Math.round(frame.presentMs)}${frame.isKey ? 'k' : ''}`,
    );
  }
}

function copyOf(frame: StreamFrame): StreamFrame {
  if (frame.kind === 'sound') return { ...frame, data: Buffer.from(frame.data) };
  return { ...frame, units: frame.units.map((unit) => Buffer.from(unit)) };
}

export const target = (revision: number, more: Partial<PullTarget> = {}): PullTarget => ({
  ...{ url: `rtmp://127.0.0.1/live/${revision}`, givenBy: 'cloud', revision, endsAt: null, tracks: SOUNDLESS },
  ...more,
});

export const told = (aim: PullTarget | null, more: Partial<RelayCamera> = {}): RelayCamera => ({
  ...{ target: aim, candidate: null, whenGone: 'slate', cap: null },
  ...more,
});

export interface StreamRig {
  readonly clock: TurnedClock;
  readonly stream: RelayStream;
  readonly pulls: HandPull[];
  readonly news: RelayNews[];
  readonly running: () => number[];
  readonly last: () => HandPull;
  /** Lets time pass; the pull sends a picture every 40 ms, every tenth a key frame. */
  readonly flow: (pull: HandPull, pictures: number) => Promise<void>;
}

export function startStreamRig(caps = new Caps(), more: Partial<RelayStreamOptions> = {}): StreamRig {
  const clock = new TurnedClock();
  const pulls: HandPull[] = [];
  const news: RelayNews[] = [];
  const stream = new RelayStream({
    ...{ clock, random: () => 0.5, caps, onNews: (one) => news.push(one), ...more },
    pull: (aim, handlers) => {
      const pull = new HandPull(aim, handlers);
      pulls.push(pull);
      return { stop: () => (pull.isStopped = true) };
    },
  });
  const last = (): HandPull => {
    const pull = pulls.at(-1);
    if (!pull) throw new Error('nothing is pulled');
    return pull;
  };
  return {
    ...{ clock, stream, pulls, news, last },
    running: () => pulls.flatMap((pull) => (pull.isStopped ? [] : [pull.target.revision])),
    flow: async (pull, pictures) => {
      for (let at = 0; at < pictures; at++) {
        await clock.advance(40);
        pull.picture(at % 10 === 9);
      }
    },
  };
}

/** A stream with a reader, after one second of pictures. */
export async function liveStream(): Promise<StreamRig & { readonly watcher: Watcher }> {
  const rig = startStreamRig();
  rig.stream.setCamera(told(target(1)));
  const watcher = new Watcher(rig.stream).play();
  rig.last().setUp();
  rig.last().picture(true);
  await rig.flow(rig.last(), 25);
  return { ...rig, watcher };
}

/** Whether presentation times of pictures only rise. */
export const rising = ({ frames }: Watcher): boolean => {
  const times = frames.flatMap((frame) => (frame.kind === 'picture' ? [frame.presentMs] : []));
  return times.every((ms, at) => at === 0 || ms > (times[at - 1] ?? 0));
};
