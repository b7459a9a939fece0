import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { environmentNames } from '../src/config/configSchemas.js';
import { readRelaySettings } from '../src/relay/wire/settings.js';
import { packageRoot } from './support/installation/programs.js';

const read = (file: string): string => readFileSync(path.join(packageRoot(), file), 'utf8');

const service = z.looseObject({ environment: z.record(z.string(), z.unknown()).optional() });
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.unknown()),
});
const compose = (file: string): z.infer<typeof composeFile> => composeFile.parse(parse(read(file)));

const UNITS = ['camlease.service', 'camlease-relay.service'];
const FILES = ['docker-compose.yml', 'deploy/compose.sqlite.yml'];
/** Settings of a MediaMTX and a relay that camlease starts itself, which in compose it does not. */
const NOT_IN_COMPOSE = ['MEDIAMTX_BIN', 'RELAY_PORT'];
/** Services that are built from here. */
const OURS = ['camlease', 'relay'];

describe.each(FILES)('%s', (file) => {
  const { services } = compose(file);

  it('hands every setting on to camlease', () => {
    const handedOn = Object.keys(services['camlease']?.environment ?? {});
    const missing = environmentNames().filter((name) => !handedOn.includes(name));
    expect(missing).toEqual(NOT_IN_COMPOSE);
  });

  it('gives no service more rights than it needs', () => {
    for (const [name, settings] of Object.entries(services)) {
      expect(settings, name).toMatchObject({
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        read_only: true,
      });
      expect(settings['privileged'], name).toBeUndefined();
    }
  });

  it('pins every image to a patch', () => {
    for (const [name, { image }] of Object.entries(services)) {
      if (!OURS.includes(name)) expect(image, name).toMatch(/:\d+\.\d+\.\d+$/);
    }
  });

  it('shows nothing to other machines but media, and these when it is told to', () => {
    const ports = Object.values(services).flatMap(({ ports }) => z.array(z.string()).parse(ports ?? []));
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:')).sort()).toEqual([
      '${MEDIA_ADDRESS:-127.0.0.1}:8189:8189/udp',
      '${MEDIA_ADDRESS:-127.0.0.1}:8888:8888',
      '${MEDIA_ADDRESS:-127.0.0.1}:8889:8889',
    ]);
  });

  it('starts MediaMTX with the file that camlease writes, and lays nothing over the program in its image', () => {
    const mounts = (name: string): Map<string, string> => {
      const volumes = z.array(z.string()).parse(services[name]?.['volumes']);
      return new Map(volumes.map((volume) => volume.split(':') as [string, string]));
    };
    const written = String(services['camlease']?.environment?.['MEDIAMTX_CONFIG_PATH']);
    const [read = ''] = z.array(z.string()).parse(services['mediamtx']?.['command']);
    expect(path.posix.dirname(written)).toBe(mounts('camlease').get('mediamtx'));
    expect(path.posix.dirname(read)).toBe(mounts('mediamtx').get('mediamtx'));
    expect(path.posix.basename(read)).toBe(path.posix.basename(written));
    // The image has nothing but /mediamtx (the program), /mediamtx.yml and /LICENSE.
    const inImage = ['/mediamtx', '/mediamtx.yml', '/LICENSE'];
    expect([...mounts('mediamtx').values()].filter((place) => inImage.includes(place))).toEqual([]);
    expect(mounts('mediamtx').get('slates')).toBe(mounts('camlease').get('slates'));
  });

  it('gives MediaMTX nothing that goes by the place of a user in its list, nor by an address', () => {
    const names = Object.keys(services['mediamtx']?.environment ?? {});
    expect(names.filter((name) => name.startsWith('MTX_AUTH'))).toEqual([]);
    expect(read(file)).not.toContain('subnet');
  });
});

