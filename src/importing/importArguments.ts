import { parseArgs } from 'node:util';
import { unknownOption } from '../startup/place/unknownOption.js';

export interface ImportArguments {
  /** The old mediamtx.yml. */
  readonly mediamtx: string | null;
  /** The database with the old `cameras` collection. */
  readonly mongo: string | null;
  /** In place of MONGODB_URI. */
  readonly into: string | null;
  /** In place of DATA_DIR. */
  readonly dataDir: string | null;
  readonly dryRun: boolean;
}

export const IMPORT_USAGE = `Takes over the cameras of a home-made set-up.

  camlease-import --mediamtx FILE --mongo URI [--into URI] [--data-dir FOLDER] [--dry-run]

  --mediamtx FILE    an old mediamtx.yml; it is only read
  --mongo URI        the database with the old cameras collection; only read, unless it is camlease's own
  --into URI         camlease's MongoDB, instead of MONGODB_URI
  --data-dir FOLDER  camlease's folder, instead of DATA_DIR
  --dry-run          prints what would happen and changes nothing
  --help, -h         shows this

In a checkout: npm run import -- --mediamtx FILE ...
`;

const OPTIONS = {
  mediamtx: { type: 'string' },
  mongo: { type: 'string' },
  into: { type: 'string' },
  'data-dir': { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

/**
 * The arguments, or a sentence about what is wrong with them, which never repeats a value (it may hold a password). `help`: the
 * usage was asked for.
 */
export function parseImportArguments(argv: readonly string[]): ImportArguments | string {
  if (argv.some((argument) => argument === '--help' || argument === '-h')) return 'help';
  const strange = unknownOption(
    argv,
    Object.keys(OPTIONS).map((name) => `--${name}`),
  );
  if (strange !== null) return `There is no option ${strange}.`;
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: false });
    const { mediamtx = null, mongo = null, into = null } = values;
    if (mediamtx === null && mongo === null)
      return 'Name an old mediamtx.yml with --mediamtx, an old database with --mongo, or both.';
    return { mediamtx, mongo, into, dataDir: values['data-dir'] ?? null, dryRun: values['dry-run'] ?? false };
  } catch {
    return 'An option lacks its value, or there is an argument too many.';
  }
}
