import process from 'node:process';
import { flvAacFrame, flvAacHeader } from './aac.js';
import { flvFrame, flvSequenceHeader, splitAnnexB } from './annexB.js';
import type { EncodeJob, EncoderEvent, PictureJob, SoundJob } from './encoderMessages.js';
import { FrameSource, type Av } from './frameSource.js';
import { flvHevcFrame, flvHevcSequenceHeader } from './hevc.js';
import { PictureEncoder } from './pictureEncoder.js';
import { SoundEncoder } from './soundEncoder.js';

/**
 * The child process that encodes test pictures and sound: FFmpeg's libraries (a GPL build, which can also crash) live here only.
 * Clips take turns group by group, so the ninth camera that is asked for at once does not wait for eight whole clips.
 */

function say(event: EncoderEvent): void {
  if (process.connected) process.send?.(event);
}

/** Encodes one group of frames at each step. */
function* encode(av: Av, job: EncodeJob): Generator<undefined> {
  const { id, groups, framesPerGroup } = job;
  const bodies = job.codec === 'aac' ? soundBodies(av, job) : pictureBodies(av, job);
  for (let group = 0; group < groups; group++) {
    const frames: Buffer[] = [];
    while (frames.length < framesPerGroup) {
      const { value } = bodies.next();
      if (value) frames.push(value);
    }
    say({ type: 'group', id, bodies: Buffer.concat(frames), lengths: frames.map((frame) => frame.length) });
    yield;
  }
  bodies.return(undefined);
  say({ type: 'done', id });
}

/** FLV tag bodies, one for each frame, without an end. */
type Bodies = Generator<Buffer, undefined>;

function* pictureBodies(av: Av, job: PictureJob): Bodies {
  using source = new FrameSource(av, job.graph, 'buffersink');
  using encoder = new PictureEncoder(av, job);
  const headerOf = job.codec === 'h264' ? flvSequenceHeader : flvHevcSequenceHeader;
  const frameMs = 1000 / job.framesPerSecond;
  for (let number = 0; ; number++) {
    const { data, shownAfter } = encoder.next(() => source.next());
    const units = splitAnnexB(data);
    const header = number === 0 ? headerOf(units) : null;
    if (header) say({ type: 'header', id: job.id, body: header });
    yield job.codec === 'h264' ? flvFrame(units, Math.round(shownAfter * frameMs)) : flvHevcFrame(units);
  }
}

function* soundBodies(av: Av, job: SoundJob): Bodies {
  using source = new FrameSource(av, job.graph, 'abuffersink');
  using encoder = new SoundEncoder(av);
  say({ type: 'header', id: job.id, body: flvAacHeader() });
  for (;;) yield flvAacFrame(encoder.next(() => source.next()));
}

/** How many clips are encoded in turns; each takes about 8 MB for its filters and encoder. */
const CLIPS_AT_ONCE = 16;

interface Turn {
  readonly id: number;
  readonly steps: Generator<undefined>;
}

/** Carries out jobs in turns, one group of frames at each turn of the event loop. */
function takeTurns(av: Av): (job: EncodeJob) => void {
  const waiting: Turn[] = [];
  const running: Turn[] = [];
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(step);
  };
  const step = (): void => {
    isScheduled = false;
    if (running.length < CLIPS_AT_ONCE) running.push(...waiting.splice(0, CLIPS_AT_ONCE - running.length));
    const turn = running.shift();
    if (!turn) return;
    try {
      if (!turn.steps.next().done) running.push(turn);
    } catch (error) {
      say({ type: 'failed', id: turn.id, message: error instanceof Error ? error.message : String(error) });
    }
    schedule();
  };
  return (job) => {
    waiting.push({ id: job.id, steps: encode(av, job) });
    schedule();
  };
}

async function load(): Promise<Av | null> {
  try {
    const av = { ...(await import('node-av/lib')), ...(await import('node-av/constants')) };
    av.Log.setLevel(av.AV_LOG_ERROR);
    return av;
  } catch {
    return null;
  }
}

const early: EncodeJob[] = [];
let accept = (job: EncodeJob): void => void early.push(job);
process.on('message', (job) => accept(job as EncodeJob)); // sent by our own parent
process.on('disconnect', () => process.exit(0));

const av = await load();
if (av) {
  accept = takeTurns(av);
  early.forEach(accept);
} else say({ type: 'unavailable' });
