import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Codes of cameras, as they stand quoted in the source; the clouds' own are in docs/cloud-errors.md. */
const CODE =
  /'((?:STREAM|LEASE|MEDIA_PROCESS)_[A-Z0-9_]+|CAMERA_(?:DISABLED|OFFLINE|MISSING|UNIDENTIFIED)|PICTURE_UNREADABLE|ACCOUNT_UNKNOWN|SOURCE_HOST_REFUSED)'/g;
/** A variable of the environment that looks like one. */
const NO_CODES = new Set(['STREAM_LIFETIME_SECONDS']);

it('docs/camera-codes.md lists every code that a camera can carry, and no other', () => {
  const inSource = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(path.join(ROOT, 'src', file), 'utf8').matchAll(CODE)].map((match) => match[1]))
    .filter((code) => code !== undefined && !NO_CODES.has(code));
  const text = readFileSync(path.join(ROOT, 'docs/camera-codes.md'), 'utf8');
  const rows = text.split('\n').filter((line) => line.startsWith('| `'));
  const inDocs = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z0-9_]+)`/g)].map((match) => match[1]),
  );
  expect([...inDocs].sort()).toEqual([...new Set(inSource)].sort());
});
