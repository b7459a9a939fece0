import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { packageRoot } from './programs.js';

const names = z.record(z.string(), z.string());

/** What tests read of package.json. */
export const packageJson = z
  .object({
    version: z.string(),
    bin: names,
    exports: z.record(z.string(), z.object({ types: z.string(), default: z.string() })),
    dependencies: names,
    optionalDependencies: names,
  })
  .parse(JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')));
