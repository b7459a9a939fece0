import { isCloudCamera } from '../core/camera/cameraSource.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TurnedClock } from '../../simulator/clock/turnedClock.js';
import { at, DAY, T0 } from '../../test/support/builders.js';
import { documentOf, liveUrl } from '../../test/support/store/handMadeDocuments.js';
import type { StoreHarness } from '../../test/support/store/storeHarness.js';
import { seededRandom, sqliteHarness } from '../../test/support/store/storeHarness.js';
import { cameraId } from '../core/camera/cameraId.js';
import { pathSource } from '../engine/mediamtx/paths/pathSource.js';
import type { RawDocument } from '../store/reading/cameraRecord.js';
import type { Store } from '../store/store.js';
import { textOfBytes } from '../core/textOfBytes.js';
import { readOldPaths } from './oldMediamtx.js';
import { runImport } from './runImport.js';
import { vendorsWith } from '../../test/support/clouds/vendors.js';

const own = (serial: string, expiresAt?: Date): string => pathSource(liveUrl(serial, expiresAt)) ?? '';
const hex = (serial: string): string => cameraId('hikconnect', serial, 1);

describe('an old mediamtx.yml', () => {
  it.each<[string, string]>([
    ['007', '7'],
    ['010', '8'],
    ['0x10', '16'],
    ['0o17', '15'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['1e3', '1e3'],
    ['3.10', '3.1'],
    ['1.50e2', '150'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['08', '08'],
    ['yes', 'true'],
    ['off', 'false'],
    ['~', 'null'],
    ['2026-01-01', '2026-01-01'],
    ['"007"', '007'],
    ["'yes'", 'yes'],
    ['Gate', 'Gate'],
    ['"~^cam(\\\\d+)$"', '~^cam(\\d+)$'],
  ])('calls a path %s as MediaMTX does', (written, name) => {
    expect(readOldPaths(`paths:\n  ${written}: {source: publisher}\n`, vendorsWith())).toMatchObject([{ name }]);
    expect(readOldPaths(`{"paths": {${written}: {"source": "publisher"}}}`, vendorsWith())).toMatchObject([{ name }]);
  });

  it('follows anchors and merge keys', () => {
    const text = `paths:\n  a: &a\n    source: ${liveUrl('A1')}\n  b: *a\n  c:\n    <<: *a\n    sourceOnDemand: true\n`;
    expect(readOldPaths(text, vendorsWith()).map(({ name, source }) => [name, source])).toEqual(
      ['a', 'b', 'c'].map((name) => [name, liveUrl('A1')]),
    );
  });

  it('that refers to itself, or to one part very often, is read all the same', () => {
    const own = `paths: &p\n  a: {source: "${liveUrl('A1')}", x: *p}\n`;
    expect(readOldPaths(own, vendorsWith())).toMatchObject([{ name: 'a', source: liveUrl('A1') }]);
    const level = (name: string, of: string): string => `${name}: &${name} [${`*${of},`.repeat(9)}]\n`;
    const laughs = `a: &a [x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}${level('e', 'd')}`;
    expect(readOldPaths(`${laughs}paths: {a: {source: "${liveUrl('A1')}", x: *e}}\n`, vendorsWith())).toMatchObject([
      { name: 'a' },
    ]);
  });

  it('is read where MediaMTX reads it and YAML forbids it', () => {
    const text = `paths:\n  a:\n    runOnInit: "ffmpeg\n-i ${liveUrl('A1')}\n  -f rtsp x"\n  b: {source: publisher}\n`;
    expect(readOldPaths(text, vendorsWith())).toMatchObject([{ name: 'a', addresses: [liveUrl('A1')] }, { name: 'b' }]);
  });

  it('is read in the encodings of Windows', () => {
    const bytes = Buffer.from('paths:\n  a: {} # T\xfcr\n', 'latin1');
    expect(textOfBytes(bytes)).toContain('# Tür');
    expect(readOldPaths(textOfBytes(bytes), vendorsWith())).toMatchObject([{ name: 'a' }]);
    expect(textOfBytes(Buffer.from('\uFEFFpaths:\n', 'utf16le'))).toContain('paths:');
    expect(readOldPaths('\uFEFFpaths:\r\n  a: {}\r\n', vendorsWith())).toMatchObject([{ name: 'a' }]);
  });
});

describe('importing an old mediamtx.yml', () => {
  let harness: StoreHarness;
  let store: Store;
  let lines: string[];
  beforeEach(async () => {
    harness = await sqliteHarness();
    store = await harness.open();
    lines = [];
  });
  afterEach(() => harness.close());

  async function run(
    mediamtxText: string | null,
    documents: readonly RawDocument[] = [],
    isDry = false,
  ): Promise<string> {
    lines = [];
    await runImport({
      documents,
      mediamtxText,
      store: isDry ? null : store,
      isInPlace: false,
      vendors: vendorsWith(),
      hlsBaseUrl: 'http://localhost:8888',
      clock: new TurnedClock(),
      random: seededRandom(),
      print: (line) => lines.push(line),
    });
    const said = lines.join('\n');
    expect(said).not.toMatch(/rtmp:|s3cret/);
    return said;
  }

  const OWN_FILE = `
paths:
  "${hex('A1')}": {"source": "${own('A1')}", "sourceOnDemand": true}
  "${hex('B1')}": {"source": "publisher", "alwaysAvailable": true}
  "_lease/${hex('B1')}/7": {"source": "${own('B1', at(2 * DAY))}", "sourceOnDemand": false}
  "_lease/${hex('B1')}/8": {"source": "${own('B1', at(6 * DAY))}", "forward": [{"dest": "rtsp://127.0.0.1:8554/x"}]}
  "${hex('C1')}": {"source": "rtsp://127.0.0.1:8554/_lease/${hex('C1')}/3?camlease=own", "sourceOnDemand": true}
  "_lease/${hex('C1')}/3": {"source": "${own('C1')}"}
  "${cameraId('ezviz', 'E1', 1)}": {"source": "${own('E1')}"}
  "_camlease/file": {"source": "rtsp://127.0.0.1:1/mark"}
`;

  it('that camlease itself wrote brings every camera back under its id', async () => {
    const said = await run(OWN_FILE);
    const cameras = new Map((await store.all()).map((camera) => [camera.id, camera]));
    expect([...cameras.keys()].sort()).toEqual([hex('A1'), hex('B1'), hex('C1'), cameraId('ezviz', 'E1', 1)].sort());
    expect(cameras.get(hex('A1'))).toMatchObject({ mode: 'on-demand', lease: { url: liveUrl('A1') } });
    expect(cameras.get(hex('B1'))).toMatchObject({ mode: 'always-on', lease: { expiresAt: at(6 * DAY) } });
    expect(cameras.get(hex('C1'))).toMatchObject({ mode: 'on-demand', lease: { url: liveUrl('C1') } });
    expect(cameras.get(cameraId('ezviz', 'E1', 1))).toMatchObject({ source: { vendor: 'ezviz' } });
    expect(said).toContain('4 taken over, 0 already there, 0 left out.');
  });

  it('finds a URL in a command, and says what it does not take', async () => {
    const said = await run(`
runOnConnect: logger ${liveUrl('G1')}
paths:
  gate:
    runOnInit: ffmpeg -i "${liveUrl('A1')}" -c copy -f rtsp rtsp://localhost:8554/$MTX_PATH
    runOnInitRestart: yes
  yard:
    runOnDemand: sh -c 'ffmpeg -i ${own('B1')} -f rtsp rtsp://localhost/yard; true'
  two:
    runOnDemand: ffmpeg -i ${liveUrl('C1')} -i ${liveUrl('C2')} -f rtsp rtsp://localhost/two
  "~^wild(.+)$":
    source: ${liveUrl('D1')}
  pushed: {}
  theirs:
    runOnInit: ffmpeg -i ${liveUrl('H1').replace('ezvizlife.com', 'example')} -f rtsp rtsp://localhost/theirs
  # old: {source: ${liveUrl('F1')}}
`);
    expect((await store.all()).filter(isCloudCamera).map(({ id, source }) => [id, source.deviceSerial])).toEqual([
      ['gate', 'A1'],
      ['yard', 'B1'],
    ]);
    expect(said).toContain('Left out: path two: it names more than one camera.');
    expect(said).toContain('Left out: path ~^wild(.+)$: it is a rule for many paths');
    expect(said).toContain(
      'Left out: path pushed: its source is no live URL of a cloud camera: it waits for a publisher',
    );
    expect(said).toContain('Left out: path theirs: its URL is not on the host of a known cloud');
    expect(said).toContain('Left out: line 2: it names the device G1, but is not the setting of a path.');
    expect(said).toContain('Left out: line 16: it names the device F1, but is not the setting of a path.');
  });

  it('makes one camera of two paths, and says the new address and the streams', async () => {
    const sub = liveUrl('A1').replace('A1_1_1', 'A1_1_2');
    const text = `paths:\n  main: {source: "${liveUrl('A1', at(2 * DAY))}"}\n  sub: {source: "${sub}"}\n  Main: {source: "${liveUrl('B1')}"}\n`;
    const said = await run(text);
    expect((await store.all()).map(({ id }) => id).sort()).toEqual(['Main', 'main']);
    expect(said).toContain('Its old path "sub" is now at another address: http://localhost:8888/main/index.m3u8');
    expect(said).toContain('its main and its sub stream');
  });

  it('says the same in a dry run as then happens', async () => {
    const documents: RawDocument[] = [
      { id: 'off', fields: { ...documentOf('A1'), hikvisionEnabled: 'false' } },
      { id: 'odd', fields: { ...documentOf('A2'), status: 'weird' } },
      { id: 'loose', fields: { ...documentOf('A3'), status: 'inactive', mode: 'live' } },
      { id: 'first', fields: { ...documentOf('A4'), account: 'hik', channel: 1 } },
      { id: 'second', fields: { ...documentOf('A4'), account: 'hik', channel: '1' } },
      { id: 'twin', fields: { ...documentOf('A3'), name: 'Twin' } },
      { id: 'gone', fields: { ...documentOf('A7'), deletedAt: '2025-01-01' } },
      { id: 'theirs', fields: { ...documentOf('A5'), version: 2 } },
      {
        id: 'hls',
        fields: { ...documentOf('A6'), rtmpPath: 'https://x.ezvizlife.com/v3/openlive/A6_1_1.m3u8?expire=1' },
      },
    ];
    const text = `paths:\n  a/b: {source: "${liveUrl('P1')}"}\n  odd2: {source: "${liveUrl('A2')}"}\n`;
    const dry = await run(text, documents, true);
    const real = await run(text, documents);
    expect(real.replaceAll('Taken over', 'Would be taken over').split('\n').slice(0, -2)).toEqual(
      dry.split('\n').slice(0, -2),
    );
    expect(dry).toContain('It is disabled (hikvisionEnabled: false), so it is not renewed.');
    expect(dry).toContain('Left out: document odd: status has a wrong type or value: "weird"');
    expect(dry).toContain('Left out: document second: Another camera has the same account, device serial and channel');
    expect(dry).toContain('status: "inactive"');
    expect(dry).toContain('Left out: document twin: it has the same device and channel as loose.');
    expect(dry).toContain('Left out: document gone: it has a deletedAt, so it counts as deleted.');
    expect(dry).toContain('without its URL, which is not plain RTMP');
    expect(dry).toContain('Left out: path odd2: it shows the camera of the document odd, which is left out.');
    expect(dry).toContain(`"a/b" is now at another address: http://localhost:8888/${hex('P1')}/index.m3u8`);
    expect(await store.get(hex('P1'))).not.toBeNull();
    expect((await store.all()).map(({ id }) => id).sort()).toEqual(
      ['off', 'loose', 'first', 'theirs', 'hls', hex('P1')].sort(),
    );
  });

  it('makes no second camera where discovery was first', async () => {
    const source = {
      kind: 'cloud',
      vendor: 'hikconnect',
      account: 'hik',
      deviceSerial: 'A1',
      channel: 1,
      resourceId: 'r',
    } as const;
    const { id } = await store.create({ name: 'Gate', source }, T0);
    const said = await run(`paths: {gate: {source: "${liveUrl('A1')}"}}`);
    expect(await store.all()).toHaveLength(1);
    expect(said).toContain(`Already there: "gate" (id ${id}).`);
    expect(said).toContain(`Its old path "gate" is now at another address: http://localhost:8888/${id}/index.m3u8`);
  });
});
