// Prints the map of rooms, a row for each folder of src with sources in it, from the READMEs that test/imports.test.ts keeps true.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

const rows = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => path.basename(file) === 'README.md')
  .map((file) => {
    const room = path.dirname(file);
    const sources = readdirSync(path.join(SRC, room)).filter((name) => /(?<!\.test)\.ts$/.test(name));
    const text = readFileSync(path.join(SRC, file), 'utf8');
    const line = (start) => new RegExp(`^${start}: (.+?)\\.?$`, 'm').exec(text)?.[1] ?? '';
    const [, purpose = ''] = text.split('\n\n');
    const cells = [
      `\`${room}\` (${sources.length})`,
      purpose.replaceAll('\n', ' '),
      line('Entrance'),
      line('May import'),
    ];
    return `| ${cells.join(' | ')} |`;
  })
  .sort();

process.stdout.write(
  ['| room (sources) | what it is for | entrance | may import |', '|---|---|---|---|', ...rows, ''].join('\n'),
);
