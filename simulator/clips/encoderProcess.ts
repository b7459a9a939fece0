import process from 'node:process';
import { flvFrame, flvSequenceHeader, splitAnnexB } from './annexB.js';
import type { EncodeJob, EncoderEvent } from './encoderMessages.js';
import { H264Encoder, PictureSource, type Av } from './h264Encoder.js';

/**
 * The child process that encodes test pictures: FFmpeg's libraries (a GPL build, which can also crash) live here only.
 * Clips take turns group by group, so the ninth camera that is asked for at once does not wait for eight whole clips.
 */

function say(event: EncoderEvent): void {
  if (process.connected) process.send?.(event);
}

/** Encodes one group of frames at each step; finished when it yields no more. */
function* encode(av: Av, job: EncodeJob): Generator<undefined> {
  const { id, framesPerGroup, groups } = job;
  using source = new PictureSource(av, job.graph);
  using encoder = new H264Encoder(av, job);
  for (let group = 0; group < groups; group++) {
    const frames: Buffer[] = [];
    for (let i = 0; i < framesPerGroup; i++) {
      const number = group * framesPerGroup + i;
      const units = splitAnnexB(encoder.encode(source.next(), number, i === 0));
      const header = number === 0 ? flvSequenceHeader(units) : null;
      if (header) say({ type: 'header', id, body: header });
      frames.push(flvFrame(units));
    }
    say({ type: 'group', id, bodies: Buffer.concat(frames), lengths: frames.map((frame) => frame.length) });
    yield;
  }
  say({ type: 'done', id });
}

/** A started clip holds about 8 MB of filters and encoder. */
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
