import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { PullReason } from '../../core/streams/relay.js';
import type { RelayNews } from '../pull/relayNews.js';
import { StreamNews } from './streamNews.js';

function start(): { readonly clock: TurnedClock; readonly news: StreamNews; readonly lines: string[] } {
  const clock = new TurnedClock();
  const lines: string[] = [];
  const news = new StreamNews({ clock, log: (cameraId, message) => lines.push(`${cameraId}: ${message}`) });
  return { clock, news, lines };
}

describe('what the relay says of its streams', () => {
  it('is what an operator can act on or has to explain, and nothing usual', () => {
    const { news, lines } = start();
    const all: RelayNews[] = [
      { kind: 'state', state: 'live' },
      { kind: 'taken-over', revision: 2 },
      { kind: 'bridged', gapMs: 1_200 },
      { kind: 'bridged', gapMs: 61_400 },
      { kind: 'refused', revision: 2, codec: 'h265' },
      { kind: 'rebuilt', revision: 2 },
      { kind: 'left-out', track: 'sound', codec: 'MP3' },
      { kind: 'no-room', revision: 2, closed: 1 },
      { kind: 'over-cap' },
      { kind: 'pull-over', revision: 2, reason: 'ended', code: null },
      { kind: 'pull-over', revision: 2, reason: 'certificate', code: 'CERT_HAS_EXPIRED' },
    ];
    for (const one of all) news.take('gate', one, 'cloud');
    expect(lines.map((line) => /^gate: The (\S+ \S+ \S+ \S+)/.exec(line)?.[1])).toEqual([
      "camera's pictures are back",
      "camera's next live URL",
      'picture of the camera',
      'sound of the camera',
      'cloud of the camera',
      'camera waits until nobody',
      'relay does not trust',
    ]);
    expect(lines[0]).toContain('after 61 s');
  });

  it('of a camera by URL speaks of no cloud, and of a refused login and a forbidden network', () => {
    const { news, lines } = start();
    const all: RelayNews[] = [
      { kind: 'refused', revision: 2, codec: 'h265' },
      { kind: 'no-room', revision: 2, closed: 1 },
      { kind: 'left-out', track: 'sound', codec: 'MP3' },
    ];
    for (const one of all) news.take('gate', one, 'person');
    const over = (reason: PullReason): RelayNews => ({ kind: 'pull-over', revision: 2, reason, code: null });
    const reasons = ['certificate', 'login', 'forbidden', 'connection'] as const;
    for (const reason of reasons) news.take(reason, over(reason), 'person');
    expect(lines).toHaveLength(6);
    expect(lines.join(' ')).not.toMatch(/cloud|lease|live URL/);
    expect(lines[4]).toMatch(/^login: .*refuses its user or password.*30 minutes/);
    expect(lines[5]).toMatch(/^forbidden: .*SOURCE_NETWORKS/);
    for (const reason of reasons.slice(1)) news.take(`${reason}-2`, over(reason), 'cloud');
    expect(lines).toHaveLength(6);
  });

  it('is said of a camera once in ten minutes, and thirty times a minute at most', async () => {
    const { clock, news, lines } = start();
    for (let second = 0; second < 660; second++) {
      news.take('gate', { kind: 'over-cap' }, 'cloud');
      await clock.advance(1_000);
    }
    expect(lines.length).toBe(2);
    for (let at = 0; at < 100; at++) news.take(`camera-${at}`, { kind: 'over-cap' }, 'cloud');
    expect(lines.length).toBe(32);
    news.forget('gate');
    await clock.advance(60_000);
    news.take('gate', { kind: 'over-cap' }, 'cloud');
    expect(lines.length).toBe(33);
  });
});
