import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { changeCameraBody } from '../http/shapes/schemas.js';
import { byApi } from './byApi.js';
import { errorClipError, h265Error } from './handover/proof.js';

const source = new URL('../', import.meta.url);

/** The longer string literals of a file, without its comments. */
function textsIn(file: string): string[] {
  const lines = readFileSync(new URL(file, source), 'utf8').split('\n');
  return lines
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line))
    .flatMap((line) => line.match(/'(?:[^'\\]|\\.){20,}'|`[^`]{20,}`/g) ?? []);
}

it('nobody is told to change something "here", where no page can change it', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' });
  const told = files
    .filter((file) => /^(?:core|cloud|engine|jobs)\/.*\.ts$/.test(file) && !file.endsWith('.test.ts'))
    .flatMap((file) => textsIn(file).map((text) => `${file}: ${text}`));
  const isAdvice = (text: string): boolean => /\b(?:set|switch|delete|change|enable|choose)\b.*\bhere\b/i.test(text);
  expect(told.filter(isAdvice)).toEqual([]);
});

it('what is said instead is what the API takes', () => {
  const cures = [
    h265Error().cure,
    errorClipError().cure,
    byApi({ mode: 'on-demand' }),
    byApi({ hikvisionEnabled: true }),
  ];
  const bodies = cures.flatMap((cure) => [...cure.matchAll(/PUT \/api\/camera\/<its id> with ({[^}]+})/g)]);
  expect(bodies).toHaveLength(5);
  for (const [, body = ''] of bodies) expect(changeCameraBody.safeParse(JSON.parse(body)).success, body).toBe(true);
});
