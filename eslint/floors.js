import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/**
 * Folders of `src` by rank: a file may import its own folder and any folder of a lower rank. `test/imports.test.ts` reads the same
 * file, and keeps the rooms besides.
 */
const RANK = JSON.parse(readFileSync(new URL('floors.json', import.meta.url), 'utf8'));
/** app.ts, main.ts and what stands beside them may import everything below `src`. */
const TOP_RANK = 4;

/** The floor of a file, the name of a file right in `src`, or null outside `src`. */
function floorOf(file) {
  const inSrc = path.relative(SRC, file);
  return inSrc.startsWith('..') ? null : inSrc.split(path.sep)[0];
}

const rankOf = (floor) => RANK[floor] ?? TOP_RANK;

/** Marks an import of `src` that points upward, sideways to another floor of the same rank, or out of `src`. */
export const floors = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      upward: '{{from}} may not import {{to}}: imports point downward (see the map in CONTRIBUTING.md).',
      outside: 'src imports nothing of the folders beside it.',
    },
  },
  create(context) {
    const from = floorOf(context.filename);
    if (from === null) return {};
    const check = ({ source }) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = floorOf(path.resolve(path.dirname(context.filename), source.value));
      if (to === null) context.report({ node: source, messageId: 'outside' });
      else if (rankOf(from) < TOP_RANK && to !== from && rankOf(to) >= rankOf(from))
        context.report({ node: source, messageId: 'upward', data: { from, to } });
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};
