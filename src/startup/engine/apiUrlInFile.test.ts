import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { apiUrlInFile } from './apiUrlInFile.js';

function urlIn(text: string, encryption?: string): string | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'mediamtx.yml');
  writeFileSync(file, text);
  return apiUrlInFile(file, encryption);
}

it.each([
  ['apiAddress: 127.0.0.1:29997\n', 'http://127.0.0.1:29997'],
  ['apiAddress: :29997\napiEncryption: no\n', 'http://127.0.0.1:29997'],
  ['apiAddress: "[::1]:29997"\n', 'http://[::1]:29997'],
  ['apiEncryption: yes\n', 'https://127.0.0.1:9997'],
  ['apiEncryption: true\napiAddress: media.lan:1\n', 'https://media.lan:1'],
  ['logLevel: info\n', null],
  ['apiAddress: nonsense at all\n', null],
  ['a: [}\n', null],
  ['', null],
])('%j names %s', (text, url) => {
  expect(urlIn(text)).toBe(url);
});

it('the environment of MediaMTX stands over its file', () => {
  expect(urlIn('apiAddress: :1\n', 'yes')).toBe('https://127.0.0.1:1');
  expect(urlIn('apiAddress: :1\napiEncryption: yes\n', 'no')).toBe('http://127.0.0.1:1');
});
