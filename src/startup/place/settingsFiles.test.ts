import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadEnvFile, readSettings } from './settingsFiles.js';

function fileIn(name: string, bytes: Buffer | string | null): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'camlease-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, name);
  if (bytes !== null) writeFileSync(file, bytes);
  return file;
}

const TEXT = 'PORT=4100\r\nHIKVISION_SECRET="grün"\r\n';
const bigEndian = Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16();

describe('a .env', () => {
  it.each([
    ['UTF-8', TEXT],
    ['UTF-8 with a mark', `\uFEFF${TEXT}`],
    ['UTF-16, as Notepad calls it Unicode', Buffer.from(`\uFEFF${TEXT}`, 'utf16le')],
    ['UTF-16 of the other order', bigEndian],
    ['Windows-1252', Buffer.from(TEXT, 'latin1')],
  ])('in %s is read', (_what, bytes) => {
    const environment = { PORT: '4000' };
    expect(loadEnvFile(environment, fileIn('.env', bytes))).toBeNull();
    expect(environment).toEqual({ PORT: '4000', HIKVISION_SECRET: 'grün' });
  });

  it('that is not there says nothing', () => {
    const environment = {};
    expect(loadEnvFile(environment, fileIn('.env', null))).toBeNull();
    expect(environment).toEqual({});
  });

  it('that is no text is refused in words', () => {
    const file = fileIn('.env', Buffer.from(TEXT, 'utf16le'));
    expect(loadEnvFile({}, file)).toBe(`${file} cannot be read: it is not text in UTF-8. Store it as UTF-8.`);
  });

  it('that is a folder is refused in words', () => {
    const file = fileIn('.env', null);
    mkdirSync(file);
    expect(loadEnvFile({}, file)).toMatch(/is a folder, but it should be a file/);
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is refused in words', () => {
    const file = fileIn('.env', TEXT);
    chmodSync(file, 0);
    expect(loadEnvFile({}, file)).toMatch(/cannot be read \(EACCES\)/);
  });
});

describe('a camlease.yml', () => {
  const yaml = 'alerts:\n  cameraDarkMinutes: 7\n';

  it.each([
    ['UTF-8', yaml],
    ['UTF-16', Buffer.from(`\uFEFF${yaml}`, 'utf16le')],
  ])('in %s is read', (_what, bytes) => {
    const { config, mistakes } = readSettings({ DATA_DIR: path.dirname(fileIn('camlease.yml', bytes)) });
    expect(mistakes).toBeNull();
    expect(config?.alerts.cameraDarkMinutes).toBe(7);
  });

  it('that is no text is a mistake like others', () => {
    const folder = path.dirname(fileIn('camlease.yml', Buffer.from(yaml, 'utf16le')));
    expect(readSettings({ DATA_DIR: folder }).mistakes).toEqual([expect.stringContaining('Store it as UTF-8.')]);
  });
});
