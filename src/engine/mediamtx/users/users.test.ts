import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { namesOf, secretsOf } from './machineUsers.js';
import { Users, USERS_FILE, type UsersOptions } from './users.js';

let folder = '';
let made = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'camlease-users-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = async (more: Partial<UsersOptions> = {}, name = ''): Promise<Users> => {
  await mkdir(join(folder, name), { recursive: true });
  return Users.open({
    folder: join(folder, name),
    newSecret: () => `secret-number-${String((made += 1)).padStart(8, '0')}`,
    keepSecret: () => undefined,
    ...more,
  });
};

test('users are made once, kept for our own system user alone, and hidden wherever they might be shown', async () => {
  const hidden: string[] = [];
  const first = await open({ keepSecret: (text) => hidden.push(text) });
  const again = await open({ keepSecret: (text) => hidden.push(text) });
  expect(again.current).toEqual(first.current);
  expect(new Set(secretsOf(first.current)).size).toBe(6);
  for (const secret of [...secretsOf(first.current), first.apiAuthorization]) expect(hidden).toContain(secret);
  const path = join(folder, USERS_FILE);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await chmod(path, 0o644);
  await open();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each(['', '{', '{"users": {}}', '{"users": {"api": {"name": "any", "pass": ""}}}'])(
  'a file that says %j is made anew',
  async (text) => {
    await writeFile(join(folder, USERS_FILE), text);
    const users = await open();
    expect(JSON.parse(await readFile(join(folder, USERS_FILE), 'utf8'))).toMatchObject({ users: users.current });
  },
);

test('replicas have the same, whoever came first, and know what they had alone', async () => {
  let agreed: unknown = null;
  const agree = (mine: unknown): Promise<unknown> => Promise.resolve((agreed ??= mine));
  const [a, b] = [await open({ agree }, 'a'), await open({ agree }, 'b')];
  const alone = b.current;
  expect(await a.agree()).toBe(false);
  expect(await b.agree()).toBe(true);
  expect(b.current).toEqual(a.current);
  expect([...b.former]).toEqual(namesOf(alone));
  expect(namesOf(alone).every((name) => b.isOurs(name)) && b.isOurs(a.current.api.name)).toBe(true);
  const again = await open({ agree }, 'b');
  expect(again.current).toEqual(a.current);
  expect(await again.agree()).toBe(false);
});

test('what somebody made of the shared ones is refused in words', async () => {
  const users = await open({ agree: () => Promise.resolve({ api: { name: 'any', pass: '' } }) });
  await expect(users.agree()).rejects.toMatchObject({ code: 'STORE_REFUSED' });
});

test("the operator's user asks the API, and our own still reads", async () => {
  const hidden: string[] = [];
  const users = await open({
    givenApi: { name: 'cam', pass: 'of-the-operator' },
    keepSecret: (text) => hidden.push(text),
  });
  expect(users.apiAuthorization).toBe(`Basic ${Buffer.from('cam:of-the-operator').toString('base64')}`);
  expect(users.readAuthorization).not.toBe(users.apiAuthorization);
  expect(users.isOurs('cam')).toBe(false);
  expect(hidden).toContain('of-the-operator');
});
