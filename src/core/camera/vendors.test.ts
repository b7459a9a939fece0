import { describe, expect, it } from 'vitest';
import { Vendors, type LiveUrlForm, type VendorFacts } from './vendors.js';

const NONE = { expiresAt: null, urlId: null, deviceSerial: null, channel: null, quality: null };

/** Its live URLs name the serial alone. */
const PLAIN: LiveUrlForm = {
  hosts: ['media.plain.test'],
  read: ({ searchParams }) => ({ ...NONE, deviceSerial: searchParams.get('serial') }),
};
const RICH: LiveUrlForm = {
  hosts: ['media.rich.test', 'live.rich.test'],
  read: ({ searchParams }) => ({ ...NONE, deviceSerial: searchParams.get('camera'), urlId: searchParams.get('id') }),
};

const vendor = (name: string, apiHost: string, liveUrls: LiveUrlForm, ...otherNames: string[]): VendorFacts => ({
  name,
  otherNames,
  apiHosts: [apiHost],
  liveUrls,
  accounts: {
    name,
    prefix: name.toUpperCase(),
    key: { variable: 'KEY', field: 'key' },
    secret: { variable: 'SECRET', field: 'secret' },
  },
});

const all = [
  vendor('plain', 'api.plain.test', PLAIN, 'plaincloud'),
  vendor('rich', 'api.rich.test', RICH),
  // As Hik-Connect and EZVIZ do: two vendors whose streams come from one platform.
  vendor('cousin', 'api.cousin.test', RICH),
];
const vendors = new Vendors(all, ['extra.test']);

describe('the vendors of an installation', () => {
  it('are known by their names, in the order in which they are registered', () => {
    expect(vendors.names).toEqual(['plain', 'rich', 'cousin']);
    expect([vendors.has('rich'), vendors.has('plaincloud'), vendors.has('other')]).toEqual([true, false, false]);
  });

  it.each([
    ['plain', 'plain'],
    ['Plain-Cloud', 'plain'],
    [' RICH ', 'rich'],
    ['other', null],
    ['', null],
    ['constructor', null],
  ])('are meant by words of people in any spelling: %j is %j', (word, name) => {
    expect(vendors.byWord(word)).toBe(name);
  });
});

describe('an API call', () => {
  it.each([
    ['https://api.rich.test/login', 'rich', true],
    ['https://eu.api.rich.test', 'rich', true],
    ['http://api.rich.test', 'rich', false],
    ['https://api.rich.test.evil.test', 'rich', false],
    ['https://notapi.rich.test', 'rich', false],
    ['https://user:pass@api.rich.test', 'rich', false],
    ['https://api.plain.test', 'rich', false],
    ['https://media.rich.test', 'rich', false],
    ['http://sim.extra.test:8080', 'rich', true],
    ['https://api.rich.test', 'other', false],
    ['http://extra.test', 'other', true],
    ['no URL', 'rich', false],
  ])('to %s of %s is allowed: %s', (url, name, isAllowed) => {
    expect(vendors.isApiUrlAllowed(url, name)).toBe(isAllowed);
  });
});

describe('a live URL', () => {
  it.each([
    ['rtmp://media.plain.test/live/1', true, true],
    ['rtmps://eu.live.rich.test/live/1', true, true],
    ['rtmp://extra.test/live/1', true, true],
    ['https://media.plain.test/live/1.m3u8', false, true],
    ['ezopen://media.rich.test/C1/1.live', false, true],
    ['ftp://media.plain.test/live/1', false, false],
    ['rtmp://api.plain.test/live/1', false, false],
    ['rtmp://media.plain.test.evil.test/live/1', false, false],
    ['rtmp://evil.test\\@media.plain.test/live/1', false, false],
    ['', false, false],
  ])('%s may be pulled: %s; is on the host of a vendor: %s', (url, isAllowed, isOnHost) => {
    expect([vendors.isStreamUrlAllowed(url), vendors.isOnVendorHost(url)]).toEqual([isAllowed, isOnHost]);
  });

  it("on a vendor's host is read by that vendor's form, even if another form finds more", () => {
    expect(vendors.parseStreamUrl('rtmp://media.plain.test/live/1?camera=C1&id=7&serial=P1')).toEqual({
      ...NONE,
      deviceSerial: 'P1',
    });
    expect(vendors.parseStreamUrl('rtmp://MEDIA.plain.test/live/1?camera=C1&id=7')).toEqual(NONE);
  });

  it.each([
    ['rtmp://sim.extra.test/live/1?camera=C1&id=7&serial=P1', { ...NONE, deviceSerial: 'C1', urlId: '7' }],
    ['rtmp://sim.extra.test/live/1?serial=P1', { ...NONE, deviceSerial: 'P1' }],
    ['rtmp://sim.extra.test/live/1', NONE],
  ])('on any other host is read by the form that finds the most: %s', (url, parts) => {
    expect(vendors.parseStreamUrl(url)).toEqual(parts);
  });

  it('is read through blanks and the fragment that MediaMTX gets', () => {
    expect(vendors.parseStreamUrl(' rtmp://media.plain.test/live#1?serial=P1\n')).toMatchObject({ deviceSerial: 'P1' });
  });

  it.each(['', 'no URL', `rtmp://media.plain.test/${'x'.repeat(5_000)}`])('is none: %.30s', (text) => {
    expect(vendors.parseStreamUrl(text)).toBeNull();
  });

  it('says nothing of itself where no vendor is known', () => {
    const none = new Vendors([], []);
    expect(none.parseStreamUrl('rtmp://media.plain.test/live/1?serial=P1')).toEqual(NONE);
    expect([none.isStreamUrlAllowed('rtmp://media.plain.test/1'), none.byWord('plain')]).toEqual([false, null]);
  });
});