it('the file without MongoDB differs in the store alone', () => {
  const [withMongo, without] = [compose('docker-compose.yml'), compose('deploy/compose.sqlite.yml')];
  const { depends_on, ...camlease } = withMongo.services['camlease'] ?? {};
  expect(depends_on).toEqual({ mongodb: { condition: 'service_healthy' } });
  expect(without.services['camlease']).toEqual({
    ...camlease,
    build: '..',
    environment: { ...camlease.environment, MONGODB_URI: '' },
  });
  expect(without.services['mediamtx']).toEqual(withMongo.services['mediamtx']);
  expect(without.services['relay']).toEqual({ ...withMongo.services['relay'], build: '..' });
  expect(Object.keys(without.services)).toEqual(['camlease', 'relay', 'mediamtx']);
  expect(without.networks).toEqual(withMongo.networks);
});

it('MongoDB asks for a password, which nobody can forget to set', () => {
  const { services } = compose('docker-compose.yml');
  const { environment } = services['mongodb'] ?? {};
  expect(environment?.['MONGO_INITDB_ROOT_PASSWORD']).toMatch(/^\$\{MONGODB_PASSWORD:\?/);
  expect(services['camlease']?.environment?.['MONGODB_URI']).toContain('camlease:${MONGODB_PASSWORD:?');
});

it('images are built on the same Node for building and running', () => {
  const bases = [...read('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  expect(bases).toHaveLength(2);
  expect(bases[0]).toBe(bases[1]);
  expect(bases[0]).toMatch(/^node:24\.\d+\.\d+-/);
});

describe.each(FILES)('the relay of %s', (file) => {
  const { services } = compose(file);

  it('is where camlease looks for it, and reads no key', () => {
    const { environment = {} } = services['relay'] ?? {};
    const url = new URL(String(services['camlease']?.environment?.['RELAY_URL']));
    expect([url.hostname, Number(url.port)]).toEqual(['relay', Number(environment['RELAY_PORT']) + 1]);
    const given = Object.entries(environment).map(([name, value]) => [name, String(value)] as const);
    expect(
      readRelaySettings({ ...Object.fromEntries(given), RELAY_SECRET: '', SOURCE_NETWORKS: '', TRANSCODES_MAX: '' }),
    ).toMatchObject({
      folder: '/data/relay',
      host: '0.0.0.0',
      controlPort: Number(url.port),
      secret: null,
    });
    expect(Object.keys(environment)).toEqual([
      'DATA_DIR',
      'RELAY_HOST',
      'RELAY_PORT',
      'RELAY_SECRET',
      'SOURCE_NETWORKS',
      'TRANSCODES_MAX',
    ]);
  });
});

describe.each(UNITS)('deploy/%s', (name) => {
  const unit = read(`deploy/${name}`);

  it('runs without rights, writes its own folder alone, and lets Node compile', () => {
    for (const line of [
      ...['NoNewPrivileges=yes', 'CapabilityBoundingSet=', 'ProtectSystem=strict', 'PrivateTmp=yes', 'DynamicUser=yes'],
      ...[
        `StateDirectory=${name.replace('.service', '')}`,
        'UMask=0077',
        'SystemCallFilter=@system-service',
        'RestrictNamespaces=yes',
      ],
    ])
      expect(unit.split('\n'), line).toContain(line);
    expect(unit).not.toMatch(/^MemoryDenyWriteExecute=yes/m);
  });

  const analyzed = spawnSync('systemd-analyze', ['security', '--offline=true', `deploy/${name}`], {
    cwd: packageRoot(),
    encoding: 'utf8',
  });
  if (analyzed.error) process.stdout.write('systemd-analyze is not here: how closed the unit is was not looked at.\n');
  it.skipIf(analyzed.error)('is closed, as systemd-analyze counts it', () => {
    const [, exposure] = /Overall exposure level[^:]*: ([\d.]+)/.exec(analyzed.stdout) ?? [];
    expect(Number(exposure), analyzed.stdout.slice(-200)).toBeLessThan(2);
  });
});
