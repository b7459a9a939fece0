import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import { at, DAY, HOUR } from '../../test/support/builders.js';
import type { SqliteHarness } from '../../test/support/store/storeHarness.js';
import { seededRandom, sqliteHarness } from '../../test/support/store/storeHarness.js';
import type { Store } from '../store/store.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';
import { parseImportArguments } from './importArguments.js';
import { readOldPaths } from './oldMediamtx.js';
import { runImport } from './runImport.js';
import { readStoredCameras } from './storedCameras.js';
import { vendorsWith } from '../../test/support/clouds/vendors.js';

const HEX_ID = '65a1b2c3d4e5f60718293a4b';

function cloudUrl(serial: string, expiresAt: Date, host = 'vtm.ezvizlife.com'): string {
  return `rtmp://${host}:1935/v3/openlive/${serial}_1_1?expire=${String(expiresAt.getTime() / 1000)}&id=77&t=s3cret`;
}

function document(id: string, serial: string, rtmpPath: string): RawDocument {
  const plain = { hikvisionResourceId: 'r', hikvisionEnabled: true, status: 'active' };
  return { id, fields: { name: `Camera ${serial}`, hikvisionDeviceSerial: serial, rtmpPath, ...plain } };
}

describe('importing a home-made set-up', () => {
  let harness: SqliteHarness;
  let store: Store;
  let lines: string[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    store = await harness.open();
    lines = [];
  });
  afterEach(() => harness.close());

  const run = (
    documents: readonly RawDocument[],
    mediamtxText: string | null,
    more: { store?: null; stored?: readonly RawDocument[]; isInPlace?: boolean } = {},
  ): Promise<void> =>
    runImport({
      documents,
      mediamtxText,
      store: more.store === null ? null : store,
      ...(more.stored && { stored: more.stored }),
      isInPlace: more.isInPlace ?? false,
      vendors: vendorsWith(),
      hlsBaseUrl: 'http://localhost:8888',
      clock: new TurnedClock(),
      random: seededRandom(),
      print: (line) => lines.push(line),
    });

  it('takes over documents and says of each what became of its URL, without showing it', async () => {
    await run(
      [
        document(HEX_ID, 'A1', cloudUrl('A1', at(4 * DAY))),
        document('expired', 'A2', cloudUrl('A2', at(-HOUR))),
        document('foreign', 'A3', cloudUrl('A3', at(DAY), 'cams.example')),
        document('_bad', 'A4', ''),
        { id: 'wrong', fields: { name: 5 } },
      ],
      null,
    );
    expect(await store.all()).toMatchObject([
      { id: HEX_ID, name: 'Camera A1', lease: { revision: 1, expiresAt: at(4 * DAY) }, origin: 'hand-made' },
      { id: 'expired', lease: null },
      { id: 'foreign', lease: null },
    ]);
    const said = lines.join('\n');
    expect(said).toContain(`Taken over: "Camera A1" (id ${HEX_ID}), with a URL that lives for 4 more days`);
    expect(said).toContain('"Camera A2" (id expired), without its URL, which has expired');
    expect(said).toContain('"Camera A3" (id foreign), without its URL, which is not on the host of a known cloud');
    expect(said).toContain('Left out: document _bad: its _id cannot be a path name');
    expect(said).toContain('Left out: document wrong: hikvisionDeviceSerial is missing');
    expect(said).toContain('3 taken over, 0 already there, 2 left out.');
    expect(said).not.toMatch(/rtmp:|s3cret/);
  });

  it('joins the paths of mediamtx.yml to the documents, takes the URL that lives longer and tells new addresses', async () => {
    const text = `
rtspAddress: :8554 # mine
paths:
  gate:
    source: ${cloudUrl('A1', at(6 * DAY))}
    sourceOnDemand: yes
  only/here:
    source: ${cloudUrl('B1', at(3 * DAY))}
  kept-name:
    source: ${cloudUrl('B2', at(3 * DAY))}
  lobby:
    source: rtsp://user:pass@10.0.0.5/stream
  pushed: {}
  other:
    source: ${cloudUrl('B3', at(DAY), 'cams.example')}
`;
    await run([document('front', 'A1', cloudUrl('A1', at(2 * DAY)))], text);
    const cameras = await store.all();
    expect(cameras).toMatchObject([
      { id: 'front', lease: { expiresAt: at(6 * DAY) }, source: { deviceSerial: 'A1', channel: 1 } },
      { id: 'kept-name', name: 'kept-name', source: { deviceSerial: 'B2' } },
      { name: 'only/here', source: { deviceSerial: 'B1' } },
    ]);
    const said = lines.join('\n');
    expect(said).toContain('Its old path "gate" is now at another address: http://localhost:8888/front/index.m3u8');
    expect(said).toContain(
      `Its old path "only/here" is now at another address: http://localhost:8888/${cameras[2]?.id ?? ''}/`,
    );
    expect(said).not.toContain('old path "kept-name"');
    expect(said).toContain('Left out: path lobby: its source is no live URL of a cloud camera.');
    expect(said).toContain('Left out: path pushed: its source is no live URL');
    expect(said).toContain('Left out: path other: its URL is not on the host of a known cloud');
    expect(said).not.toMatch(/rtmp:|rtsp:|pass@|s3cret/);
  });

  it('changes nothing in a dry run, and nothing twice', async () => {
    const documents = [document('front', 'A1', cloudUrl('A1', at(2 * DAY)))];
    await run(documents, null, { store: null });
    expect(await store.all()).toEqual([]);
    expect(lines[0]).toMatch(/^Would be taken over/);
    expect(lines.at(-1)).toContain('dry run');
    await run(documents, null);
    lines = [];
    const stored = readStoredCameras(harness.dataDir);
    await run(documents, null, { store: null, stored });
    const dry = lines.splice(0);
    expect(dry.slice(-2)).toEqual([
      '0 would be taken over, 1 already there, 0 left out.',
      'This was a dry run: nothing was changed.',
    ]);
    await run(documents, null);
    expect(dry.slice(0, -2)).toEqual(lines.slice(0, -1));
    expect(await store.all()).toHaveLength(1);
    expect(lines.at(-1)).toBe('0 taken over, 1 already there, 0 left out.');
  });

  it('goes on when the database does not take one of them, and says which and why', async () => {
    await harness.addUniqueIndex('hand_name', 'name');
    const [one, two, three] = ['A1', 'A2', 'A3'].map((serial) => document(serial, serial, cloudUrl(serial, at(DAY))));
    const twin = { ...two, fields: { ...two?.fields, name: one?.fields['name'] } } as RawDocument;
    await run([one, twin, three] as RawDocument[], null);
    expect((await store.all()).map(({ id }) => id)).toEqual(['A1', 'A3']);
    expect(lines.filter((line) => line.startsWith('Left out: document A2: '))).toHaveLength(1);
    expect(lines.join(' ')).toContain('2 taken over, 0 already there, 1 left out.');
  });

  it('adopts in place when the collection is already our own', async () => {
    const six = document('front', 'A1', cloudUrl('A1', at(2 * DAY)));
    await harness.insertByHand('front', six.fields);
    await store.all();
    await run([six], `paths: {front: {source: "${cloudUrl('A1', at(6 * DAY))}"}}`, { isInPlace: true });
    expect(await store.all()).toMatchObject([{ id: 'front', lease: { expiresAt: at(6 * DAY), revision: 2 } }]);
    expect(lines[0]).toContain('lives for 6 more days');
  });

  it('says the line of broken YAML and not its content', () => {
    for (const text of ['paths:\n  gate: {source: rtmp://s3cret', 'paths: [1]', '- a', 'paths:\n  a: *nowhere']) {
      expect(() => readOldPaths(text, vendorsWith())).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
      expect(() => readOldPaths(text, vendorsWith())).not.toThrow(/s3cret/);
    }
    expect(readOldPaths('', vendorsWith())).toEqual([]);
    expect(readOldPaths('paths:\n  all_others:\n', vendorsWith())).toMatchObject([
      { name: 'all_others', source: null },
    ]);
  });

  it('refuses wrong arguments without repeating them', () => {
    expect(parseImportArguments(['--mongo', 'mongodb://h/db', '--dry-run'])).toMatchObject({
      dryRun: true,
      into: null,
    });
    expect(parseImportArguments([])).toContain('--mediamtx');
    expect(parseImportArguments(['--mongodb=mongodb://u:p@h'])).toBe('There is no option --mongodb.');
    expect(parseImportArguments(['--mongo', 'mongodb://h/db', 'mongodb://u:p@h'])).not.toContain('u:p');
    expect(parseImportArguments(['--mediamtx'])).toContain('lacks its value');
  });
});
