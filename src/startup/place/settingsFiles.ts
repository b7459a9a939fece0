import { readFileSync } from 'node:fs';
import { parse, populate } from 'dotenv';
import { configFilePath, readConfig, type ConfigResult } from '../../config/config.js';
import { textOfBytes } from '../../core/textOfBytes.js';

type Environment = Record<string, string | undefined>;

/**
 * Adds the settings of a `.env` file to the environment, whose own values win. Returns what is wrong with the file; null:
 * nothing, or there is no file.
 */
export function loadEnvFile(environment: Environment, file: string): string | null {
  try {
    const text = textIn(file);
    if (text !== null) populate(environment, parse(text));
    return null;
  } catch (thrown) {
    return unreadable(file, thrown);
  }
}

/** The configuration of this environment and its `camlease.yml`, or all mistakes in them. */
export function readSettings(environment: Readonly<Environment>): ConfigResult {
  const file = configFilePath(environment);
  try {
    return readConfig(environment, textIn(file));
  } catch (thrown) {
    return { config: null, mistakes: [unreadable(file, thrown)] };
  }
}

/**
 * Reads the settings again and again: the returned function answers what `readSettings` does, or null while the file's text is the one
 * that it read last.
 */
export function watchedSettings(environment: Readonly<Environment>): () => ConfigResult | null {
  const file = configFilePath(environment);
  let last: string | null | undefined;
  return () => {
    let said: string | null;
    try {
      said = textIn(file);
    } catch (thrown) {
      const mistake = unreadable(file, thrown);
      if (last === mistake) return null;
      last = mistake;
      return { config: null, mistakes: [mistake] };
    }
    if (said === last) return null;
    last = said;
    return readConfig(environment, said);
  };
}

/** null: there is no such file. Throws the system's error, and an error for bytes that are not text. */
function textIn(file: string): string | null {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw thrown;
  }
  const text = textOfBytes(bytes);
  // UTF-16 without its byte order mark, or no text at all.
  if (text.includes('\0')) throw new Error('it is not UTF-8');
  return text;
}

function unreadable(file: string, thrown: unknown): string {
  const code = codeOf(thrown);
  if (code === 'EISDIR')
    return `${file} is a folder, but it should be a file (also where it is mounted into a container).`;
  if (code !== null) return `${file} cannot be read (${code}): allow the user that camlease runs as to read it.`;
  return `${file} cannot be read: it is not text in UTF-8. Store it as UTF-8.`;
}

function codeOf(thrown: unknown): string | null {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
}
