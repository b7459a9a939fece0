import { expect, it } from 'vitest';
import { TurnedClock } from '../../../../simulator/clock/turnedClock.js';
import type { PathConfig } from '../paths/pathConfig.js';
import { INSTALLATION_PATH, OtherInstallation } from './otherInstallation.js';

const MINUTE_MS = 60_000;

interface Server {
  readonly clock: TurnedClock;
  readonly paths: Map<string, PathConfig>;
  /** Starts an installation that calls `check` every second, or every `everyMs`. */
  readonly begin: (name: string, mayWrite?: () => boolean, everyMs?: number) => Installation;
  /** Changes MediaMTX's file, which MediaMTX reads. */
  readonly rewriteFile: () => void;
  /** How often a name was written. */
  readonly writes: () => number;
}

interface Installation {
  readonly watch: OtherInstallation;
  readonly warnings: readonly string[];
  readonly end: () => void;
}

/** A MediaMTX and installations that use it. */
function aServer(): Server {
  const paths = new Map<string, PathConfig>();
  const clock = new TurnedClock();
  let writes = 0;
  const file = { version: 1 };
  const client = {
    pathConfig: async (name: string) => paths.get(name) ?? null,
    replacePath: async (name: string, config: PathConfig) => {
      writes += 1;
      paths.set(name, config);
    },
  };
  const begin = (name: string, mayWrite = () => true, everyMs = 1_000): Installation => {
    const warnings: string[] = [];
    const log = { warn: (text: string) => void warnings.push(text), info: () => undefined };
    const alone = <T>(run: () => Promise<T>): Promise<T> => run();
    const watch = new OtherInstallation({
      client,
      clock,
      log,
      alone,
      mayWrite,
      name: () => name,
      fileStamp: () => `${file.version}`,
    });
    let hasEnded = false;
    const look = (): void => {
      if (hasEnded) return;
      void watch.check();
      clock.after(everyMs, look);
    };
    look();
    return { watch, warnings, end: () => void (hasEnded = true) };
  };
  const rewriteFile = (): void => {
    file.version += 1;
    paths.clear();
  };
  return { clock, paths, rewriteFile, begin, writes: () => writes };
}

it('an installation alone writes its name once, and is told nothing', async () => {
  const { clock, begin, writes } = aServer();
  const { watch } = begin('installation-a');
  await clock.advance(60 * MINUTE_MS);
  expect(writes()).toBe(1);
  expect(watch.problem).toBeNull();
});

it('a name that an earlier start left is taken over in silence', async () => {
  const { clock, begin } = aServer();
  const first = begin('installation-a');
  await clock.advance(MINUTE_MS);
  first.end();
  const { watch, warnings } = begin('installation-b');
  await clock.advance(60 * MINUTE_MS);
  expect([watch.problem, ...warnings]).toEqual([null]);
});

it('two are both told within a minute, once, and the writes of their fight are bounded', async () => {
  const { clock, begin, writes } = aServer();
  const first = begin('installation-a');
  await clock.advance(60 * MINUTE_MS);
  const second = begin('installation-b');
  await clock.advance(MINUTE_MS);
  for (const { watch, warnings } of [first, second]) {
    expect(watch.problem).toContain('Another installation of camlease writes the paths of this MediaMTX');
    expect(watch.problem).toContain('MONGODB_URI');
    expect(warnings).toHaveLength(1);
  }
  await clock.advance(120 * MINUTE_MS);
  for (const { watch, warnings } of [first, second]) {
    expect(watch.problem).not.toBeNull();
    expect(warnings).toHaveLength(1);
  }
  expect(writes()).toBeLessThan(2 * 120 + 30);
});

it('it is over ten minutes after the other one ended', async () => {
  const { clock, begin } = aServer();
  const first = begin('installation-a');
  const second = begin('installation-b');
  await clock.advance(5 * MINUTE_MS);
  expect(first.watch.problem).not.toBeNull();
  second.end();
  await clock.advance(12 * MINUTE_MS);
  expect(first.watch.problem).toBeNull();
});

it('replicas of one installation have one name, and a MediaMTX that lost it tells nothing', async () => {
  const { clock, begin, paths, rewriteFile } = aServer();
  const [owner, looker] = [begin('installation-a'), begin('installation-a', () => false)];
  await clock.advance(MINUTE_MS);
  rewriteFile();

  await clock.advance(5 * MINUTE_MS);
  expect(paths.has(INSTALLATION_PATH)).toBe(true);
  expect([owner.watch.problem, looker.watch.problem]).toEqual([null, null]);
});

it('a replica that may not write is told by the name that took the place of its own', async () => {
  const { clock, begin } = aServer();
  begin('installation-a');
  const looker = begin('installation-a', () => false, 300);
  await clock.advance(MINUTE_MS);
  begin('installation-b');
  await clock.advance(5 * MINUTE_MS);
  expect(looker.watch.problem).not.toBeNull();
});

it('what another one changed is put right at once, and once a minute while two fight', async () => {
  const { clock, begin } = aServer();
  const { watch } = begin('installation-a');
  let restored = 0;
  const edit = (): void => watch.putRight(() => void (restored += 1));
  edit();
  edit();
  expect(restored).toBe(2);
  begin('installation-b');
  await clock.advance(MINUTE_MS);
  restored = 0;
  for (let second = 0; second < 600; second++) {
    edit();
    await clock.advance(1_000);
  }
  expect(restored).toBeGreaterThan(8);
  expect(restored).toBeLessThan(12);
});
