import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { readConfig, type Config } from '../../config/config.js';
import type { Log } from '../../observe/logger.js';
import type { RelayClient } from '../../relay/client/relayClient.js';
import { createRelay } from './relay.js';

interface Chosen {
  readonly relay: RelayClient | null;
  readonly warnings: readonly string[];
  /** Log lines that are not warnings. */
  readonly told: readonly string[];
  readonly secrets: readonly string[];
}

function choose(env: Record<string, string>, apiUrl = 'http://127.0.0.1:9997'): Chosen {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'camlease-relay-choice-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const { config, mistakes } = readConfig({ DATA_DIR: dataDir, ...env }, null);
  if (!config) throw new Error(mistakes.join('\n'));
  const warnings: string[] = [];
  const told: string[] = [];
  const secrets: string[] = [];
  const nothing = (): void => undefined;
  const log: Log = {
    ...{ debug: nothing, info: (message: string) => told.push(message), error: nothing },
    warn: (message, fields) => warnings.push(`${message} ${String(fields?.['cure'])}`),
    child: () => log,
  };
  const relay = createRelay({
    ...{ config: config satisfies Config, apiUrl, environment: {}, log, clock: new TurnedClock() },
    ...{ ownsMediaMtx: false, isAlone: true, keepSecret: (text: string) => secrets.push(text) },
  });
  return { relay, warnings, told, secrets };
}

describe('the relay that is chosen', () => {
  it.each(['http://127.0.0.1:9997', 'http://localhost:9997', 'http://[::1]:9997'])(
    'is one of our own beside a MediaMTX at %s',
    (apiUrl) => {
      const { relay, warnings } = choose({ RELAY: 'auto' }, apiUrl);
      expect(relay?.problem?.cure).toContain('camlease starts the relay again by itself');
      expect(warnings).toEqual([]);
    },
  );

  it('is the one that is named, wherever MediaMTX is, and its secret is shown nowhere', () => {
    const RELAY_SECRET = 'a-secret-of-sixteen-or-more';
    const { relay, secrets } = choose(
      { RELAY: 'auto', RELAY_URL: 'http://media.example.org:28741', RELAY_SECRET },
      'http://media:9997',
    );
    expect(relay?.problem?.cure).toContain('RELAY_URL');
    expect(secrets).toEqual([RELAY_SECRET]);
  });

  it.each(['http://127.0.0.1:28741', 'http://localhost:28741', 'http://[::1]:28741'])(
    'is none where it is named by an address (%s) under which the MediaMTX of another machine would look for it on its own',
    (RELAY_URL) => {
      const { relay, warnings } = choose({ RELAY: 'auto', RELAY_URL }, 'http://mediamtx:9997');
      expect([relay, warnings]).toEqual([
        null,
        [expect.stringMatching(/RELAY_URL names this machine.*beside MediaMTX/)],
      ]);
      expect(choose({ RELAY: 'auto', RELAY_URL }).relay).not.toBeNull();
    },
  );

  it('is none beside a MediaMTX on another machine, which is said with the cure', () => {
    const { relay, warnings } = choose({ RELAY: 'auto' }, 'http://mediamtx:9997');
    expect([relay, warnings]).toEqual([null, [expect.stringMatching(/another machine.*RELAY_URL and RELAY_SECRET/)]]);
  });

  it('is none where it is switched off, of which a line tells and no warning', () => {
    const { relay, warnings, told } = choose(
      { RELAY: 'off', RELAY_URL: 'http://media.example.org:28741' },
      'http://mediamtx:9997',
    );
    expect([relay, warnings]).toEqual([null, []]);
    expect(told).toEqual([expect.stringContaining('MediaMTX pulls on-demand cameras itself, like direct ones')]);
  });

  it.each(['short', 'with a space in between', 'größer als ASCII erlaubt'])(
    'takes no secret that no header takes: %s',
    (secret) => {
      const { mistakes } = readConfig({ RELAY_SECRET: secret }, null);
      expect(mistakes?.join()).toContain('RELAY_SECRET: must be 16 to 200');
      expect(mistakes?.join()).not.toContain(secret);
    },
  );
});
