import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import type { RelayStatus } from '../wire/wire.js';
import { LocalHost } from './localHost.js';

const ANSWER: RelayStatus = {
  ...{ pid: 7, version: '1.0.0', protocol: 1, run: 'r', change: 0, cameras: 0, fence: 0, workers: [], problem: null },
  ...{ reader: { port: 28_740, password: 'secret' }, sourceNetworks: '', mostTranscodes: 2 },
};

it('a relay with other SOURCE_NETWORKS or TRANSCODES_MAX than ours is replaced, as one of another version is', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-relay-host-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const sourceNetworks = '127.0.0.0/8';
  const started: string[] = [];
  const host = new LocalHost({
    ...{ dataDir, port: 28_740, version: '1.0.0', sourceNetworks, clock: new TurnedClock() },
    spawn: (request) => {
      started.push(request.sourceNetworks);
      return { signal: () => undefined };
    },
  });
  expect(host.suits(ANSWER)).toBe(false);
  expect(host.suits({ ...ANSWER, version: '0.9.0', sourceNetworks })).toBe(false);
  expect(host.suits({ ...ANSWER, sourceNetworks, mostTranscodes: 3 })).toBe(false);
  expect(host.suits({ ...ANSWER, sourceNetworks })).toBe(true);
  host.revive();
  expect(started).toEqual([sourceNetworks]);
});

it('a relay that was started here and hangs is ended, and the next one is started', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-relay-host-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const clock = new TurnedClock();
  const signals: string[] = [];
  let started = 0;
  const host = new LocalHost({
    ...{ dataDir, port: 28_740, version: '1.0.0', clock },
    spawn: (_request, onExit) => {
      started += 1;
      return {
        signal: (signal) => {
          signals.push(signal);
          queueMicrotask(() => onExit(null));
        },
      };
    },
  });
  host.revive();
  await clock.advance(20_000);
  host.revive();
  expect(host.suits(ANSWER)).toBe(true);
  await clock.advance(30_000);
  host.revive();
  expect(signals).toEqual([]);
  await clock.advance(1);
  host.revive();
  expect(signals).toEqual(['SIGKILL']);
  await clock.advance(250);
  host.revive();
  expect(started).toBe(2);
  // The relay that was started again gets the full time to answer.
  await clock.advance(30_000);
  host.revive();
  expect(signals).toEqual(['SIGKILL']);
});
