import { expect, test } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { targetOn } from '../../../test/support/engine/embeddedKit.js';
import type { PullTarget } from '../../core/streams/pullTarget.js';
import { standInRules } from './standInRules.js';
import { WatchedCamera } from './watchedCamera.js';

const onDemand = (inForce: PullTarget | null) => ({ mode: 'on-demand', inForce }) as const;
const alwaysOn = (inForce: PullTarget | null) => ({ mode: 'always-on', inForce }) as const;

function watchOn(clock: TurnedClock): { watch: WatchedCamera; log: string[] } {
  const log: string[] = [];
  const watch = new WatchedCamera('p', {
    clock,
    open: (lease, { whenCold }) => log.push(`${whenCold ? 'keep' : 'open'} ${lease?.revision ?? 'nothing'}`),
    watched: (isWatched) => log.push(isWatched ? 'watched' : 'unwatched'),
    close: () => log.push('close'),
  });
  watch.setStream(onDemand(targetOn('rtmp://127.0.0.1/a', 1)));
  return { watch, log };
}

test('a camera is pulled when somebody watches, and released some time after the last one', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  expect(log).toEqual([]);
  watch.use();
  watch.addWhep('1');
  await clock.advance(600_000);
  expect(log).toEqual(['open 1']);
  watch.removeWhep('1');
  await clock.advance(10_000);
  expect(log).toEqual(['open 1']);
  await clock.advance(10_000);
  expect(log).toEqual(['open 1', 'close']);
});

test('one who plays HLS counts for as long as the playlist is asked for', async () => {
  const clock = new TurnedClock();
  const { watch } = watchOn(clock);
  watch.use();
  watch.hlsViewerSeen('a');
  watch.hlsViewerSeen('b');
  await clock.advance(8000);
  watch.hlsViewerSeen('b');
  expect(watch.viewers()).toBe(2);
  await clock.advance(8000);
  expect(watch.viewers()).toBe(1);
});

test('a new lease is opened while somebody watches, and later when nobody does', () => {
  const { watch, log } = watchOn(new TurnedClock());
  watch.setStream(onDemand(targetOn('rtmp://127.0.0.1/b', 2)));
  expect(log).toEqual([]);
  watch.use();
  watch.setStream(onDemand(targetOn('rtmp://127.0.0.1/c', 3)));
  expect(log).toEqual(['open 2', 'open 3']);
  watch.setStream(onDemand(null));
  expect(log).toEqual(['open 2', 'open 3', 'open nothing']);
});

test('a camera that is always on is pulled without viewers, and kept without a lease', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  watch.setStream(alwaysOn(targetOn('rtmp://127.0.0.1/b', 2)));
  await clock.advance(600_000);
  watch.setStream(alwaysOn(null));
  watch.setStream(alwaysOn(null));
  watch.setStream(alwaysOn(targetOn('rtmp://127.0.0.1/c', 3)));
  expect(log).toEqual(['keep 2', 'unwatched', 'keep nothing', 'unwatched', 'keep 3', 'unwatched']);
  expect(watch.pulled).toBe(true);
});

test('a camera that becomes on-demand is released some time later, and one that is watched stays', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  const lease = targetOn('rtmp://127.0.0.1/a', 1);
  watch.setStream(alwaysOn(lease));
  watch.addWhep('1');
  watch.setStream(onDemand(lease));
  await clock.advance(60_000);
  expect(log).toEqual(['keep 1', 'unwatched', 'open 1', 'unwatched', 'watched']);
  watch.removeWhep('1');
  await clock.advance(20_000);
  expect(log).toEqual(['keep 1', 'unwatched', 'open 1', 'unwatched', 'watched', 'close']);
});

test('an on-demand camera without a lease is kept while somebody watches, and released when nobody does', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  watch.use();
  watch.addWhep('1');
  watch.setStream(onDemand(null));
  await clock.advance(600_000);
  expect(log).toEqual(['open 1', 'open nothing']);
  watch.removeWhep('1');
  await clock.advance(20_000);
  expect(log).toEqual(['open 1', 'open nothing', 'close']);
});

test('a camera that is always on says when nobody watches it any more, and when somebody does', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  watch.setStream(alwaysOn(targetOn('rtmp://127.0.0.1/b', 2)));
  watch.use();
  watch.hlsViewerSeen('a');
  await clock.advance(30_000);
  watch.use();
  expect(log).toEqual(['keep 2', 'unwatched', 'watched', 'unwatched', 'watched']);
});

test('one that is given up sends its viewers away, and is pulled on only where it is always pulled', () => {
  const segment = { init: Buffer.from('init'), body: Buffer.from('body'), durationMs: 1000 };
  const { watch, log } = watchOn(new TurnedClock());
  watch.use();
  watch.addSegment(segment);
  watch.gone();
  expect([log, watch.playlist.empty, watch.pulled]).toEqual([['open 1', 'close'], true, false]);
  watch.setStream({
    mode: 'seamless',
    inForce: targetOn('rtmp://127.0.0.1/b', 2),
    relaying: { whenGone: 'end', cap: null },
  });
  watch.use();
  watch.hlsViewerSeen('a');
  watch.addSegment(segment);
  watch.gone();
  expect([watch.playlist.empty, watch.pulled, watch.viewers()]).toEqual([true, true, 0]);
});

test('what is shown in a camera’s place hangs on its mode and on what its viewers are to get', () => {
  const lease = targetOn('rtmp://127.0.0.1/a', 1);
  const relaying = (whenGone: 'slate' | 'end') => ({ relaying: { whenGone, cap: null } });
  expect(standInRules(onDemand(lease))).toMatchObject({ whenCold: false, labelledMs: 5_000, longestMs: null });
  expect(standInRules({ mode: 'on-demand', ...relaying('slate') }).longestMs).toBeNull();
  expect(standInRules({ mode: 'on-demand', ...relaying('end') }).longestMs).toBe(60_000);
  expect(standInRules({ mode: 'seamless', ...relaying('end') })).toMatchObject({ whenCold: true, longestMs: 60_000 });
  expect(standInRules({ mode: 'always-on', ...relaying('end') })).toMatchObject({ labelledMs: 0, longestMs: null });
});
