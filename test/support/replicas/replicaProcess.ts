import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startProgram, type Program } from '../installation/programs.js';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One of several replicas, each in its own process, which a test kills and starts again. */
export class Replica {
  readonly #env: Readonly<Record<string, string>>;
  #program: Program | null = null;
  #url = '';

  constructor(env: Readonly<Record<string, string>>) {
    this.#env = env;
  }

  get isUp(): boolean {
    return this.#program !== null && this.#url !== '';
  }

  /** Empty while the replica does not run. */
  get url(): string {
    return this.#url;
  }

  get owner(): string {
    return readFileSync(path.join(this.#env['DATA_DIR'] ?? '', 'owner'), 'utf8').trim();
  }

  async start(): Promise<void> {
    this.#program = startProgram('src/main.js', [], this.#env);
    const [, url = ''] = await this.#program.line(/answers on (http:\/\/[^\s"]+)/);
    this.#url = url;
  }

  /** For SIGSTOP and SIGCONT; `end` ends it. */
  signal(signal: NodeJS.Signals): void {
    this.#program?.process.kill(signal);
  }

  lastLines(): string {
    return (this.#program?.lines ?? []).slice(-12).join('\n');
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.#url = '';
    await this.#program?.stop(signal);
    this.#program = null;
  }

  post(target: string, body?: object): Promise<Response | null> {
    const headers = { 'Content-Type': 'application/json', Prefer: 'respond-async' };
    return fetch(`${this.#url}${target}`, {
      method: 'POST',
      headers,
      ...(body && { body: JSON.stringify(body) }),
    }).catch(
      () => null, // the replica was killed meanwhile
    );
  }

  /** Revision in force by camera. */
  async cameras(): Promise<Map<string, number | null>> {
    const { cameras } = await getJson<{ cameras: Array<{ id: string; lease: { revision: number } | null }> }>(
      `${this.#url}/api/camera?limit=1000`,
    );
    return new Map(cameras.map(({ id, lease }) => [id, lease?.revision ?? null]));
  }

  /** Renews all cameras by force; resolves when the pass has ended, or its replica has. */
  async renewAll(isOver: () => boolean): Promise<void> {
    const reply = await this.post('/api/hikvision/renew', { force: true });
    const location = reply?.headers.get('location');
    const program = this.#program;
    while (location && !isOver() && program === this.#program && this.isUp) {
      const passed = await getJson<{ pass: { state: string } }>(`${this.#url}${location}`).catch(() => null);
      if (passed && passed.pass.state !== 'running') return;
      await pause(250);
    }
    if (!location) await pause(250);
  }
}

export async function getJson<T>(url: string): Promise<T> {
  const reply = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!reply.ok) throw new Error(`${new URL(url).pathname} answered ${reply.status}`);
  return (await reply.json()) as T;
}

/** Polls until `isSo` is true, since no event tells of changes in other processes. Rejects after `limitMs`. */
export async function until(what: string, limitMs: number, isSo: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + limitMs; ;) {
    if (await isSo()) return;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(150);
  }
}
