import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { entriesOf, makeUsers, namesOf } from './machineUsers.js';
import { withUsers, type UsersText } from './userText.js';

let count = 0;
const usersOf = () => makeUsers(() => `${String((count += 1)).padStart(24, '0')}xyz`);
const USERS = usersOf();
const HASHED = entriesOf(USERS, false);
const PLAIN = entriesOf(USERS, true);

const put = (text: string, former = new Set<string>(), isDigestElsewhere = false): UsersText =>
  withUsers(text, { users: USERS, former, isDigestElsewhere });

const usersIn = (text: string): unknown => (parse(text) as { authInternalUsers: unknown }).authInternalUsers;

/** Files as operators write them, in each style of YAML. */
const BLOCK = `# mine
logLevel: info   # 'as it was'
authInternalUsers:
  # gate
  - user: gate
    pass: 'sha256:x'
    ips: []
    permissions:
      - action: read   # only this
        path: gate
    # the last remark

# more
hls: yes
paths:
  gate: {source: publisher}
`;
const FILES: Readonly<Record<string, string>> = {
  'lines of their own': BLOCK,
  'lines at the margin': 'authInternalUsers:\n- user: any\n  permissions:\n  - action: read\nhls: yes\n',
  'the last line without an end': 'hls: yes\nauthInternalUsers:\n  - user: any\n    permissions: [{action: read}]',
  'Windows line ends': BLOCK.replaceAll('\n', '\r\n'),
  brackets: 'authInternalUsers: [{user: any, permissions: [{action: read}]}] # mine\npaths: {}\n',
  'brackets over several lines':
    'authInternalUsers: [\n  {user: any, permissions: [{action: read}]}, # all, of them\n  {user: a, pass: b, permissions: []},\n]\nhls: yes\n',
  'quoted names': '"authInternalUsers":\n  - {"user": "any", "permissions": [{"action": "read"}]}\n"hls": true\n',
  JSON: '{"hls": true, "authInternalUsers": [{"user": "any", "permissions": []}], "paths": {}}\n',
  'JSON over several lines': '{\n  "authInternalUsers": [\n    {"user": "any", "permissions": []}\n  ]\n}\n',
  'an anchor': 'authInternalUsers: &users\n  - &one {user: any, permissions: [{action: read}]}\nhls: yes\n',
};

describe('users of ours in a file with', () => {
  test.each(Object.entries(FILES))('%s stand behind those of its operator, whose bytes stay', (_, text) => {
    const { text: made, problem } = put(text);
    expect(problem).toBeNull();
    const before = usersIn(text) as unknown[];
    expect(usersIn(made)).toEqual([...before, ...HASHED]);
    // All former bytes are there in their order; only new bytes stand between them.
    const [from, to] = [commonStart(text, made), commonEnd(text, made)];
    expect(from + to).toBeGreaterThanOrEqual(text.length);
  });

  test.each(Object.entries(FILES))('%s are not written again, and can be replaced', (_, text) => {
    const { text: made } = put(text);
    expect(put(made).text).toBe(made);
    const others = usersOf();
    const changed = withUsers(made, { users: others, former: new Set(namesOf(USERS)), isDigestElsewhere: false }).text;
    expect(usersIn(changed)).toEqual([...(usersIn(text) as unknown[]), ...entriesOf(others, false)]);
    expect(withUsers(changed, { users: USERS, former: new Set(namesOf(others)), isDigestElsewhere: false }).text).toBe(
      made,
    );
  });

  test.each([
    'authInternalUsers:\nhls: yes\n',
    'authInternalUsers: ~ # none\n',
    'authInternalUsers: []\n',
    'authInternalUsers:',
  ])('%j are the only ones', (text) => {
    expect(usersIn(put(text).text)).toEqual(HASHED);
  });

  test('lines that somebody moved, changed or doubled are put right, and his own stay', () => {
    const { text: made } = put(BLOCK);
    const lines = made.split('\n').filter((line) => line.includes('camlease-'));
    const [api = '', , read = ''] = lines;
    const edited = made
      .replace(`${api}\n`, '')
      .replace(read, read.replace('_lease/', ''))
      .replace('  # gate\n', `  # gate\n${api}\n`);
    expect(edited).not.toBe(made);
    expect(put(edited).text).toBe(made);
    expect(put(made.replace(`${api}\n`, `${api}\n${api}\n`)).text).toBe(made);
  });

  test('those of another camlease are left as they are', () => {
    const both = withUsers(put(BLOCK).text, { users: usersOf(), former: new Set(), isDigestElsewhere: false }).text;
    expect(usersIn(both)).toHaveLength(7);
    // Else two installations would rewrite one file against each other for ever.
    expect(put(both).text).toBe(both);
  });
});

test.each(['rtspAuthMethods: [basic, digest]\n', 'rtspAuthMethods:\n- digest\n', 'authMethods: ["digest"]\n'])(
  'with %j all passwords are in clear, since MediaMTX exits over hashed ones',
  (setting) => {
    expect(usersIn(put(BLOCK + setting).text)).toEqual([...(usersIn(BLOCK) as unknown[]), ...PLAIN]);
    const { text: hashed } = put(BLOCK);
    expect(put(hashed + setting).text).toBe(put(BLOCK + setting).text);
  },
);

test('digest that is set elsewhere counts too', () => {
  expect(usersIn(put(BLOCK, new Set(), true).text)).toEqual([...(usersIn(BLOCK) as unknown[]), ...PLAIN]);
});

test.each(['hls: yes\npaths:\n  gate: {source: publisher}\n', 'hls: yes', '', '{"hls": true}', '# only a remark\n'])(
  'in %j, which names no users, those that MediaMTX goes by are written beside ours',
  (text) => {
    const { text: made, problem } = put(text);
    expect(problem).toBeNull();
    const [everybody, machine, ...ours] = usersIn(made) as { ips: string[]; permissions: unknown }[];
    expect(everybody).toMatchObject({ user: 'any', ips: [] });
    expect(everybody?.permissions).toEqual([{ action: 'publish' }, { action: 'read' }, { action: 'playback' }]);
    expect(machine).toMatchObject({ user: 'any', ips: ['127.0.0.1', '::1'] });
    expect(machine?.permissions).toEqual([{ action: 'api' }, { action: 'metrics' }, { action: 'pprof' }]);
    expect(ours).toEqual(HASHED);
    expect(put(made).text).toBe(made);
  },
);

test.each([
  ['authMethod: http\nauthHTTPAddress: http://x\n', null],
  ["authMethod: 'jwt'\n", null],
  ['externalAuthenticationURL: http://x\n', null],
  ['paths:\n  gate: {readUser: a, readPass: b}\n', 'old way'],
  ['pathDefaults:\n  publishIPs: [127.0.0.1]\n', 'old way'],
  ['authInternalUsers: *users\n', 'no list'],
  ['authInternalUsers: many\n', 'no list'],
  ['authInternalUsers: {user: any}\n', 'no list'],
  ['authInternalUsers:\n  user: any\n', 'no list'],
  ['hls: yes\n\tauthInternalUsers: []\n', 'tab'],
])('%j is left as it is', (text, problem) => {
  const made = put(text);
  expect(made.text).toBe(text);
  if (problem === null) expect(made.problem).toBeNull();
  else expect(made.problem).toContain(problem);
});

test('a remark about users of the old way is no such user', () => {
  expect(put(`# readUser: x\n${BLOCK}`).problem).toBeNull();
});

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

function commonEnd(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[a.length - 1 - at] === b[b.length - 1 - at]) at += 1;
  return at;
}
