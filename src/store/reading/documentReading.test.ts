import { describe, expect, it } from 'vitest';
import { at, DAY, T0 } from '../../../test/support/builders.js';
import { documentOf, liveUrl } from '../../../test/support/store/handMadeDocuments.js';
import type { AdoptionContext } from './adoption.js';
import { decodeCamera, encodeCamera } from './cameraDocument.js';
import { readDocument, type Reading } from './documentReading.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const CONTEXT: AdoptionContext = { vendors: vendorsWith(), accounts: ['hik'], random: () => 0.5, now: T0 };
const SERIAL = 'FA0000016';
const FRAGMENT = liveUrl(SERIAL).replace(`openlive/${SERIAL}`, `openlive#${SERIAL}`);

function read(fields: object, id = 'gate'): Reading {
  return readDocument({ id, fields: { ...documentOf(SERIAL), ...fields } }, CONTEXT);
}

/** A title, the document's fields, and what the camera made from them has. */
const taken: readonly [string, object, object][] = [
  ['status Active', { status: 'Active' }, { status: 'active', notice: null }],
  ['status " online "', { status: ' online ' }, { status: 'active', notice: null }],
  ['status true', { status: true }, { status: 'active' }],
  ['status 1', { status: 1 }, { status: 'active' }],
  ['no status', { status: null }, { status: 'active' }],
  [
    'status inactive',
    { status: 'inactive' },
    { status: 'offline', notice: expect.stringContaining('status: "inactive"') as string },
  ],
  ['status Disabled', { status: 'Disabled' }, { status: 'disabled' }],
  ['enabled "true"', { hikvisionEnabled: 'true' }, { enabled: true }],
  ['enabled 1', { hikvisionEnabled: 1 }, { enabled: true }],
  ['enabled "FALSE "', { hikvisionEnabled: 'FALSE ' }, { enabled: false }],
  ['enabled "no"', { hikvisionEnabled: 'no' }, { enabled: false }],
  ['vendor Hikvision', { vendor: 'Hikvision' }, { source: { vendor: 'hikconnect' } }],
  ['vendor "Hik-Connect"', { vendor: 'Hik-Connect' }, { source: { vendor: 'hikconnect' } }],
  ['vendor EZVIZ', { vendor: 'EZVIZ' }, { source: { vendor: 'ezviz' } }],
  ['channel "1"', { channel: '1' }, { source: { channel: 1 } }],
  ['channel "02" with a URL of channel 1', { channel: '02' }, { source: { channel: 2 } }],
  [
    'channel D1 with a URL',
    { channel: 'D1' },
    { source: { channel: 1 }, notice: expect.stringContaining('"D1"') as string },
  ],
  ['channel 0 with a URL', { channel: 0 }, { source: { channel: 1 } }],
  ['version 2', { version: 2 }, { lastRevision: 1 }],
  ['version and fence of another program', { version: 3, fence: 'barbed' }, { lastRevision: 1 }],
  ['version "2.1"', { version: '2.1' }, { lastRevision: 1 }],
  ['a name with control characters', { name: ' Gate\u0000\n2\u200B ' }, { name: 'Gate 2' }],
  ['a number for a name', { name: 5 }, { name: '5' }],
  [
    'a document for a name',
    { name: { en: 'Gate' } },
    { name: SERIAL, notice: expect.stringContaining('name') as string },
  ],
  ['an endless name', { name: 'x'.repeat(1_000_000) }, { name: 'x'.repeat(100) }],
  ['a name in decomposed form', { name: 'Cafe\u0301 🚪' }, { name: 'Café 🚪' }],
  ['no resource id', { hikvisionResourceId: null }, { source: { resourceId: '' } }],
  ['a number for a resource id', { hikvisionResourceId: 77 }, { source: { resourceId: '77' } }],
  ['a serial in lower case', { hikvisionDeviceSerial: ' fa0000016 ' }, { source: { deviceSerial: SERIAL } }],
  [
    'the long serial of a sticker',
    { hikvisionDeviceSerial: `DS-2CD2043G0-I20190101AAWR${SERIAL}` },
    { source: { deviceSerial: SERIAL } },
  ],
  ['a number for a serial, with a URL', { hikvisionDeviceSerial: 987654321 }, { source: { deviceSerial: SERIAL } }],
  [
    'a long number for a serial, without a URL',
    { hikvisionDeviceSerial: { high: 0, low: 123456789, unsigned: false }, rtmpPath: '', channel: 1 },
    { source: { deviceSerial: '123456789' } },
  ],
  [
    'a serial that its URL contradicts',
    { hikvisionDeviceSerial: 'FB0000001' },
    { source: { deviceSerial: 'FB0000001' }, notice: expect.stringContaining(SERIAL) as string },
  ],
  [
    'no serial and a URL in MediaMTX’s form',
    { hikvisionDeviceSerial: undefined, rtmpPath: FRAGMENT },
    { source: { deviceSerial: SERIAL, channel: 1 }, lease: { url: liveUrl(SERIAL) } },
  ],
  ['a URL with a line end', { rtmpPath: `${liveUrl(SERIAL)}\r\n` }, { lease: { url: liveUrl(SERIAL) } }],
  ['a URL behind a zero-width space', { rtmpPath: `\u200B ${liveUrl(SERIAL)}` }, { lease: { url: liveUrl(SERIAL) } }],
  ['a URL in a list of one', { rtmpPath: [liveUrl(SERIAL)] }, { lease: { url: liveUrl(SERIAL) } }],
  [
    'a number for a URL',
    { rtmpPath: 5 },
    { lease: null, failure: null, notice: expect.stringContaining('rtmpPath') as string },
  ],
  [
    'an HLS address',
    { rtmpPath: `https://isgpopen.ezvizlife.com/v3/openlive/${SERIAL}_1_2.m3u8?expire=4102444800&t=s3cret` },
    { lease: null, failure: null, source: { channel: 1 } },
  ],
  [
    'an FLV address',
    { rtmpPath: `https://rtmp05open.ys7.com:9188/v3/openlive/${SERIAL}_1_1.flv?expire=4102444800` },
    { lease: null, failure: null },
  ],
  [
    'an ezopen address',
    { rtmpPath: `ezopen://open.ys7.com/${SERIAL}/1.hd.live` },
    { lease: null, failure: null, source: { channel: 1 } },
  ],
  [
    'an address of the local network',
    { rtmpPath: 'rtsp://192.0.2.7:554/Streaming/Channels/101' },
    { lease: null, failure: { code: 'SOURCE_HOST_REFUSED' } },
  ],
  [
    'a URL that does not say its end',
    { rtmpPath: liveUrl(SERIAL).replace(/expire=\d+&/, '') },
    { lease: null, failure: null },
  ],
  ['createdAt as text', { createdAt: '2025-01-01' }, { createdAt: new Date('2025-01-01') }],
  ['createdAt that makes no sense', { createdAt: 'long ago' }, { createdAt: T0 }],
  ['mode live', { mode: 'live' }, { mode: 'on-demand', notice: expect.stringContaining('mode: "live"') as string }],
  ['mode "Always On"', { mode: 'Always On' }, { mode: 'always-on', notice: null }],
  ['mode Direct', { mode: ' Direct' }, { mode: 'direct', notice: null }],
  ['whenGone End', { whenGone: 'End' }, { whenGone: 'end', notice: null }],
  [
    'whenGone never',
    { whenGone: 'never' },
    { whenGone: 'slate', notice: expect.stringContaining('whenGone: "never"') as string },
  ],
  ['quality HD', { quality: 'HD' }, { quality: 'auto', notice: expect.stringContaining('quality') as string }],
  ['quality Main', { quality: 'Main' }, { quality: 'main' }],
  ['labels as text', { labels: 'gate, yard' }, { labels: ['gate', 'yard'] }],
  ['labels with nonsense', { labels: ['gate', null, { a: 1 }, 7] }, { labels: ['gate', '7'] }],
  [
    'an account of another kind',
    { account: 5 },
    { source: { account: null }, notice: expect.stringContaining('account: 5') as string },
  ],
  ['the configured account', { account: ' hik ' }, { source: { account: 'hik' }, notice: null }],
  ['errorClipCheck "off"', { errorClipCheck: 'off' }, { errorClipCheck: false }],
  [
    'foreign fields',
    { coordinates: { lat: 1 }, members: [], __v: 0, lastRenewed: '2026-01-02 03:04:05' },
    { notice: null },
  ],
];

