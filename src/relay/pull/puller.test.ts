import { describe, expect, it, onTestFinished } from 'vitest';
import { aCommand, oddRtmpServer, type OddServer } from '../../../test/support/relay/oddRtmpServer.js';
import { key, setup, START } from '../../../test/support/relay/rtmpMedia.js';
import { systemClock } from '../../systemClock.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { dial } from '../worker/dial.js';
import { rtmpPuller, type Puller } from './puller.js';

/** Resolves to why the pull ended, or to `played` with its first picture. */
function play(puller: Puller, { port }: OddServer): Promise<AnyPullEnd['why'] | 'played'> {
  return new Promise((resolve) => {
    const target = {
      url: `rtmp://127.0.0.1:${port}/live/gate`,
      givenBy: 'cloud',
      revision: 1,
      endsAt: null,
      tracks: null,
    } as const;
    const pull = puller(target, {
      onUnit: ({ kind }) => {
        if (kind === 'picture') resolve('played');
      },
      onBytes: () => undefined,
      onEnd: ({ why }) => resolve(why),
    });
    onTestFinished(() => pull.stop());
  });
}

const aPuller = (): Puller => rtmpPuller({ dial, clock: systemClock, random: () => 0.5 });

describe('a server', () => {
  it('is told that H.265 is taken, which some send to nobody who does not say so', async () => {
    const server = await oddRtmpServer({ toPlay: [START, setup(), key(0)] });
    onTestFinished(() => server.stop());
    expect(await play(aPuller(), server)).toBe('played');
    expect(server.codecs).toEqual([['hvc1']]);
  });

  it('that refuses a connection which says so is asked without, and remembered', async () => {
    const code = 'NetConnection.Connect.Rejected';
    const toEnhanced = [aCommand('_error', 1, null, { level: 'error', code, description: 'what is a list?' })];
    const server = await oddRtmpServer({ toEnhanced, toPlay: [START, setup(), key(0)] });
    onTestFinished(() => server.stop());
    const puller = aPuller();
    expect(await play(puller, server)).toBe('refused');
    expect(await play(puller, server)).toBe('played');
    expect(await play(puller, server)).toBe('played');
    expect(server.codecs).toEqual([['hvc1'], undefined, undefined]);
  });

  it('that has no such stream, or closes, after it took the connection is told as before', async () => {
    const server = await oddRtmpServer({ toPlay: [], thenCloses: true });
    onTestFinished(() => server.stop());
    const puller = aPuller();
    for (let tries = 0; tries < 2; tries++) expect(await play(puller, server)).toBe('connection');
    expect(server.codecs).toEqual([['hvc1'], ['hvc1']]);
  });

  it('that refuses either way is told again', async () => {
    const server = await oddRtmpServer({ toConnect: [Buffer.from('HTTP/1.1 400 Bad Request')], toPlay: [] });
    onTestFinished(() => server.stop());
    const puller = aPuller();
    for (let tries = 0; tries < 3; tries++) expect(await play(puller, server)).not.toBe('played');
    expect(server.codecs).toEqual([['hvc1'], undefined, ['hvc1']]);
  });
});
