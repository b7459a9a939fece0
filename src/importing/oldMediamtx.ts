import { parseDocument } from 'yaml';
import { AppError } from '../core/errors.js';

/** A path of an old mediamtx.yml. */
export interface OldPath {
  readonly name: string;
  /** Secret when it is a cloud URL; null: the path has none of its own. */
  readonly source: string | null;
}

/** The paths of a mediamtx.yml. Throws CONFIG_INVALID with the line; never with its content, which may be a cloud URL. */
export function readOldPaths(text: string): OldPath[] {
  const document = parseDocument(text, { logLevel: 'silent' });
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line;
    throw invalid(`The old mediamtx.yml is no valid YAML${line === undefined ? '' : ` (line ${line})`}.`);
  }
  const content = plainContent(() => document.toJS({ maxAliasCount: 100 }));
  if (content === null || content === undefined) return [];
  if (!isMapping(content)) throw invalid('The old mediamtx.yml holds no settings.');
  const paths = content['paths'];
  if (paths === undefined || paths === null) return [];
  if (!isMapping(paths)) throw invalid('"paths" of the old mediamtx.yml is not a list of named paths.');
  return Object.entries(paths).map(([name, settings]) => {
    const source = isMapping(settings) ? settings['source'] : undefined;
    return { name, source: typeof source === 'string' && source !== '' ? source : null };
  });
}

function plainContent(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    throw invalid('The old mediamtx.yml refers to itself in a way that cannot be read.');
  }
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): AppError {
  return new AppError('CONFIG_INVALID', message, { cure: 'Give the file that MediaMTX itself runs with.' });
}
