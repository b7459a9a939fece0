import { describe, expect, it } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import type { RelayCamera, RelayedCamera } from '../../../core/streams/relay.js';
import { silentLog } from '../../../../test/support/engine/mediamtxEngine.js';
import { DirectHosts } from './directHosts.js';

const DAY_MS = 24 * 3_600_000;
const read = (more: Partial<RelayedCamera>): RelayedCamera => ({
  ...{ state: 'opening', revision: null, readers: 1, bytesReceived: 0, quietMs: null, reason: 'protocol' },
  ...{ protocolFailures: 0, ...more },
});
const pulled = (url: string): RelayCamera => ({
  ...{ candidate: null, whenGone: 'slate', cap: null },
  target: { url, givenBy: 'cloud', revision: 1, endsAt: null, tracks: null },
});
const TOLD = new Map([
  ['gate', pulled('rtmp://one.example:1935/live/a')],
  ['yard', pulled('rtmp://one.example:1935/live/b')],
  ['shop', pulled('rtmps://two.example/live/c')],
  ['odd', pulled('no address')],
]);

describe('hosts that the relay cannot read', () => {
  it('are told at the second failure in a row, once, with all their cameras but those whose pictures come', () => {
    const hosts = new DirectHosts({ clock: new TurnedClock(), log: silentLog });
    expect(hosts.see(new Map([['gate', read({ protocolFailures: 1 })]]), TOLD)).toBe(false);
    expect(hosts.has('gate', TOLD)).toBe(false);
    const seen = new Map([['gate', read({ protocolFailures: 2 })]]);
    expect([hosts.see(seen, TOLD), hosts.see(seen, TOLD)]).toEqual([true, false]);
    expect(['gate', 'yard', 'shop', 'odd', 'new'].map((id) => hosts.has(id, TOLD))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    hosts.see(new Map([['yard', read({ state: 'live', reason: null })]]), TOLD);
    expect(hosts.has('yard', TOLD)).toBe(false);
  });

  it('are tried again by the relay after a day', async () => {
    const clock = new TurnedClock();
    const hosts = new DirectHosts({ clock, log: silentLog });
    hosts.see(new Map([['shop', read({ protocolFailures: 7 })]]), TOLD);
    await clock.advance(DAY_MS - 1);
    expect(hosts.has('shop', TOLD)).toBe(true);
    await clock.advance(1);
    expect(hosts.has('shop', TOLD)).toBe(false);
  });
});
