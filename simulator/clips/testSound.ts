import type { SoundSpec } from './clip.js';

export const SAMPLES_PER_SECOND = 16_000;
/** AAC's block: 64 ms. */
export const SAMPLES_PER_FRAME = 1_024;

/** The shortest loop that is a whole number of minutes and of blocks (1,875). */
const LOOP_SECONDS = 120;
const BEEP_SECONDS = 0.2;
const LOWEST_HZ = 400;
const HZ_PER_SECOND = 20;

/**
 * The sound of every camera with sound: at each full second a beep of 0.2 s at 400 Hz plus 20 Hz for each second of the minute (400 to
 * 1,580 Hz). The picture shows the same second, so a test can measure whether both are in step.
 */
export function beeps(): SoundSpec {
  return {
    codec: 'aac',
    framesPerSecond: SAMPLES_PER_SECOND / SAMPLES_PER_FRAME,
    groupSeconds: 8,
    loopSeconds: LOOP_SECONDS,
    graph: (startSecond) => {
      const pitch = `(${LOWEST_HZ}+${HZ_PER_SECOND}*mod(floor(t)+${startSecond},60))`;
      const wave = `0.5*sin(2*PI*${pitch}*mod(t,1))*lt(mod(t,1),${BEEP_SECONDS})`.replaceAll(',', String.raw`\,`);
      return `aevalsrc=exprs=${wave}:s=${SAMPLES_PER_SECOND}:c=mono:n=${SAMPLES_PER_FRAME},aformat=sample_fmts=fltp`;
    },
  };
}
