import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ezviz, hik, jsonOf, rig, type Answer } from '../../../test/support/clouds/cloudClientRig.js';
import type { FakeRequest } from '../../../test/support/clouds/cloudHarness.js';
import type { CloudApi, ListedPage } from '../cloudApi.js';

async function pagesOf(api: CloudApi): Promise<ListedPage[]> {
  const pages: ListedPage[] = [];
  for await (const page of api.listCameras()) pages.push(page);
  return pages;
}

const hikCamera = (no: unknown, more: object = {}): object => ({
  id: `r${String(no)}`,
  name: 'n',
  online: '1',
  device: { devInfo: { serialNo: 'AB1' }, channelInfo: { no } },
  ...more,
});
const placed = (devInfo: unknown, channelInfo: unknown): object => ({ device: { devInfo, channelInfo } });
const serial = { serialNo: 'AB2' };

describe('one odd record of hccgw', () => {
  it.each<[string, unknown, string | null, string]>([
    ['without channelInfo', hikCamera(1, { device: { devInfo: serial } }), 'AB2', 'device.channelInfo'],
    ['with channelInfo null', hikCamera(1, placed(serial, null)), 'AB2', 'device.channelInfo'],
    ['with a channel that is null', hikCamera(1, placed(serial, { no: null })), 'AB2', 'device.channelInfo.no'],
    ['with a channel that is a list', hikCamera(1, placed(serial, { no: [1] })), 'AB2', 'device.channelInfo.no'],
    ['with a channel below nought', hikCamera(1, placed(serial, { no: '-1' })), 'AB2', 'device.channelInfo.no'],
    ['with an empty serial', hikCamera(1, placed({ serialNo: '' }, { no: 1 })), null, 'device.devInfo.serialNo'],
    ['with a serial of blanks', hikCamera(1, placed({ serialNo: '  ' }, { no: 1 })), null, 'device.devInfo.serialNo'],
    ['without device', { id: 'r', name: 'n' }, null, 'device'],
    ['with device as text', hikCamera(1, { device: 'AB2' }), null, 'device'],
    ['without id', hikCamera(1, { id: undefined }), 'AB1', 'id'],
    ['with an id that lost digits', hikCamera(1, { id: 2 ** 60 }), 'AB1', 'id'],
    ['that is null', null, null, 'the whole record'],
    ['that is a text', 'AB2', null, 'the whole record'],
    ['that is a list', [hikCamera(1)], null, 'the whole record'],
  ])('%s costs nobody but itself', async (_, odd, deviceSerial, field) => {
    const { run } = await rig('hikconnect', () => hik({ totalCount: 3, camera: [hikCamera('7'), odd, hikCamera(8)] }));
    const [page, ...others] = await run(pagesOf);
    expect(others).toEqual([]);
    expect(page?.cameras.map(({ channel }) => channel)).toEqual([7, 8]);
    expect(page?.odd).toEqual([{ listing: 'cameras', position: 2, deviceSerial, field }]);
    expect(page?.short).toBeUndefined();
  });

  it('is no odd one when only the kind of a value differs', async () => {
    const camera = { id: 12345, name: 17, online: true, ...placed({ serialNo: 204857123 }, { no: ' 3'.trim() }) };
    const { run } = await rig('hikconnect', () => hik({ totalCount: 'many', camera: [camera] }));
    expect(await run(pagesOf)).toEqual([
      {
        cameras: [{ deviceSerial: '204857123', channel: 3, resourceId: '12345', name: '17', online: true }],
        odd: [],
      },
    ]);
  });

  it('is counted over all pages', async () => {
    const full = Array.from({ length: 500 }, (_, at) => hikCamera(at + 1));
    const { run } = await rig('hikconnect', (request) =>
      hik({ camera: (jsonOf(request) as { pageIndex: number }).pageIndex === 1 ? full : [hikCamera(600), null] }),
    );
    expect((await run(pagesOf)).flatMap(({ odd }) => odd)).toMatchObject([{ position: 502 }]);
  });
});

describe('one odd record of EZVIZ', () => {
  const answer =
    (cameras: unknown[], devices: unknown[] = []) =>
    ({ path }: FakeRequest): Answer =>
      ezviz(path.endsWith('/device/list') ? devices : cameras);

  it.each<[string, unknown, string | null, string]>([
    ['with channelNo null', { deviceSerial: 'B', channelNo: null }, 'B', 'channelNo'],
    ['without channelNo', { deviceSerial: 'B' }, 'B', 'channelNo'],
    ['with an empty serial', { deviceSerial: '', channelNo: 1 }, null, 'deviceSerial'],
    ['that is null', null, null, 'the whole record'],
    ['that is a number', 7, null, 'the whole record'],
  ])('%s costs nobody but itself', async (_, odd, deviceSerial, field) => {
    const good = { deviceSerial: 'A', channelNo: '1', channelName: '\u202E Door\n', status: 1 };
    const { run } = await rig('ezviz', answer([odd, good]));
    expect(await run(pagesOf)).toEqual([
      {
        cameras: [{ deviceSerial: 'A', channel: 1, resourceId: '', name: 'Door', online: true }],
        odd: [{ listing: 'cameras', position: 1, deviceSerial, field }],
      },
    ]);
  });

  it('is told of the list of devices too', async () => {
    const { run } = await rig(
      'ezviz',
      answer([{ deviceSerial: 'A', channelNo: 1, status: 1 }], [null, { deviceSerial: 'A', status: 0 }]),
    );
    const pages = await run(pagesOf);
    expect(pages.flatMap(({ odd }) => odd)).toEqual([
      { listing: 'devices', position: 1, deviceSerial: null, field: 'the whole record' },
    ]);
    expect(pages.flatMap(({ cameras }) => cameras)).toMatchObject([{ online: false }]);
  });
});