/** A title, the document's fields, and what is reported of the document that is left out. */
const leftOut: readonly [string, object, string][] = [
  ['an unknown status', { status: 'weird' }, 'status has a wrong type or value: "weird"'],
  ['a status that is a document', { status: { code: 2 } }, 'status has a wrong type or value: an embedded document'],
  ['a switch that is neither', { hikvisionEnabled: 'maybe' }, 'hikvisionEnabled has a wrong type or value: "maybe"'],
  ['a vendor without a cloud here', { vendor: 'Dahua' }, 'vendor has a wrong type or value: "Dahua"'],
  ['a channel that nothing tells', { channel: 'front', rtmpPath: '' }, 'channel has a wrong type or value: "front"'],
  ['no serial at all', { hikvisionDeviceSerial: ' ', rtmpPath: '' }, 'hikvisionDeviceSerial is missing'],
  [
    'a list for a serial',
    { hikvisionDeviceSerial: [SERIAL, 'B'], rtmpPath: '' },
    'hikvisionDeviceSerial has a wrong type or value: a list of 2',
  ],
  ['an endless serial', { hikvisionDeviceSerial: 'A'.repeat(5_000), rtmpPath: '' }, '(5000 characters)'],
  ['a URL for a status', { status: liveUrl(SERIAL) }, 'not shown, it holds an address'],
];

