import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { until } from '../../../test/support/engine/mediamtx.js';
import { goesOn, isAlive, pulled, RelayProcessRig, startCloud } from '../../../test/support/relay/relayProcessRig.js';
import type { Config } from '../../config/config.js';
import { systemClock } from '../../systemClock.js';
import { endFormerRelay } from './formerRelay.js';

interface Former {
  readonly rig: RelayProcessRig;
  readonly pid: number;
  readonly controlPort: number;
  readonly file: string;
  readonly said: string[];
  /** Runs `endFormerRelay` with these settings; resolves when it is done. `settled`: MediaMTX's lines lead elsewhere. */
  readonly end: (relay: Partial<Config['relay']>, settled?: () => Promise<void>) => Promise<void>;
}

/** A relay with one camera that an earlier camlease started, and that still runs. */
async function former(): Promise<Former> {
  const rig = await RelayProcessRig.start({ endsWithUs: false });
  const cloud = await startCloud();
  await rig.client.setCameras(new Map([['gate', pulled(cloud)]]), 0);
  const { parent: pid } = await rig.pids();
  const file = path.join(rig.dataDir, 'relay', 'relay.jsonl');
  const controlPort = Number(new URL(rig.host.find()?.url ?? '').port);
  const said: string[] = [];
  const note = (sentence: string): void => void said.push(sentence);
  const log = { info: note, warn: note };
  return {
    ...{ rig, pid, file, controlPort, said },
    end: async (relay, settled = () => Promise.resolve()) => {
      const config = {
        dataDir: rig.dataDir,
        relay: { use: 'auto', url: null, port: 0, secret: null, ...relay },
      } as const;
      await endFormerRelay({ config, clock: systemClock, log, settled });
    },
  };
}

const OFF = { use: 'off' } as const;

describe('a relay of the camlease of before', () => {
  it('ends after the lines have left it, keeps a reader until it leaves, and leaves no live address behind', async () => {
    const { rig, pid, file, said, end } = await former();
    const reader = await rig.read('gate');
    expect(readFileSync(file, 'utf8')).toContain('rtmp://');
    const order: string[] = [];
    const ended = end(OFF, async () => {
      order.push(isAlive(pid) ? 'alive' : 'dead');
      await Promise.resolve();
    }).then(() => order.push('ended'));
    await until(() => order.length === 1);
    await goesOn(reader);
    expect(order).toEqual(['alive']);
    reader.socket.destroy();
    await ended;
    await until(() => !isAlive(pid));
    expect([order, existsSync(file), said]).toEqual([
      ['alive', 'ended'],
      false,
      ['The previous relay was stopped, because MediaMTX no longer reads from it.'],
    ]);
  });

  it('ends for another one that RELAY_URL names, and a file without a relay goes where there is none any more', async () => {
    const one = await former();
    await one.end({ url: 'http://127.0.0.1:1' });
    await until(() => !isAlive(one.pid));
    expect(existsSync(one.file)).toBe(false);
    writeFileSync(one.file, 'rtmp://secret.example/a\n');
    await one.end(OFF);
    expect(existsSync(one.file)).toBe(false);
  });

  it('stays where it is the one that RELAY_URL names, where it runs by itself, and where it is still used', async () => {
    const { rig, pid, file, controlPort, said, end } = await former();
    await end({ url: `http://relay:${controlPort}` });
    await end({});
    const running = path.join(rig.dataDir, 'relay', 'running.json');
    const text = readFileSync(running, 'utf8');
    expect(text).toContain('"byCamlease":true');
    writeFileSync(running, text.replace('true', 'false'));
    await end(OFF);
    expect([isAlive(pid), readFileSync(file, 'utf8').includes('rtmp://'), said]).toEqual([true, true, []]);
    // By its file, the relay's port belongs to another program.
    writeFileSync(running, text.replace(`"pid":${pid}`, '"pid":1'));
    await end(OFF);
    expect([isAlive(pid), existsSync(file), said.join()]).toEqual([
      true,
      true,
      expect.stringContaining('still uses the folder'),
    ]);
    writeFileSync(running, text);
    await end(OFF);
    expect(existsSync(file)).toBe(false);
  });
});
