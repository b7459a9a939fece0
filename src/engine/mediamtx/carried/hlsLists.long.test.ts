import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import { axiosHolding } from '../../../../test/support/clouds/cloudHarness.js';
import { mediaMtxProgram, until } from '../../../../test/support/engine/mediamtx.js';
import { carried, startMediaMtxRig } from '../../../../test/support/engine/mediamtxRig.js';
import { nodeAvFor } from '../../../../test/support/viewers/nodeAv.js';
import { HlsLists } from './hlsLists.js';

describe('lists that are kept', () => {
  let server: Server | null = null;
  let lists: HlsLists | null = null;
  afterEach(async () => {
    await lists?.stop();
    server?.closeAllConnections();
    server?.close();
    server = lists = null;
  });

  /** A media server that numbers its HLS sessions; `asked`: the requests that it got. */
  async function hlsServer({ refuses = false } = {}): Promise<{
    asked: string[];
    urlOf: (camera: string) => string;
    sessionsEnd: () => void;
  }> {
    const asked: string[] = [];
    const state = { sessions: 0, endedUpTo: 0 };
    server = createServer(({ url = '' }, response) => {
      asked.push(url);
      const session = /session=(\d+)/.exec(url)?.[1];
      if (refuses) response.writeHead(401).end();
      else if (session !== undefined && Number(session) <= state.endedUpTo) response.writeHead(401).end();
      else if (session !== undefined) response.end('#EXTM3U\n');
      else response.end(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n\nmain.m3u8?session=${++state.sessions}\n`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const urlOf = (camera: string): string => `http://127.0.0.1:${port}/${camera}/index.m3u8?own`;
    return { asked, urlOf, sessionsEnd: () => (state.endedUpTo = state.sessions) };
  }

  test('are asked for by one session, and anew when that is gone', async () => {
    const { asked, urlOf, sessionsEnd } = await hlsServer();
    const clock = new TurnedClock();
    lists = new HlsLists({ http: axiosHolding(clock), clock, authorization: () => 'Basic b3VyczpzZWNyZXQ=' });
    lists.keep([urlOf('gate')]);
    await until(() => asked.length === 1);
    await clock.advance(1);
    // `keep` with the same list changes nothing.
    lists.keep([urlOf('gate')]);
    for (let turn = 2; turn <= 3; turn++) {
      await clock.advance(12_000);
      await until(() => asked.length === turn);
    }
    expect(asked).toEqual(['/gate/index.m3u8?own', '/gate/main.m3u8?session=1', '/gate/main.m3u8?session=1']);
    sessionsEnd();
    asked.length = 0;
    await clock.advance(12_000);
    await until(() => asked.length === 2);
    await clock.advance(1);
    await clock.advance(12_000);
    await until(() => asked.length === 3);
    expect(asked).toEqual(['/gate/main.m3u8?session=1', '/gate/index.m3u8?own', '/gate/main.m3u8?session=2']);
    lists.keep([]);
    await clock.advance(60_000);
    expect(asked).toHaveLength(3);
  });

  test('are asked for ever more seldom where they are refused', async () => {
    const { asked, urlOf } = await hlsServer({ refuses: true });
    const clock = new TurnedClock();
    lists = new HlsLists({ http: axiosHolding(clock), clock, authorization: () => 'Basic b3VyczpzZWNyZXQ=' });
    lists.keep([urlOf('gate')]);
    for (let turn = 0; turn < 300; turn++) await clock.advance(12_000);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(15);
  });

  test('are none when there are more than twenty', async () => {
    const { asked, urlOf } = await hlsServer();
    const clock = new TurnedClock();
    lists = new HlsLists({ http: axiosHolding(clock), clock, authorization: () => 'Basic b3VyczpzZWNyZXQ=' });
    const urls = Array.from({ length: 21 }, (_, n) => urlOf(`camera-${n}`));
    lists.keep(urls);
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    lists.keep(urls.slice(1));
    await until(() => asked.length === 20);
  });
});

describe.skipIf(mediaMtxProgram === null || !nodeAvFor('HLS lists on MediaMTX'))('on real MediaMTX', () => {
  test(
    'an always-on camera has a full list before anybody watches, and nobody is said to',
    { timeout: 60_000 },
    async () => {
      const { engine, lease, onAir, stop, state, mediaMtx } = await startMediaMtxRig();
      const madeAtMs = async (): Promise<number> => {
        const reply = await fetch(`${mediaMtx.apiUrl}/v3/hlsmuxers/get/gate`);
        return Date.parse(((await reply.json()) as { created: string }).created);
      };
      try {
        await engine.apply(carried('gate', lease('gate', 1)));
        await onAir('gate');
        // Key frames come every second.
        await until(async () => Date.now() - (await madeAtMs()) > 4_000, 20_000);
        expect(await state('gate')).toMatchObject({ viewers: 0 });
        const main = await fetch(engine.links('gate', '').hlsUrl);
        const media = (await main.text()).split('\n').find((line) => line.includes('.m3u8')) ?? '';
        const list = await (await fetch(new URL(media, main.url))).text();
        expect(list.split('#EXTINF').length - 1).toBeGreaterThanOrEqual(2);
        expect(await state('gate')).toMatchObject({ viewers: 1 });
      } finally {
        await stop();
      }
    },
  );
});
