import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { seededRandom } from '../../../../test/support/store/storeHarness.js';
import { pullPath } from '../paths/pathConfig.js';
import { putTogether, takeApart } from './configText.js';

const gate = pullPath('rtmp://h/app#gate?e=1', 'watched');
const isOwn = (name: string): boolean => name === 'gate' || name === 'yard';
const OURS =
  '"source": "rtmp://h/app#gate?e=1", "sourceOnDemand": true, "sourceOnDemandStartTimeout": "15s", "sourceOnDemandCloseAfter": "10s"';
const LINES = OURS.split(', ')
  .map((field) => `    ${field}\n`)
  .join('');

const withGate = (text: string): string => putTogether(takeApart(text, isOwn), new Map([['gate', gate]]), null);
const without = (text: string): string => putTogether(takeApart(text, isOwn), new Map(), null);

test.each(['--- # begin\npaths:\n', '---\t# begin\r\npaths:\r\n'])(
  'a remark at the marks of the document stays: %j',
  (text) => {
    const eol = text.includes('\r') ? '\r\n' : '\n';
    expect(withGate(`${text}... # end${eol}# behind`)).toBe(`${text}  "gate": {${OURS}}${eol}... # end${eol}# behind`);
  },
);

describe('a path of ours that somebody wrote on', () => {
  test.each([
    ['braces', '  gate: {record: yes, source: a}\n', `  gate: {record: yes, ${OURS}}\n`],
    ['a remark behind it', '  "gate": {source: a} # mine\n', `  "gate": {${OURS}} # mine\n`],
    ['an anchor', '  gate: &g {source: a}\n', `  gate: &g {${OURS}}\n`],
    ['a tag', '  gate: !!map {source: a}\n', `  gate: !!map {${OURS}}\n`],
    ['a value with an anchor', '  gate: {maxReaders: &m 5}\n', `  gate: {maxReaders: &m 5, ${OURS}}\n`],
    ['a list', "  gate: {x: [a, {b: '}'}], source: a}\n", `  gate: {x: [a, {b: '}'}], ${OURS}}\n`],
    [
      'signs in quotes',
      '  gate: {runOnInit: "a, b}: #c\\"", source: a}\n',
      `  gate: {runOnInit: "a, b}: #c\\"", ${OURS}}\n`,
    ],
    ['quotes in a plain text', `  gate: {runOnInit: a"b'c, source: a}\n`, `  gate: {runOnInit: a"b'c, ${OURS}}\n`],
    [
      'an address with #',
      '  gate: {fallback: rtsp://x/a#b, source: a}\n',
      `  gate: {fallback: rtsp://x/a#b, ${OURS}}\n`,
    ],
    [
      'braces over lines',
      '  gate: {record: yes,\n    source: a,\n  maxReaders: 5}\n',
      `  gate: {record: yes, maxReaders: 5, ${OURS}}\n`,
    ],
    [
      'remarks in braces over lines',
      '  gate: { # mine\n    record: yes, # the disk is large\n    source: a, # its cloud\n    maxReaders: 5 # people\n  } # so\n',
      `  gate: { # mine\n    record: yes, # the disk is large # its cloud\n    maxReaders: 5, ${OURS} # people\n  } # so\n`,
    ],
    [
      'remarks in braces where all fields are ours',
      '  gate: { # mine\n    source: a,\n    sourceOnDemand: yes, # saves traffic\n  }\n',
      `  gate: {${OURS} # mine # saves traffic\n  }\n`,
    ],
    [
      'a remark behind the last comma in braces',
      '  gate: {source: a, record: yes, # so\n  }\n',
      `  gate: { record: yes, ${OURS} # so\n  }\n`,
    ],
    ['a value on the next line', '  gate:\n    {record: yes}\n', `  gate:\n    {record: yes, ${OURS}}\n`],
    ['nothing', '  gate:\n', `  "gate": {${OURS}}\n`],
    ['nothing and a remark', '  gate: # mine\n', `  gate: {${OURS}} # mine\n`],
    ['a number', '  gate: 5\n', `  "gate": {${OURS}}\n`],
    [
      'lines of its own',
      '  gate: # mine\n    # why\n    record: yes # so\n\n    source: a\n',
      `  gate: # mine\n    # why\n    record: yes # so\n\n${LINES}`,
    ],
    ['lines, ours first', '  gate:\n    source: a\n    record: On\n', `  gate:\n${LINES}    record: On\n`],
    [
      'lines that are indented otherwise',
      '  gate:\n        source: a\n        record: On\n',
      `  gate:\n${LINES.replaceAll(/^ {4}/gm, '        ')}        record: On\n`,
    ],
    [
      'a text over lines',
      '  gate:\n    runOnInit: |\n      source: x\n\n      # y\n    source: a\n',
      `  gate:\n    runOnInit: |\n      source: x\n\n      # y\n${LINES}`,
    ],
    [
      'a list of its own',
      '  gate:\n    forward:\n    - dest: rtsp://x\n      y: z\n    record: yes\n',
      `  gate:\n${LINES}    record: yes\n`,
    ],
  ])('keeps %s', (_what, line, expected) => {
    const around = ['paths:\n  door: {}\n', '  # last\n  shed: {}\n# end\n'] as const;
    const text = withGate(around[0] + line + around[1]);
    expect(text).toBe(around[0] + expected + around[1]);
    expect(withGate(text)).toBe(text);
    expect(without(text)).toBe(around[0] + around[1]);
  });

  test('says all of its fields where others come from elsewhere, and says them last', () => {
    const text = withGate('pathDefaults: &d {}\npaths:\n  gate:\n    source: a\n    <<: *d\n');
    expect(text).toMatch(/<<: \*d\n {4}"rtspTransport": "automatic"\n(?: {4}"\w+": .*\n)+$/);
    expect(text).toContain('"alwaysAvailable": false');
    for (const line of ['*d', '{<<: *d, source: a}', '{source: a, <<: *d}', '{ # mine\n    source: a, <<: *d\n  }']) {
      const inBraces = withGate(`pathDefaults: &d {}\npaths:\n  gate: ${line}\n`);
      expect(inBraces).toMatch(/<<: \*d, "rtspTransport": "automatic"/);
      expect(inBraces).toContain('"alwaysAvailable": false');
    }
  });

  test('does not go while lines of others need its anchor', () => {
    const text = 'paths:\n  gate: {maxReaders: &m 5, source: &s a}\n  door: {maxReaders: *m}\n';
    expect(withGate(text)).toContain('&m 5');
    expect(() => without(text)).toThrow('&m');
    expect(() => withGate(text.replace('*m', '*s'))).toThrow('&s');
    // Text that only looks like an anchor or an alias does not count.
    expect(without(withGate('paths:\n  gate: {x: "a &m", y: a&m}\n  door: {x: "*m"}\n'))).toContain('door');
  });
});

