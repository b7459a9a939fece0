import { describe, expect, inject, it } from 'vitest';
import { lostIn, runCrowd } from '../support/http/apiCrowd.js';
import { startInstallation } from '../support/http/crowdedInstallation.js';
import { nodeAvFor } from '../support/viewers/nodeAv.js';

/** `npm run bench:api-crowd` is the same for a minute. */
const CROWD_MS = 8_000;
const uri = inject('mongodbUri');
const stores: readonly (readonly [name: string, uri: string | null])[] = [
  ['SQLite', null],
  ...(uri === null ? [] : [['MongoDB', uri] as const]),
];

describe.skipIf(!nodeAvFor('a crowd at the API'))('200 writers and 200 readers at once', () => {
  it.each(stores)(
    'crash nothing on %s, lose no update, and get no answer of 500 or more',
    { timeout: 180_000 },
    async (_name, mongodbUri) => {
      const installation = await startInstallation(mongodbUri);
      try {
        const report = await runCrowd({ port: installation.port, writers: 200, readers: 200, ms: CROWD_MS });
        expect(report.broken).toEqual([]);
        expect(installation.program.process.exitCode).toBeNull();
        // Each writer had its say.
        expect(report.last.length).toBeGreaterThanOrEqual(200);
        expect(report.reads).toBeGreaterThanOrEqual(180);
        expect(report.events).toBeGreaterThan(0);
        expect(await lostIn(report, installation.port)).toEqual([]);
        await installation.restart();
        expect(await lostIn(report, installation.port)).toEqual([]);
        expect(installation.program.lines.filter((line) => line.includes('nobody expected'))).toEqual([]);
      } finally {
        await installation.stop();
      }
    },
  );
});