describe('a listing that is not what it says', () => {
  const indexOf = (request: FakeRequest): number => (jsonOf(request) as { pageIndex: number }).pageIndex;
  const page = (from: number, count: number): object[] =>
    Array.from({ length: count }, (_, at) => hikCamera(from + at + 1));

  it.each<[string, (index: number) => object, object | undefined, number, number]>([
    ['promises more than it shows', () => ({ totalCount: 99, camera: page(0, 10) }), { promised: 99 }, 10, 3],
    ['repeats its only page and says no total', () => ({ camera: page(0, 500) }), { promised: null }, 500, 2],
    [
      'repeats a page in the middle',
      (index) => ({ totalCount: 1000, camera: index === 3 ? page(500, 500) : page(0, 500) }),
      undefined,
      1000,
      4,
    ],
    [
      'loses a camera while it is read',
      (index) => (index === 1 ? { totalCount: 600, camera: page(0, 500) } : { totalCount: 599, camera: page(501, 99) }),
      { promised: null },
      599,
      4,
    ],
    ['has nothing', () => ({ totalCount: 0, camera: [] }), undefined, 0, 1],
    [
      'repeats a page with an odd record for ever',
      () => ({ totalCount: 99, camera: [null, ...page(0, 3)] }),
      { promised: 99 },
      3,
      3,
    ],
    ['repeats a page of odd records for ever', () => ({ totalCount: 99, camera: [null, 7] }), { promised: 99 }, 0, 3],
  ])('%s', async (_, answer, short, cameras, calls) => {
    const { run, cloud } = await rig('hikconnect', (request) => hik(answer(indexOf(request))));
    const pages = await run(pagesOf);
    expect(pages.at(-1)?.short).toEqual(short);
    expect(new Set(pages.flatMap((one) => one.cameras.map(({ channel }) => channel))).size).toBe(cameras);
    expect(cloud.requests).toHaveLength(1 + calls);
  });

  it('shows a camera again when a later record calls it online', async () => {
    const off = hikCamera(1, { id: 'old', online: '0' });
    const { run } = await rig('hikconnect', (request) =>
      hik({ totalCount: 501, camera: indexOf(request) === 1 ? [off, ...page(1, 499)] : [hikCamera(1, { id: 'new' })] }),
    );
    const records = (await run(pagesOf)).flatMap(({ cameras }) => cameras.filter(({ channel }) => channel === 1));
    expect(records).toMatchObject([
      { resourceId: 'old', online: false },
      { resourceId: 'new', online: true },
    ]);
  });
});

describe('a reply that is hard to read', () => {
  const list = JSON.stringify({ errorCode: '0', data: { camera: [hikCamera(1)] } });

  it.each<[string, Answer]>([
    ['begins with a byte order mark', { body: `\ufeff${list}` }],
    ['is compressed', { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(list) }],
    ['calls itself text', { headers: { 'Content-Type': 'text/plain' }, body: list }],
  ])('is read when it %s', async (_, answer) => {
    const { run } = await rig('hikconnect', () => answer);
    expect((await run(pagesOf)).flatMap(({ cameras }) => cameras)).toHaveLength(1);
  });

  it.each<[string, Answer, string]>([
    ['a page of a portal with 200', { body: '<html>Log in to the Wi-Fi</html>' }, 'CLOUD_REPLY_UNREADABLE'],
    ['broken compression', { headers: { 'Content-Encoding': 'gzip' }, body: 'no gzip' }, 'CLOUD_UNREACHABLE'],
    [
      'half a compressed body',
      { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(list).subarray(0, 30) },
      'CLOUD_REPLY_UNREADABLE',
    ],
    ['a body of 50 MB', { body: Buffer.alloc(50_000_000, 0x20) }, 'CLOUD_REPLY_TOO_LARGE'],
    [
      'a compressed body that grows to 50 MB',
      { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(Buffer.alloc(50_000_000, 0x20)) },
      'CLOUD_REPLY_TOO_LARGE',
    ],
    ['nothing at all', { body: '' }, 'CLOUD_REPLY_UNREADABLE'],
    ['JSON that is no object', { body: '"0"' }, 'CLOUD_REPLY_UNREADABLE'],
    ['a success without data', { body: { errorCode: '0' } }, 'CLOUD_REPLY_UNREADABLE'],
    ['brackets without end', { body: '['.repeat(200_000) }, 'CLOUD_REPLY_UNREADABLE'],
  ])('fails as a passing fault: %s', async (_, answer, code) => {
    const { failure } = await rig('hikconnect', () => answer);
    expect(await failure(pagesOf)).toMatchObject({ code, failureClass: 'retry', accountWide: false });
  });
});