describe('a file that MediaMTX cannot read, or that we cannot', () => {
  test.each([
    ['a byte order mark', '\xef\xbb\xbfpaths:\n', 'byte order mark'],
    ['UTF-16', 'p\0a\0t\0h\0s\0', 'UTF-16'],
    ['two documents', 'a: 1\n---\npaths:\n', 'line 2: it holds more than one document'],
    ['an end and more', 'a: 1\n...\npaths:\n', 'line 3: it holds more than one document'],
    ['a directive', '%YAML 1.2\n---\npaths:\n', 'directive'],
    ['more behind its mark', '--- {a: 1}\n', 'line 1: something stands behind ---'],
    ['tabs', 'paths:\n\tgate:\n', 'line 2: it is indented with a tab'],
    ['CR alone', 'paths:\r  gate:\r', 'CR alone'],
    ['a quote without end', 'a: 1\nb: "x\npaths:\n', 'line 2: a quoted text has no end'],
    ['a bracket without end', 'a: [1, 2\npaths:\n', 'line 1: a bracket has no partner'],
    ['brackets that do not match', 'a: [1, 2}\n', 'bracket'],
    ['more behind a bracket', 'a: [1] x\n', 'something stands behind a value'],
    ['a key within a text', 'a: b: c\n', 'a key stands where none may stand'],
    ['a key below a value', 'paths:\n  gate:\n    source: a\n      record: yes\n', 'line 4'],
    ['a ? key', '? a\n: b\n', "a key is written with '?'"],
    ['an odd indent', 'paths:\n    gate:\n  yard:\n', 'line 3: it is indented'],
    ['a name twice in paths', 'paths:\n  gate:\n  "gate":\n', 'line 3: a name stands twice'],
    ['a name twice in braces', 'paths: {gate: , "gate": }\n', 'a name stands twice'],
    ['paths that are an alias', 'a: &a {}\npaths: *a\n', "'paths'"],
    ['encrypted bytes', 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n', 'settings by name'],
    ['a copy of a conflict', '<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n', 'line 2'],
  ])('is refused: %s', (_what, text, reason) => {
    expect(() => takeApart(text, isOwn)).toThrow(expect.objectContaining({ name: 'UnreadableText' }) as Error);
    expect(() => takeApart(text, isOwn)).toThrow(reason);
  });
});

/** Values whose end is hard to find; the `yaml` library accepts each. */
const UGLY = [
  '1',
  '"a: b # c"',
  "'it''s {'",
  'rtsp://x/y#z?a={b}',
  `don't "quote" me`,
  '{a: "}", b: [1, {c: \'"\'}], d: }',
  '[a, "]", {b: c}]',
  '{\n    a: 1,\n    "b":2\n  }',
  '# nothing',
  '|\n    paths:\n      gate: {}\n\n    # no remark',
  '>-  # a remark\n    a\n\n      b: c',
  '"two\n    lines: {"',
  'plain\n    over lines\n    "and quotes',
  '&anchor\n    a: 1\n    b:\n    - c\n    - d: "e\n        f"',
  '\n    - user: any\n      ips: []\n    - [x, {y: z}]\n    -\n      deep:\n        - 1',
  '\n    # first a remark\n    a: "1" # behind\n\n    b:\n      c: &x !!str 5\n',
  '!!str |-\n    text',
  '|+\n    text\n\n',
  '|2+\n    text\n\n',
  '~',
];

test('300 files put together of ugly values keep every byte that is not ours, and say what they said', () => {
  const random = seededRandom(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const value = (deeper: string): string => pick(UGLY).replaceAll('\n', `\n${deeper}`);
  for (let file = 0; file < 300; file++) {
    const remark = (): string => pick(['', '', '# "a remark: {\n', '\n', '  # indented\n']);
    const setting = (name: string): string => `${remark()}${name}: ${value('')}\n`;
    const door = (name: string): string => `${remark()}  ${name}: ${value('  ')}\n`;
    const ours = (name: string): string => (random() < 0.5 ? '' : `  "${name}": {${OURS}}\n`);
    const start = setting('a') + setting('b');
    const end = random() < 0.5 ? '' : setting('y') + setting('z');
    const foreign = [start, 'paths:\n', door('door'), door('"~^shed"'), end];
    const text = [start, 'paths:\n', ours('gate'), foreign[2], ours('yard'), foreign[3], end].join('');
    const eol = pick(['\n', '\r\n']);
    const [written, bare] = [text, foreign.join('')].map((part) => part.replaceAll('\n', eol)) as [string, string];
    expect(without(written)).toBe(bare);
    const again = withGate(written);
    expect(without(again)).toBe(bare);
    const said = parse(bare, { logLevel: 'error' }) as { paths: object };
    expect(parse(again, { logLevel: 'error' })).toEqual({ ...said, paths: { ...said.paths, gate } });
  }
});
