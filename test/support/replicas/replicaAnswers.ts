import { getJson, until, type Replica } from './replicaProcess.js';

/** Within this time all replicas must have told the same steps: each replica reads the others' steps every 2 s. */
const ALIKE_MS = 6_000;

/** Renews one camera by force while a client listens at every replica. Empty when all tell the same steps, else what each replica told. */
export async function stepsThatDiffer(
  replicas: readonly Replica[],
  cameraId: string,
  say: (line: string) => void,
): Promise<string[]> {
  const ears = await Promise.all(replicas.map(({ url }) => listen(url, cameraId)));
  try {
    await replicas[0]?.post('/api/hikvision/renew', { force: true, cameraIds: [cameraId] });
    const isPromoted = ({ heard }: Ear): boolean => heard.some((id) => id.includes('.promoted.'));
    await until('a promotion', 60_000, () => Promise.resolve(ears.some(isPromoted)));
    const promotedMs = performance.now();
    const isAlike = (): boolean =>
      ears.every(isPromoted) && new Set(ears.map(({ heard }) => [...heard].sort().join(' '))).size === 1;
    const areAlike = await until('the same steps', ALIKE_MS, () => Promise.resolve(isAlike())).then(
      () => true,
      () => false,
    );
    const laterMs = Math.round(performance.now() - promotedMs);
    if (!areAlike) return ears.map(({ heard }, index) => `replica ${index} told ${heard.join(' ')}`);
    const steps = ears[0]?.heard.length ?? 0;
    say(`every replica told ${steps} steps of a renewal, ${laterMs} ms after the first one told the promotion`);
    return [];
  } finally {
    for (const { stop } of ears) stop();
  }
}

/** Makes the cloud refuse the account; names the replicas that do not report it in the same words as the first. */
export async function accountsThatDiffer(
  replicas: readonly Replica[],
  controlUrl: string,
  say: (line: string) => void,
): Promise<string[]> {
  const { accounts } = await getJson<{ accounts: Array<{ name: string }> }>(`${controlUrl}/accounts`);
  for (const { name } of accounts) {
    const body = JSON.stringify({ fault: 'quota', on: true });
    const reply = await fetch(`${controlUrl}/accounts/${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    if (!reply.ok) throw new Error(`the simulator answered ${reply.status}`);
  }
  await replicas[0]?.post('/api/hikvision/renew', { force: true });
  const failures = (): Promise<string[]> =>
    Promise.all(
      replicas.map(async ({ url }) => {
        const said = await getJson<{ accounts: Array<{ failure: object | null }> }>(`${url}/api/account`);
        return JSON.stringify(said.accounts.map(({ failure }) => failure));
      }),
    );
  await until('a refusal', 60_000, async () => (await failures()).some((text) => text.includes('code')));
  const isAlike = async (): Promise<boolean> => new Set(await failures()).size === 1;
  const refusedMs = performance.now();
  await until('the same refusal', ALIKE_MS, isAlike).catch(() => undefined);
  const said = await failures();
  say(`of the account they say ${said[0]}, the last one ${Math.round(performance.now() - refusedMs)} ms later`);
  return new Set(said).size === 1 ? [] : said.map((text, index) => `replica ${index} says ${text}`);
}

interface Ear {
  /** Ids of the steps, in the order in which they came. */
  readonly heard: string[];
  readonly stop: () => void;
}

async function listen(url: string, cameraId: string): Promise<Ear> {
  const stopping = new AbortController();
  const reply = await fetch(`${url}/api/events?camera=${cameraId}`, { signal: stopping.signal });
  if (!reply.ok || !reply.body) throw new Error(`/api/events answered ${reply.status}`);
  const heard: string[] = [];
  const read = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunks) {
      const lines = `${text}${decoder.decode(chunk, { stream: true })}`.split('\n');
      text = lines.pop() ?? '';
      heard.push(...lines.filter((line) => line.startsWith('id: ')).map((line) => line.slice(4)));
    }
  };
  void read(reply.body).catch(() => undefined);
  return { heard, stop: () => stopping.abort() };
}
