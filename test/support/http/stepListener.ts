import type { LeaseStep } from '../../../src/core/handover/leaseEvents.js';

/** Resolves when the stream of steps is open; `told` resolves when this step of the camera comes. `url`: the address of a camlease. */
export async function listenForStep(
  url: string,
  cameraId: string,
  step: LeaseStep,
): Promise<{ readonly told: Promise<void> }> {
  const reply = await fetch(`${url}/api/events?camera=${cameraId}`);
  return { told: untilSaid(reply, `"step":"${step}"`) };
}

async function untilSaid({ body }: Response, words: string): Promise<void> {
  let text = '';
  const pieces: AsyncIterable<string> | undefined = body?.pipeThrough(new TextDecoderStream());
  for await (const piece of pieces ?? []) {
    text += piece;
    if (text.includes(words)) return;
  }
  throw new Error(`the stream of steps ended without ${words}`);
}
