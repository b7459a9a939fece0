import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from './support/installation/programs.js';

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ link: z.boolean().optional(), integrity: z.string().optional(), resolved: z.string().optional() }),
  ),
});

it('every package in the lock file carries the hash of what is installed, and no address', () => {
  const { packages } = lockFile.parse(JSON.parse(readFileSync(path.join(packageRoot(), 'package-lock.json'), 'utf8')));
  const installed = Object.entries(packages).filter(([folder, { link }]) => folder !== '' && link !== true);
  expect(installed.length).toBeGreaterThan(100);
  expect(installed.filter(([, { integrity }]) => !/^sha512-\S{86}==$/.test(integrity ?? ''))).toEqual([]);
  expect(installed.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});
