/**
 * Do 200 concurrent writers and 200 readers break the API, or is anything lost that it acknowledged?
 *
 *   npm run bench:api-crowd -- [--seconds 60] [--writers 200] [--readers 200]
 *
 * camlease runs in its own process on SQLite, or on MongoDB where TEST_MONGODB_URI names a server. Exit code 1: a request failed, or an
 * acknowledged change was lost.
 */
import { parseArgs } from 'node:util';
import { lostIn, runCrowd } from '../test/support/http/apiCrowd.js';
import { startInstallation } from '../test/support/http/crowdedInstallation.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    writers: { type: 'string', default: '200' },
    readers: { type: 'string', default: '200' },
  },
});
const uri = process.env['TEST_MONGODB_URI'] ?? null;
const installation = await startInstallation(uri);
try {
  const { port } = installation;
  const ms = Number(values.seconds) * 1000;
  const report = await runCrowd({ port, writers: Number(values.writers), readers: Number(values.readers), ms });
  const lost = await lostIn(report, port);
  await installation.restart();
  const lostByRestart = await lostIn(report, installation.port);
  const { writes, reads, events, statuses, broken } = report;
  console.log(
    `${uri === null ? 'SQLite' : 'MongoDB'}: ${writes} writes, ${reads} reads, ${events} events in ${values.seconds} s`,
  );
  console.log(`answers by status: ${JSON.stringify(statuses)}`);
  console.log(`${broken.length} broken, ${lost.length} lost, ${lostByRestart.length} lost by a restart`);
  for (const line of [...broken, ...lost, ...lostByRestart].slice(0, 20)) console.log(`  ${line}`);
  if (broken.length + lost.length + lostByRestart.length > 0) process.exitCode = 1;
} finally {
  await installation.stop();
}
