import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfig, type Config } from './config.js';
import { environmentNames } from './configSchemas.js';

function good(env: Record<string, string>, file: string | null = null): Config {
  const { config, mistakes } = readConfig(env, file);
  if (!config) throw new Error(mistakes.join('\n'));
  return config;
}

function mistakes(env: Record<string, string>, file: string | null = null): string {
  const result = readConfig(env, file);
  if (result.config) throw new Error('expected mistakes');
  return result.mistakes.join('\n');
}

describe('readConfig', () => {
  it('has the documented defaults when nothing is set', () => {
    const config = good({});
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      engine: 'auto',
      streamLifetimeSeconds: 604_800,
      accounts: [],
    });
    expect(config.mediamtxConfigPath.endsWith('/data/mediamtx.yml')).toBe(true);
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes an empty variable for one that is not set', () => {
    expect(good({ PORT: '', MONGODB_URI: '' }).port).toBe(4000);
  });

  it('makes an account of a key and a secret, and splits the list of base URLs', () => {
    const env = {
      HIKVISION_APP_KEY: 'k',
      HIKVISION_SECRET: 's',
      HIKVISION_BASE_URL: 'https://ieu.hikcentralconnect.com/, https://isa.hikcentralconnect.com',
    };
    expect(good(env).accounts).toEqual([
      {
        name: 'hikvision',
        vendor: 'hikconnect',
        appKey: 'k',
        secret: 's',
        baseUrls: ['https://ieu.hikcentralconnect.com', 'https://isa.hikcentralconnect.com'],
        streamBudget: 3,
      },
    ]);
  });

  it('says that a key without a secret is half an account', () => {
    expect(mistakes({ EZVIZ_APP_KEY: 'k' })).toContain('EZVIZ_SECRET is not');
  });

  it('lists all mistakes at once, and no value of them', () => {
    const text = mistakes({
      PORT: 'high',
      RENEW_CRON: 'often',
      LOG_LEVEL: 'loud',
      MONGODB_URI: 'postgres://user:hunter2@db',
    });
    for (const name of ['PORT', 'RENEW_CRON', 'LOG_LEVEL', 'MONGODB_URI']) expect(text).toContain(name);
    expect(text).not.toContain('hunter2');
  });

  it('refuses an address that others can reach unless that is wanted', () => {
    expect(mistakes({ HOST: '0.0.0.0' })).toContain('ALLOW_UNAUTHENTICATED=yes');
    expect(good({ HOST: '0.0.0.0', ALLOW_UNAUTHENTICATED: 'yes' }).host).toBe('0.0.0.0');
    expect(good({ HOST: '::1' }).host).toBe('::1');
  });

  it('refuses a base URL off the vendor’s hosts, but for the extra hosts', () => {
    const env = { HIKVISION_APP_KEY: 'k', HIKVISION_SECRET: 's', HIKVISION_BASE_URL: 'http://127.0.0.1:9000' };
    expect(mistakes(env)).toContain('CLOUD_EXTRA_HOSTS');
    expect(good({ ...env, CLOUD_EXTRA_HOSTS: '127.0.0.1' }).accounts[0]?.baseUrls).toEqual(['http://127.0.0.1:9000']);
  });

  it('reads more accounts from camlease.yml', () => {
    const file = 'accounts:\n  - {name: north, vendor: ezviz, appKey: a, secret: b, streamBudget: 12, streamCap: 40}\n';
    expect(good({}, file).accounts).toMatchObject([
      { name: 'north', vendor: 'ezviz', streamBudget: 12, streamCap: 40, baseUrls: [] },
    ]);
  });

  it('reads settings of single cameras from camlease.yml', () => {
    const id = '0123456789abcdef01234567';
    expect(good({}, `cameras:\n  ${id}: {quality: sub, labels: [gate]}\n`).cameras).toEqual({
      [id]: { quality: 'sub', labels: ['gate'] },
    });
    expect(mistakes({}, `cameras:\n  ../x: {quality: best}\n`)).toContain('cameras');
  });

  it('names line or field of a broken camlease.yml without repeating its secrets', () => {
    expect(mistakes({}, 'accounts: [')).toContain('not valid YAML');
    const text = mistakes(
      {},
      'accounts:\n  - {name: North!, vendor: acme, appKey: a, secret: [hunter2], colour: red}\n',
    );
    expect(text).toContain('accounts.0.name');
    expect(text).toContain('accounts.0.vendor');
    expect(text).toContain('colour');
    expect(text).not.toContain('hunter2');
  });

  it('says in words what is wrong with camlease.yml', () => {
    expect(mistakes({}, 'accounts:\n\t- name: a\n')).toContain('(line 2): indented with a tab');
    expect(mistakes({}, 'hello')).toContain('must begin with `accounts:`');
    expect(mistakes({}, '- a')).toContain('must begin with `accounts:`');
    expect(mistakes({}, 'accounts: {a: b}')).toContain('must be a list');
    expect(mistakes({}, 'accounts:\n  - {name: a, vendor: ezviz, appKey: 12, secret: b, streamBudget: 0}')).toMatch(
      /appKey: .*in quotes[^]*streamBudget: must be a whole number from 1 to 1000\./,
    );
  });

  it.each([
    ['a secret that begins with an asterisk', 'secret: *hunter2', 'begins with \\* refers to an anchor.*in quotes'],
    ['a name without its blank', '{secret:hunter2}', 'unknown setting \\(a name that is not shown\\)'],
    ['a secret that begins with an at sign', 'secret: @hunter2', 'must be in quotes'],
  ])('does not show %s', (_what, line, said) => {
    const text = mistakes({}, `accounts:\n  - ${line}\n`);
    expect(text).toMatch(new RegExp(said));
    expect(text).not.toContain('hunter2');
  });

  it('does not show what stands for the name of a header', () => {
    const text = mistakes(
      {},
      'alerts: {senders: [{kind: webhook, name: a, url: "http://x", headers: {Bearer hunter2}}]}',
    );
    expect(text).toContain('must be the name of a header');
    expect(text).not.toContain('hunter2');
  });

  it('keeps no pictures by day unless days are set, and takes parts of a gigabyte', () => {
    expect(good({})).toMatchObject({ snapshotKeepDays: 0, snapshotsMaxBytes: 2 * 1024 ** 3 });
    const set = good({ SNAPSHOT_KEEP_DAYS: '7', SNAPSHOTS_MAX_GB: '0.5' });
    expect(set).toMatchObject({ snapshotKeepDays: 7, snapshotsMaxBytes: 1024 ** 3 / 2 });
    const wrong = mistakes({ SNAPSHOT_KEEP_DAYS: '-1', SNAPSHOTS_MAX_GB: 'all' });
    expect(wrong).toMatch(/SNAPSHOT_KEEP_DAYS[^]*SNAPSHOTS_MAX_GB[^]*must be a number of gigabytes, such as 2 or 0\.5/);
  });

  it('refuses a second document, which nobody would read', () => {
    expect(mistakes({}, 'accounts: []\n---\nalerts: {off: [disk-full]}\n')).toContain(
      '(line 2): a line of three dashes',
    );
  });

  it('takes ids of cameras as they are written, though they look like numbers, and what others share by <<', () => {
    const { cameras, accounts } = good(
      {},
      'accounts:\n  - &a {name: a, vendor: ezviz, appKey: k1, secret: s1}\n  - {<<: *a, name: b, appKey: k2}\n' +
        'cameras:\n  0123: {mode: seamless}\n  12e400: {quality: sub}\n  0x10: {enabled: false}\n',
    );
    expect(cameras).toEqual({ '0123': { mode: 'seamless' }, '12e400': { quality: 'sub' }, '0x10': { enabled: false } });
    expect(accounts.map(({ name, secret }) => [name, secret])).toEqual([
      ['a', 's1'],
      ['b', 's1'],
    ]);
  });

  it('takes every way to carry a camera, and what viewers get when it is gone, for cameras and for labels', () => {
    const { cameras, labels } = good(
      {},
      'labels:\n  till: {mode: direct, whenGone: slate}\ncameras:\n  a1: {mode: on-demand, whenGone: end}\n  a2: {mode: direct}\n',
    );
    expect(labels).toEqual({ till: { mode: 'direct', whenGone: 'slate' } });
    expect(cameras).toEqual({ a1: { mode: 'on-demand', whenGone: 'end' }, a2: { mode: 'direct' } });
    expect(mistakes({}, 'cameras:\n  a1: {whenGone: never, mode: live}\n')).toMatch(
      /mode: must be on-demand, direct, always-on, seamless[^]*whenGone: must be slate or end/,
    );
  });

  it('says of a heading below another, with nothing below it, what has to stand there', () => {
    expect(mistakes({}, 'labels:\n  gate:\n')).toBe('camlease.yml: labels.gate: must be entries indented below it.');
  });

  it('refuses an origin with a star, and a PUBLIC_URL with a login', () => {
    expect(mistakes({ ALLOWED_ORIGINS: 'https://*.example.org' })).toContain('* is not allowed');
    expect(mistakes({ PUBLIC_URL: 'https://me:hunter2@cams.example.org' })).toMatch(/^PUBLIC_URL: .* without a login/);
  });

  it('takes a heading of camlease.yml with nothing below it for one that is not there', () => {
    expect(good({}, 'accounts:\ncameras:\n').accounts).toEqual([]);
  });

  it('refuses one key in two accounts, without showing it', () => {
    const file = 'accounts:\n  - {name: north, vendor: ezviz, appKey: hunter2, secret: b}\n';
    const text = mistakes({ EZVIZ_APP_KEY: 'hunter2', EZVIZ_SECRET: 's' }, file);
    expect(text).toContain("'ezviz' and 'north' have the same key");
    expect(text).not.toContain('hunter2');
  });

  it('refuses two accounts of one name', () => {
    const file = 'accounts:\n  - {name: hikvision, vendor: ezviz, appKey: a, secret: b}\n';
    expect(mistakes({ HIKVISION_APP_KEY: 'k', HIKVISION_SECRET: 's' }, file)).toContain("named 'hikvision'");
  });

  it('has settings of alerts with defaults, and refuses what they cannot be', () => {
    expect(good({}).alerts).toMatchObject({ cameraDarkMinutes: 5, summaryAbove: 5, off: [] });
    const file =
      'alerts:\n  cameraDarkMinutes: 2\n  off: [backlog]\n  senders:\n    - {name: ops, kind: webhook, url: "https://hooks.test/hunter2"}\n';
    const config = good({}, file);
    expect(config.alerts).toMatchObject({ cameraDarkMinutes: 2, remindHours: 6, off: ['backlog'] });
    expect(config.alerts).not.toHaveProperty('senders');
    expect(config.alertSenders).toMatchObject([{ name: 'ops', kind: 'webhook' }]);
    const wrong = mistakes({}, 'alerts:\n  summaryAbove: 0\n  off: [camera]\n  remindHour: 1\n');
    expect(wrong).toContain('alerts.summaryAbove: must be a number from 1 to 1000.');
    expect(wrong).toContain('must be of camera-dark, group-dark');
    expect(wrong).toContain('unknown setting remindHour');
  });
});

it('.env.example names every variable, those of docker-compose.yml too, and no other', () => {
  const compose = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  const used = [...compose.matchAll(/\$\{([A-Z][A-Z0-9_]+)/g)].map(([, name = '']) => name);
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8');
  const named = [...text.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
  expect([...new Set(named)].sort()).toEqual([...new Set([...environmentNames(), ...used])].sort());
});
