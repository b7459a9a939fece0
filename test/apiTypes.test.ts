import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import * as prettier from 'prettier';
import { expect, it } from 'vitest';
import { VENDORS } from '../src/cloud/vendors/registry.js';
import { openApiDocument } from '../src/http/docs/openApi.js';
import { ROUTES } from '../src/http/routes.js';
import { packageRoot } from './support/installation/programs.js';

const TYPES = path.join(packageRoot(), 'dashboard/src/apiTypes.ts');
const HEAD = '// Made of the OpenAPI document by `npm run api-types`. Do not edit.\n\n';

/** The document without its sentences: another word in a description makes no other type. */
function withoutSentences(name: string, value: unknown): unknown {
  return ['description', 'summary'].includes(name) && typeof value === 'string' ? undefined : value;
}

it("the page's types are those of the OpenAPI document; `npm run api-types` writes them", async () => {
  const cli = path.join(packageRoot(), 'node_modules/openapi-typescript/bin/cli.js');
  const running = promisify(execFile)(process.execPath, [cli, '--immutable', '--default-non-nullable=false'], {
    maxBuffer: 10_000_000,
  });
  const vendors = VENDORS.map(({ name }) => name);
  running.child.stdin?.end(JSON.stringify(openApiDocument(ROUTES, '0', vendors), withoutSentences));
  const made = (await running).stdout.replace(/^\/\*\*.*?\*\/\n/s, '');
  const text = await prettier.format(HEAD + made, { ...(await prettier.resolveConfig(TYPES)), filepath: TYPES });
  await expect(text).toMatchFileSnapshot(TYPES);
});
