import { expect, it } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { dial } from '../worker/dial.js';
import { openUdp } from '../worker/udpPorts.js';
import type { AnyPullEnd } from '../rtmp/pullReason.js';
import { schemePuller } from './schemePuller.js';

it.each([
  ['srt://192.0.2.1:9000?streamid=x', { why: 'protocol', code: 'SRT' }],
  ['SRT://192.0.2.1:9000', { why: 'protocol', code: 'SRT' }],
  ['ftp://192.0.2.1/video', { why: 'protocol' }],
])('an address of a scheme that nobody pulls ends at once: %s', async (url, end) => {
  const clock = new TurnedClock();
  const ends: AnyPullEnd[] = [];
  const pull = schemePuller({ dial, clock, random: () => 0, openUdp });
  pull(
    { url, revision: 1, givenBy: 'person', endsAt: null, tracks: null },
    { onUnit: () => undefined, onBytes: () => undefined, onEnd: (why) => ends.push(why) },
  );
  await clock.advance(1);
  expect(ends).toEqual([end]);
});
