import process from 'node:process';
import { findUsableMediaMtx } from '../simulator/demo/mediaMtx.js';
import { runReplicas } from '../test/support/replicas/replicaRun.js';
import { startMongo } from '../test/support/store/startMongo.js';

/** Three replicas on one database and one MediaMTX, one killed every 20 s: `npm run bench:replicas [-- seconds [cameras]]`. */
const [seconds = 600, cameras = 200] = process.argv.slice(2).map(Number);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const program = await findUsableMediaMtx(process.env['PATH'] ?? '', say);
const mongo = await startMongo();
if (program === null || mongo === null) {
  say('skipped: it needs a MongoDB-compatible server (TEST_MONGODB_URI) and mediamtx on PATH');
} else {
  const killEveryMs = 20_000;
  const options = { mongodbUri: mongo.uri, mediaMtxProgram: program, cameras, seconds, killEveryMs, say };
  const report = await runReplicas(options).finally(() => mongo.stop());
  say(JSON.stringify(report, null, 2));
  const lost = report.calls - report.revisions;
  say(
    `${report.kills} kills, ${report.calls} calls, ${report.revisions} leases: ${lost} calls were in flight at a kill.`,
  );
  if (report.faults.length + report.behind.length + report.unlike.length + report.impossible.length > 0)
    process.exitCode = 1;
}