describe('a document that other hands wrote', () => {
  it.each(taken)('with %s is taken', (_what, fields, camera) => {
    expect(read(fields)).toMatchObject({
      kind: 'camera',
      isStale: true,
      record: { camera: { id: 'gate', ...camera } },
    });
  });

  it.each(leftOut)('with %s is left out by field and value', (_what, fields, message) => {
    const reading = read(fields);
    expect(reading).toMatchObject({
      kind: 'left-out',
      leftOut: { id: 'gate', message: expect.stringContaining(message) as string },
    });
    const said = JSON.stringify(reading);
    expect(said).not.toMatch(/rtmp:|s3cret/);
    expect(said.length).toBeLessThan(12_000);
  });

  it.each(['Front Door', '_lease', 'a/b', '', 'x'.repeat(65), '(_id {"a":1})'])('with the _id %j is left out', (id) => {
    const message = expect.stringContaining('its _id cannot be a path name') as string;
    expect(read({}, id)).toMatchObject({
      kind: 'left-out',
      leftOut: { id, deviceSerials: [SERIAL], channel: 1, message },
    });
  });

  it('keeps the place of its device when it is left out', () => {
    const fields = { status: 'weird', hikvisionDeviceSerial: 987654321, channel: undefined, hikvisionResourceId: 'r9' };
    const place = { deviceSerials: ['987654321', SERIAL], channel: 1, resourceId: 'r9' };
    expect(read(fields)).toMatchObject({ leftOut: place });
    expect(read({ ...fields, rtmpPath: FRAGMENT })).toMatchObject({ leftOut: place });
    expect(read({ ...fields, rtmpPath: 'not known' })).toMatchObject({
      leftOut: { deviceSerials: ['987654321'], channel: null },
    });
  });

  it('with an end ten years ahead is renewed within a week', () => {
    const reading = read({ rtmpPath: liveUrl(SERIAL, at(3650 * DAY)) });
    const lease = reading.kind === 'camera' ? reading.record.camera.lease : null;
    expect(lease?.expiresAt).toEqual(at(3650 * DAY));
    expect(lease?.renewAt.getTime()).toBeLessThan(at(7 * DAY).getTime());
  });
});

describe('a camera with an address of its own', () => {
  const record = decodeCamera('gate', { ...ours(), urlSource: { url: 'rtsp://user:secret@h/yard', revision: 3 } });

  it('is told by its field alone, and reads as it was written', () => {
    const rest = { login: null, tracks: null, openedAt: null };
    expect(record.camera.source).toEqual({ kind: 'url', url: 'rtsp://user:secret@h/yard', revision: 3, ...rest });
    const fields = { ...encodeCamera(record) };
    expect(readDocument({ id: 'gate', fields }, CONTEXT)).toEqual({ kind: 'camera', record, isStale: false });
    for (const other of [null, undefined])
      expect(decodeCamera('gate', { ...ours(), urlSource: other }).camera.source.kind).toBe('cloud');
  });

  it('is left out with a wrong address, and the report shows no part of it', () => {
    const fields = { ...encodeCamera(record), urlSource: { url: ['rtsp://user:secret@h/yard'], revision: 3 } };
    const reading = readDocument({ id: 'gate', fields }, CONTEXT);
    expect(reading).toMatchObject({
      kind: 'left-out',
      leftOut: { id: 'gate', message: expect.stringContaining('urlSource.url') as string },
    });
    expect(JSON.stringify(reading)).not.toContain('secret');
  });

  it.each(['kind', 'source'])('is not made by a field %s of another program', (field) => {
    expect(decodeCamera('gate', { ...ours(), [field]: 'url' }).camera.source.kind).toBe('cloud');
  });
});

function ours(): object {
  const reading = read({});
  if (reading.kind !== 'camera') throw new Error('the document is left out');
  return encodeCamera({ ...reading.record, version: 1 });
}

it("takes another program's field `feed` for no list", () => {
  const record = decodeCamera('gate', { ...ours(), feed: { name: 'city', key: '12' } });
  expect(record.camera.feed).toEqual({ name: 'city', key: '12' });
  for (const feed of ['every day', 5, { name: 'city' }, null, undefined])
    expect(decodeCamera('gate', { ...encodeCamera(record), feed }).camera.feed).toBeNull();
});
