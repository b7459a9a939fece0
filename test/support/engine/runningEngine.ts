import { onTestFinished } from 'vitest';
import type { DesiredStreams } from '../../../src/core/streams/streams.js';
import type { MediaEngine } from '../../../src/engine/mediaEngine.js';
import { makeMediaMtx, mediaMtxTemplate, type TestMediaMtx } from './mediamtx.js';
import { aTarget, engineFor, streamsOf } from './mediamtxEngine.js';

/** A real MediaMTX with this file, and an engine on it; they go with the test. */
export async function running(text?: string): Promise<{ mediaMtx: TestMediaMtx; engine: MediaEngine }> {
  const mediaMtx = await makeMediaMtx(text ?? (await mediaMtxTemplate()));
  onTestFinished(() => mediaMtx.stop());
  await mediaMtx.start();
  return { mediaMtx, engine: await engineOn(mediaMtx) };
}

export async function engineOn(mediaMtx: TestMediaMtx): Promise<MediaEngine> {
  const engine = await engineFor(mediaMtx);
  onTestFinished(() => engine.stop());
  await engine.start();
  return engine;
}

export async function sourceOf({ apiUrl }: TestMediaMtx, name: string): Promise<string> {
  const reply = await fetch(`${apiUrl}/v3/config/paths/get/${name}`);
  return ((await reply.json()) as { source: string }).source;
}

export function many(count: number, revision = 1): DesiredStreams {
  const ids = Array.from({ length: count }, (_, n) => `cam${String(n).padStart(5, '0')}`);
  return streamsOf(Object.fromEntries(ids.map((id) => [id, aTarget({ revision })])));
}

/** How often MediaMTX read its file anew. */
export const reloads = (mediaMtx: TestMediaMtx): number => mediaMtx.log().match(/\(file changed\)/g)?.length ?? 0;
