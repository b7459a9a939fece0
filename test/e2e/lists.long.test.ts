import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeFleet } from '../../simulator/index.js';
import { startAppRig, until, type AppRig } from '../support/installation/appRig.js';

const LIMIT_MS = 40_000;
const SECRET = 'geheim99';

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly feed: { readonly name: string; readonly key: string } | null;
  readonly source?: { readonly url: string };
}

async function camerasOf(rig: AppRig): Promise<Map<string, Shown>> {
  const { json } = await rig.get('/api/camera');
  const own = (json as { cameras: Shown[] }).cameras.filter(({ feed }) => feed !== null);
  return new Map(own.map((camera) => [camera.name, camera]));
}

async function problemOf(rig: AppRig): Promise<string | null> {
  const { json } = await rig.get('/ready');
  return (json as { parts: { lists: { problem: string | null } } }).parts.lists.problem;
}

const told = (rig: AppRig, what: string): Promise<string | null> =>
  until(
    what,
    LIMIT_MS,
    () => problemOf(rig),
    (problem) => problem?.includes(what) ?? false,
  );
const isQuiet = (rig: AppRig): Promise<string | null> =>
  until(
    'no problem of the lists',
    LIMIT_MS,
    () => problemOf(rig),
    (problem) => problem === null,
  );
const statuses = async (rig: AppRig): Promise<Record<string, string>> =>
  Object.fromEntries([...(await camerasOf(rig)).values()].map(({ name, status }) => [name, status]));
const shows = (rig: AppRig, wanted: Record<string, string>): Promise<Record<string, string>> =>
  until(
    JSON.stringify(wanted),
    LIMIT_MS,
    () => statuses(rig),
    (seen) => JSON.stringify(Object.entries(seen).sort()) === JSON.stringify(Object.entries(wanted).sort()),
  );

it(
  'the whole program follows its list of cameras and a master list, and says what is wrong with them',
  { timeout: 240_000 },
  async () => {
    let answer: { status: number; body: string } = { status: 200, body: '' };
    const listed = (...ids: number[]): { status: number; body: string } => ({
      status: 200,
      body: JSON.stringify({
        cams: ids.map((id) => ({ equipId: id, rtspUrl: `rtsp://10.255.0.1/${id}`, title: `Crossing ${id}` })),
      }),
    });
    answer = listed(1, 2);
    const asked: (string | undefined)[] = [];
    const city = createServer((request, response) => {
      asked.push(request.headers['x-key'] as string | undefined);
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => city.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      city.closeAllConnections();
      city.close();
    });
    const lists = [
      'lists:',
      `  - name: city`,
      `    url: http://127.0.0.1:${(city.address() as AddressInfo).port}/cams?key=${SECRET}`,
      '    every: 5 s',
      '    items: cams',
      `    headers: {X-Key: ${SECRET}}`,
      '    fields: {id: equipId, url: rtspUrl, name: title}',
      '',
    ].join('\n');
    const gate = `  - {name: Gate, url: "rtsp://admin:${SECRET}@10.255.0.2/ch1", labels: [north]}\n`;
    let file = '';
    const write = (text: string): void => writeFileSync(file, text, { mode: 0o600 });
    const rig = await startAppRig({
      fleet: makeFleet({ cameras: 1, seed: 'lists' }),
      environment: { SOURCE_NETWORKS: '127.0.0.0/8' },
      prepare: (dataDir) => {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 });
        file = path.join(dataDir, 'camlease.yml');
        write(`${lists}cameras:\n${gate}  - {name: Yard, password: ${SECRET}}\n`);
        return Promise.resolve();
      },
    });
    onTestFinished(() => rig.stop());

    const both = { 'Crossing 1': 'active', 'Crossing 2': 'active' };
    await shows(rig, { Gate: 'active', ...both });
    await told(rig, 'Entry 2 of cameras (line 10), "Yard"');
    const first = await camerasOf(rig);
    expect(first.get('Gate')).toMatchObject({ feed: { name: 'file', key: 'Gate' }, source: { kind: 'url' } });
    expect(first.get('Crossing 2')).toMatchObject({ feed: { name: 'city', key: '2' } });

    // The file is changed, broken, and repaired.
    write(`${lists}cameras:\n${gate}  - {name: Yard, url: rtsp://10.255.0.3/ch1}\n`);
    await shows(rig, { Gate: 'active', Yard: 'active', ...both });
    write(`${lists}cameras:\n${gate}\t- {name: Hall, url: rtsp://10.255.0.4/ch1, password: ${SECRET}}\n`);
    await told(rig, 'camlease.yml is not valid YAML (line 10)');
    expect(await statuses(rig)).toEqual({ Gate: 'active', Yard: 'active', ...both });
    write(`${lists}cameras:\n${gate.replace('Gate', 'Gate').replace('ch1', 'ch2')}`);
    await shows(rig, { Gate: 'active', Yard: 'missing', ...both });
    await isQuiet(rig);
    const changed = (await camerasOf(rig)).get('Gate');
    expect(changed?.id).toBe(first.get('Gate')?.id);
    expect(changed?.source?.url).toContain('10.255.0.2/ch2');

    // The master list answers 500, then nothing, then one of the two, then both again.
    answer = { status: 500, body: SECRET };
    await told(rig, 'The list "city" answered with status 500, so its 2 cameras stay as they were.');
    answer = listed();
    await told(rig, 'The list "city" names no camera, so its 2 cameras stay as they were.');
    expect(await statuses(rig)).toEqual({ Gate: 'active', Yard: 'missing', ...both });
    answer = listed(1);
    await shows(rig, { Gate: 'active', Yard: 'missing', 'Crossing 1': 'active', 'Crossing 2': 'missing' });
    await isQuiet(rig);
    answer = listed(1, 2);
    await shows(rig, { Gate: 'active', Yard: 'missing', ...both });
    expect((await camerasOf(rig)).get('Crossing 2')?.id).toBe(first.get('Crossing 2')?.id);
    expect((await rig.get('/api/feed')).json).toMatchObject({
      total: 2,
      feeds: [
        { name: 'file', kind: 'file', problem: null, refused: 0 },
        { name: 'city', kind: 'list', entries: 2, problem: null },
      ],
    });

    // A restart finds the same cameras under the same ids.
    await rig.restart();
    await shows(rig, { Gate: 'active', Yard: 'missing', ...both });
    expect((await camerasOf(rig)).get('Crossing 1')?.id).toBe(first.get('Crossing 1')?.id);
    expect(asked.every((key) => key === SECRET)).toBe(true);
    const said = rig.logLines.join('\n') + rig.exchanges.map(({ reply }) => reply.text).join('\n');
    expect(said).not.toContain(SECRET);
    expect(said).toContain('is not valid YAML (line 10)');
  },
);
