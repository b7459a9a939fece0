import { isAlias, isMap, isScalar, parseDocument, type Document, type Node } from 'yaml';
import type { Vendors } from '../core/camera/vendors.js';
import { AppError } from '../core/errors.js';
import { cameraAddresses, withQuotedTextsOnOneLine } from './oldText.js';

/** A path of an old mediamtx.yml. */
export interface OldPath {
  /** The name as MediaMTX reads it. */
  readonly name: string;
  /** Secret when it is a cloud URL; null: the path has no source of its own. */
  readonly source: string | null;
  /** Addresses of cameras in the path's other settings, above all commands. Secrets. */
  readonly addresses: readonly string[];
  /** True when the path shows something while no stream comes. */
  readonly isAlwaysAvailable: boolean;
}

/** The paths of a mediamtx.yml. Throws CONFIG_INVALID with the line, never with its content, which may be a cloud URL. */
export function readOldPaths(text: string, vendors: Vendors): OldPath[] {
  const document = parsed(text.replace(/^\uFEFF/, ''));
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return [];
  if (!isMap(contents))
    throw invalid('The old mediamtx.yml holds no settings. If it is encrypted, decrypt a copy of it.');
  const paths = resolved(document, contents.get('paths', true));
  if (paths === null || (isScalar(paths) && paths.value === null)) return [];
  if (!isMap(paths)) throw invalid('"paths" of the old mediamtx.yml is not a list of named paths.');
  return paths.items.flatMap(({ key, value }) => {
    const settings = plainContent(document, value);
    if (isScalar(key) && key.value === MERGE) return mergedPaths(settings, vendors);
    return [oldPath(nameOf(resolved(document, key)), settings, vendors)];
  });
}

const MERGE = '<<';

function mergedPaths(settings: unknown, vendors: Vendors): OldPath[] {
  return isMapping(settings) ? Object.entries(settings).map(([name, one]) => oldPath(name, one, vendors)) : [];
}

function oldPath(name: string, settings: unknown, vendors: Vendors): OldPath {
  const { source = null, ...others } = isMapping(settings) ? settings : {};
  return {
    name,
    source: typeof source === 'string' && source !== '' ? source : null,
    addresses: [...new Set(textsIn(others).flatMap((text) => cameraAddresses(text, vendors)))],
    isAlwaysAvailable:
      others['alwaysAvailable'] === true || /^(?:yes|on|true)$/i.test(String(others['alwaysAvailable'])),
  };
}

/** Visits each part once: with anchors a part can occur in many places, or inside itself. */
function textsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  return Object.values(value).flatMap((part) => textsIn(part, seen));
}

function parsed(text: string): Document.Parsed {
  const options = { logLevel: 'silent', merge: true } as const;
  const asItStands = parseDocument(text, options);
  const document = asItStands.errors.length === 0 ? asItStands : parseDocument(withQuotedTextsOnOneLine(text), options);
  const [error] = document.errors;
  if (!error) return document;
  const line = error.linePos?.[0].line;
  throw invalid(`The old mediamtx.yml is not valid YAML${line === undefined ? '' : ` (line ${line})`}.`);
}

function resolved(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : (node ?? null);
}

function plainContent(document: Document.Parsed, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  try {
    return (value as Node).toJS(document, { maxAliasCount: -1 });
  } catch {
    throw invalid('The old mediamtx.yml refers to itself in a way that cannot be read.');
  }
}

/** A path's name as MediaMTX v1.20.1 reads it: `007` is 7, `yes` is true, unless they are in quotes. */
function nameOf(key: unknown): string {
  if (!isScalar(key)) return String(key);
  const { source, type, value } = key;
  if (type !== 'PLAIN' || (typeof value === 'string' && key.tag !== undefined)) return String(value);
  const written = source ?? String(value);
  const digits = written.replaceAll('_', '');
  const sign = digits.startsWith('-') ? '-' : '';
  const bare = digits.replace(/^[-+]/, '');
  if (/^(?:0x[\da-f]+|0o[0-7]+|0b[01]+|0|[1-9]\d*)$/i.test(bare)) return `${sign}${BigInt(bare)}`;
  if (/^0[0-7]+$/.test(bare)) return `${sign}${BigInt(`0o${bare.slice(1)}`)}`;
  if (/^\d*\.\d*(?:e[-+]?\d+)?$/i.test(bare) && /\d/.test(bare)) return String(Number(digits));
  if (/^(?:yes|on|true)$/i.test(written)) return 'true';
  if (/^(?:no|off|false)$/i.test(written)) return 'false';
  return /^(?:~|null|)$/i.test(written) ? 'null' : written;
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(message: string): AppError {
  return new AppError('CONFIG_INVALID', message, { cure: 'Give the file that MediaMTX itself runs with.' });
}
