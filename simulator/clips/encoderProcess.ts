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

async function main(): Promise<void> {
  const jobs: { id: number; steps: Generator<undefined> }[] = [];
  const waiting: EncodeJob[] = [];
  let accept = (job: EncodeJob): unknown => waiting.push(job);
  process.on('message', (job) => accept(job as EncodeJob)); // sent by our own parent
  process.on('disconnect', () => process.exit(0));

  let av: Av;
  try {
    av = { ...(await import('node-av/lib')), ...(await import('node-av/constants')) };
    av.Log.setLevel(av.AV_LOG_ERROR);
  } catch {
    say({ type: 'unavailable' });
    return;
  }
  const step = (): void => {
    const job = jobs.shift();
    if (!job) return;
    try {
      if (!job.steps.next().done) jobs.push(job);
    } catch (error) {
      say({ type: 'failed', id: job.id, message: error instanceof Error ? error.message : String(error) });
    }
    if (jobs.length > 0) setImmediate(step);
  };
  accept = (job) => {
    if (jobs.push({ id: job.id, steps: encode(av, job) }) === 1) setImmediate(step);
  };
  for (const job of waiting) accept(job);
}

await main();
