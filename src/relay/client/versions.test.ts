import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it, type TestContext } from 'vitest';
import { until } from '../../../test/support/engine/mediamtx.js';
import { systemClock } from '../../systemClock.js';
import { portOf } from '../parent/relayParent.js';
import { RelayClient } from './relayClient.js';
import { remoteHost } from './remoteHost.js';

const SECRET = 'a-secret-of-sixteen-or-more';
const STATUS = {
  ...{ pid: 7, version: '2.0.0', run: 'r', change: 0, cameras: 0, fence: 0, workers: [], problem: null },
  reader: { port: 28_740, password: 'secret' },
};
const STATE = { state: 'bridging', revision: null, readers: 1, bytesReceived: 9, quietMs: null, protocolFailures: 0 };

/** A relay that answers these texts by path, and a client of version 2.0.0. */
async function clientOf(
  { onTestFinished }: TestContext,
  answers: Record<string, object>,
): Promise<{ client: RelayClient; warnings: string[] }> {
  const server = createServer((request, response) => {
    request.resume();
    response.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${portOf(server)}`;
  const warnings: string[] = [];
  const client = new RelayClient({
    host: remoteHost({ url, secret: SECRET, dataDir: '/nowhere', version: '2.0.0' }),
    ...{ clock: systemClock, isAlone: true, endsWithUs: false, keepSecret: () => undefined },
    log: {
      info: () => undefined,
      warn: (message, fields) => warnings.push(`${message} ${String(fields?.['cure'])}`),
    },
  });
  onTestFinished(async () => {
    await client.stop();
    server.close();
    server.closeAllConnections();
  });
  await client.start();
  return { client, warnings };
}

// Side by side: a client waits 5 s for a good answer.
describe.concurrent('a relay of another version', () => {
  it('that speaks the same is used, and said once', async (context) => {
    let looks = 0;
    const answers = {
      get '/status'() {
        looks += 1;
        return { ...STATUS, version: '1.9.0' };
      },
    };
    const { client, warnings } = await clientOf(context, answers);
    expect(client.problem).toBeNull();
    expect(client.sourceFor('gate')).toContain('/gate');
    await until(() => looks >= 3);
    expect(warnings).toEqual([expect.stringMatching(/version 1\.9\.0, and this camlease of 2\.0\.0.*same version/)]);
  });

  it('is not remarked on when it is the same', async (context) => {
    const { client, warnings } = await clientOf(context, { '/status': { ...STATUS, protocol: 1 } });
    expect([client.problem, warnings]).toEqual([null, []]);
  });

  it.for([
    ['newer', 2, 'Update camlease to the same version'],
    ['older', 0, 'Update the relay to the same version'],
  ] as const)(
    'that no longer speaks the same and is %s is not used, in words',
    async ([age, protocol, cure], context) => {
      const { client } = await clientOf(context, { '/status': { ...STATUS, version: '7.0.0', protocol } });
      expect(client.problem?.message).toContain(`is of version 7.0.0, which is ${age} than this camlease`);
      expect(client.problem?.cure).toContain(cure);
      expect(client.sourceFor('gate')).toBeNull();
    },
  );

  it('whose answer is another one altogether is not used, in words', async (context) => {
    const { client } = await clientOf(context, { '/status': { version: '7.0.0' } });
    expect(client.problem?.message).toBe(
      'The program that answers there is not a relay, or it is a relay of another version.',
    );
    expect(client.problem?.cure).toContain('RELAY_URL');
  });

  it('may give reasons and fields that nobody here knows', async (context) => {
    const gate = { ...STATE, reason: 'eclipse-of-the-moon', moon: 1 };
    const { client } = await clientOf(context, { '/status': STATUS, '/states': { gate } });
    expect([...((await client.states()) ?? [])]).toEqual([['gate', { ...STATE, reason: null }]]);
  });
});
