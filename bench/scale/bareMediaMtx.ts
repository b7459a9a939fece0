import { rename, writeFile } from 'node:fs/promises';
import type { TestMediaMtx } from '../../test/support/engine/mediamtx.js';
import { json } from '../rig/json.js';

const POLL_MS = 5;
const LIMIT_MS = 120_000;

interface PathSource {
  readonly name: string;
  readonly source: string;
}

/**
 * Makes MediaMTX read the file again; resolves with the time in ms from the rename until its API shows the new source of `path` and lists the
 * path itself, which comes some hundredths of a second later. camlease waits for both too.
 */
export async function reloadMs(mediaMtx: TestMediaMtx, text: string, path: PathSource): Promise<number> {
  const temporary = `${mediaMtx.configPath}.new`;
  await writeFile(temporary, text);
  const beganMs = performance.now();
  await rename(temporary, mediaMtx.configPath);
  for (;;) {
    if ((await sourceOf(mediaMtx, path.name).catch(() => null)) === path.source && (await isThere(mediaMtx, path.name)))
      return performance.now() - beganMs;
    if (performance.now() - beganMs > LIMIT_MS)
      throw new Error(`MediaMTX did not read its file within ${LIMIT_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Sets the source of each path with one PATCH after the other; resolves with the time of each, in ms. */
export async function patchEach(mediaMtx: TestMediaMtx, paths: readonly PathSource[]): Promise<readonly number[]> {
  const times: number[] = [];
  for (const { name, source } of paths) {
    const beganMs = performance.now();
    await json(`${mediaMtx.apiUrl}/v3/config/paths/patch/${name}`, 'PATCH', { source });
    times.push(performance.now() - beganMs);
  }
  return times;
}

async function isThere(mediaMtx: TestMediaMtx, name: string): Promise<boolean> {
  return json(`${mediaMtx.apiUrl}/v3/paths/get/${name}`).then(
    () => true,
    () => false,
  );
}

export async function sourceOf(mediaMtx: TestMediaMtx, name: string): Promise<string> {
  return (await json<{ source: string }>(`${mediaMtx.apiUrl}/v3/config/paths/get/${name}`)).source;
}
