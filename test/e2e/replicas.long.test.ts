import { describe, expect, inject, it } from 'vitest';
import { mediaMtx } from '../support/installation/appRig.js';
import { runReplicas } from '../support/replicas/replicaRun.js';

/** `REPLICA_SECONDS=600 npx vitest run test/e2e/replicas` is the long run, and so is `npm run bench:replicas`. */
const SECONDS = Number(process.env['REPLICA_SECONDS'] ?? 65);
const CAMERAS = Number(process.env['REPLICA_CAMERAS'] ?? 60);
/** A request leaves each 200 ms: so many may be on their way when their process dies. */
const IN_FLIGHT = 3;

const mongo = mediaMtx === null ? null : inject('mongodbUri');
if (mediaMtx === null || mongo === null)
  process.stderr.write('skipped: three replicas on one database (needs a MongoDB-compatible server and mediamtx)\n');

describe.skipIf(mediaMtx === null || mongo === null)(`three replicas, one killed every 20 s for ${SECONDS} s`, () => {
  it(
    'obtain each lease once, take over within 20 s, never tear mediamtx.yml, and leave no camera dark',
    { timeout: (SECONDS + 900) * 1000 },
    async () => {
      if (mediaMtx === null || mongo === null) return;
      const said: string[] = [];
      const report = await runReplicas({
        mongodbUri: mongo,
        mediaMtxProgram: mediaMtx,
        cameras: CAMERAS,
        seconds: SECONDS,
        killEveryMs: 20_000,
        say: (line) => {
          said.push(line);
          if (process.env['REPLICA_SECONDS'] !== undefined) process.stderr.write(`${line}\n`);
        },
      });
      process.stderr.write(`replicas: ${JSON.stringify(report)}\n`);
      expect(report.faults, said.join('\n')).toEqual([]);
      expect(report.behind).toEqual([]);
      expect(report.unlike, said.join('\n')).toEqual([]);
      expect(report.impossible).toEqual([]);
      expect(report.kills).toBeGreaterThanOrEqual(Math.floor(SECONDS / 60));
      expect(report.calls - report.revisions).toBeLessThanOrEqual(report.kills * IN_FLIGHT);
      expect(report.revisions).toBeGreaterThan(CAMERAS);
      expect(report.revisions).toBeLessThanOrEqual(CAMERAS * (1 + report.forcedRounds));
      for (const takeoverMs of report.takeoversMs) expect(takeoverMs).toBeLessThanOrEqual(20_000);
    },
  );
});
