import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { packageJson } from './support/installation/packageJson.js';
import { startProgram } from './support/installation/programs.js';

const { version } = packageJson;

it('the version of package.json stands in the first line of the log, in /health, the OpenAPI document and /metrics', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-version-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const program = startProgram('src/main.js', [], { PORT: '0', ENGINE: 'embedded', DATA_DIR: folder });
  onTestFinished(() => program.stop());
  const [, url = ''] = await program.line(/answers on (http:\/\/[^\s"]+)/);
  expect(program.lines[0]).toContain(`camlease ${version} starts.`);
  const read = async (at: string): Promise<string> => (await fetch(`${url}${at}`)).text();
  expect(JSON.parse(await read('/health'))).toMatchObject({ version });
  expect(JSON.parse(await read('/api/openapi.json'))).toMatchObject({ info: { version } });
  expect(await read('/metrics')).toContain(`camlease_info{version="${version}"} 1\n`);
});
