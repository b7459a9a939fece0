import { parseArgs } from 'node:util';
import { unknownOption } from './unknownOption.js';

export const USAGE = `camlease keeps cloud cameras on air.

  camlease                 starts the service
  camlease check           reads the settings, prints their mistakes or what they mean, and ends
  camlease --help          shows this (-h)
  camlease --version       shows the version (-v)
  camlease --direct-lines  makes MediaMTX pull all cameras itself, so that an older camlease can be started, and ends

Its settings are environment variables, or lines of a file named .env in the folder where it is started; more accounts and the alert
senders are in DATA_DIR/camlease.yml. The file .env.example of the package explains every variable. camlease-import takes over an old set-up.
In a checkout these programs are node dist/src/main.js and node dist/src/import.js, after npm run build.
`;

export type MainCommand = 'start' | 'check' | 'help' | 'version' | 'direct-lines';

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'direct-lines': { type: 'boolean' },
} as const;

const ONE_WORD_TOO_MANY = 'camlease takes no such argument: settings come from the environment.';

/** The command that the arguments ask for, or a sentence about what is wrong; it repeats no value, which may be a secret. */
export function parseMainArguments(argv: readonly string[]): { readonly command: MainCommand } | string {
  const strange = unknownOption(argv, ['--help', '-h', '--version', '-v', '--direct-lines']);
  if (strange !== null) return `There is no option ${strange}.`;
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const isCheck = positionals.length === 1 && positionals[0] === 'check';
    if (positionals.length > 0 && !isCheck) return ONE_WORD_TOO_MANY;
    if (values.help === true) return { command: 'help' };
    if (values.version === true) return { command: 'version' };
    if (isCheck) return { command: 'check' };
    return { command: values['direct-lines'] === true ? 'direct-lines' : 'start' };
  } catch {
    return ONE_WORD_TOO_MANY;
  }
}
