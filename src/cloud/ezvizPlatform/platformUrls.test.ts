import { describe, expect, it } from 'vitest';
import { plainStreamUrl } from '../../core/camera/streamUrl.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const VENDORS = vendorsWith();
const HOST = 'rtmp://vtmsgpzl.ezvizlife.com:1935/v3/openlive';
const QUERY = 'expire=1796441945&id=786&t=a%2Fb';
const PLAIN = `${HOST}/FA0000016_1_2?${QUERY}`;
const NAMED = { deviceSerial: 'FA0000016', channel: 1, quality: 'sub' };
const WHOLE = { ...NAMED, expiresAt: new Date(1_796_441_945_000), urlId: '786' };

const forms: readonly [string, string, object | null][] = [
  ['as the cloud hands it out', PLAIN, WHOLE],
  ['as camlease writes it for MediaMTX', `${HOST}#FA0000016_1_2?${QUERY.replace('%', '%25')}`, WHOLE],
  ['with a fragment behind a slash', `${HOST}/#FA0000016_1_2?${QUERY.replace('%', '%25')}`, WHOLE],
  ['with a line end', `${PLAIN}\n`, WHOLE],
  ['with blanks and zero-width characters around it', `\uFEFF \u200B${PLAIN}\u200D\u00A0\t`, WHOLE],
  ['as a list of HLS', `https://isgpopen.ezvizlife.com/v3/openlive/FA0000016_1_2.m3u8?${QUERY}`, WHOLE],
  ['as FLV', `https://rtmp05open.ys7.com:9188/v3/openlive/FA0000016_1_2.flv?${QUERY}`, WHOLE],
  ['with milliseconds', PLAIN.replace('1796441945', '1796441945000'), WHOLE],
  ['by ezopen', 'ezopen://open.ys7.com/FA0000016/1.live', { ...NAMED, expiresAt: null, urlId: null }],
  ['by ezopen with a code', 'ezopen://QWERTY@open.ys7.com/FA0000016/1.hd.live', { ...NAMED, quality: 'main' }],
  ['of another source', 'rtsp://192.0.2.7:554/Streaming/Channels/101', { deviceSerial: null, channel: null }],
  ['that is no address', 'the one in the yard', null],
  ['that has no end', `rtmp://${'a'.repeat(200_000)}`, null],
];

describe('a live URL', () => {
  it.each(forms)('%s is read', (_what, text, parts) => {
    if (parts === null) expect(VENDORS.parseStreamUrl(text)).toBeNull();
    else expect(VENDORS.parseStreamUrl(text)).toMatchObject(parts);
  });

  it('comes back from the form of MediaMTX as the cloud handed it out', () => {
    expect(plainStreamUrl(`${HOST}#FA0000016_1_2?${QUERY.replace('%', '%25')}\n`)).toBe(PLAIN);
    expect(plainStreamUrl(PLAIN)).toBe(PLAIN);
    expect(plainStreamUrl('')).toBe('');
  });

  it('of any length is read in linear time', () => {
    const timeOf = (length: number): number => {
      const begun = performance.now();
      for (const text of ['_1', '/', ' ', '#a']) VENDORS.parseStreamUrl(`rtmp://h/${text.repeat(length / 2)}x`);
      return performance.now() - begun;
    };
    timeOf(4_000);
    expect(timeOf(1_000_000)).toBeLessThan(500);
  });
});
