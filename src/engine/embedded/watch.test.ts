import { expect, test } from 'vitest';
import { TurnedClock } from '../../../simulator/turnedClock.js';
import { leaseOn } from '../../../test/support/embeddedKit.js';
import type { Lease } from '../../core/lease.js';
import { Watch } from './watch.js';

const onDemand = (inForce: Lease | null) => ({ mode: 'on-demand', inForce }) as const;
const alwaysOn = (inForce: Lease | null) => ({ mode: 'always-on', inForce }) as const;

function watchOn(clock: TurnedClock): { watch: Watch; log: string[] } {
  const log: string[] = [];
  const watch = new Watch('p', {
    clock,
    open: (lease, { whenCold }) => log.push(`${whenCold ? 'keep' : 'open'} ${lease?.revision ?? 'nothing'}`),
    watched: (isWatched) => log.push(isWatched ? 'watched' : 'unwatched'),
    close: () => log.push('close'),
  });
  watch.setStream(onDemand(leaseOn('rtmp://127.0.0.1/a', 1)));
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
  watch.setStream(onDemand(leaseOn('rtmp://127.0.0.1/b', 2)));
  expect(log).toEqual([]);
  watch.use();
  watch.setStream(onDemand(leaseOn('rtmp://127.0.0.1/c', 3)));
  expect(log).toEqual(['open 2', 'open 3']);
  watch.setStream(onDemand(null));
  expect(log).toEqual(['open 2', 'open 3', 'open nothing']);
});

test('a camera that is always on is pulled without viewers, and kept without a lease', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  watch.setStream(alwaysOn(leaseOn('rtmp://127.0.0.1/b', 2)));
  await clock.advance(600_000);
  watch.setStream(alwaysOn(null));
  watch.setStream(alwaysOn(null));
  watch.setStream(alwaysOn(leaseOn('rtmp://127.0.0.1/c', 3)));
  expect(log).toEqual(['keep 2', 'unwatched', 'keep nothing', 'unwatched', 'keep 3', 'unwatched']);
  expect(watch.pulled).toBe(true);
});

test('a camera that becomes on-demand is released some time later, and one that is watched stays', async () => {
  const clock = new TurnedClock();
  const { watch, log } = watchOn(clock);
  const lease = leaseOn('rtmp://127.0.0.1/a', 1);
  watch.setStream(alwaysOn(lease));
  watch.addWhep('1');
  watch.setStream(onDemand(lease));
  await clock.advance(60_000);
  expect(log).toEqual(['keep 1', 'unwatched', 'open 1', 'unwatched', 'watched']);
  watch.removeWhep('1');
  await clock.advance(20_000);
  expect(log).toEqual(['keep 1', 'unwatched', 'open 1', 'unwatched', 'watched', 'close']);
});
