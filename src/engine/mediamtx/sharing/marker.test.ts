import { expect, it } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import type { PathConfig } from '../paths/pathConfig.js';
import { Marker, MARKER_PATH, markerPath } from './marker.js';

/** A MediaMTX's paths, and the replicas that use it. */
function aServer(): {
  paths: Map<string, PathConfig>;
  readonly process: (name: string) => Marker;
  readonly clock: TurnedClock;
} {
  const paths = new Map<string, PathConfig>();
  const clock = new TurnedClock();
  const client = {
    pathConfig: async (name: string) => paths.get(name) ?? null,
    replacePath: async (name: string, config: PathConfig) => void paths.set(name, config),
  };
  return { paths, clock, process: (name) => new Marker({ client, clock, newId: () => `id-of-${name}` }) };
}

it('is made where there is none, and read by everybody after that', async () => {
  const { clock, process } = aServer();
  const first = process('first');
  expect(await clock.runUntil(first.read())).toEqual({ name: 'id-of-first', fence: 0 });
  expect(await process('second').read()).toEqual({ name: 'id-of-first', fence: 0 });
});

it('is the same for two that make it at once', async () => {
  const { clock, process } = aServer();
  const looks = await clock.runUntil(Promise.all([process('first').read(), process('second').read()]));
  expect(new Set(looks.map(({ name }) => name)).size).toBe(1);
});

it('is kept by those who know it when MediaMTX lost it, and not made anew by them', async () => {
  const { clock, paths, process } = aServer();
  const first = process('first');
  await clock.runUntil(first.read());
  paths.delete(MARKER_PATH);
  expect(await first.read()).toEqual({ name: 'id-of-first', fence: 0 });
  expect(paths.has(MARKER_PATH)).toBe(false);
});

it('is looked at afresh each time, so that two who disagreed for a moment agree', async () => {
  const { clock, paths, process } = aServer();
  const first = process('first');
  await clock.runUntil(first.read());
  paths.clear();
  const second = process('second');
  await clock.runUntil(second.read());
  expect(await first.read()).toEqual({ name: 'id-of-second', fence: 0 });
});

it('carries the fence of who wrote it last', async () => {
  const { clock, paths, process } = aServer();
  const first = process('first');
  await clock.runUntil(first.read());
  paths.set(MARKER_PATH, markerPath({ name: 'id-of-first', fence: 12 }));
  expect(await first.read()).toEqual({ name: 'id-of-first', fence: 12 });
  expect(first.known).toEqual({ name: 'id-of-first', fence: 12 });
});
