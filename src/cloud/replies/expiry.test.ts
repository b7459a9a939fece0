import { describe, expect, it } from 'vitest';
import { expiryOf } from './expiry.js';
import { vendorsWith } from '../../../test/support/clouds/vendors.js';

const askedAt = new Date('2026-01-05T08:00:00Z');
const DAY_S = 86_400;
const abroad = { askedAt, lifetimeSeconds: 7 * DAY_S, inChina: false };
const after = (seconds: number): Date => new Date(askedAt.getTime() + seconds * 1000);
const END = after(7 * DAY_S);

describe('when a live address dies', () => {
  it.each<[string, unknown]>([
    ['epoch seconds', END.getTime() / 1000],
    ['epoch seconds as text', String(END.getTime() / 1000)],
    ['epoch milliseconds', END.getTime()],
    ['epoch milliseconds as text', ` ${END.getTime()} `],
    ['ISO text', '2026-01-12T08:00:00Z'],
    ['ISO text with milliseconds', '2026-01-12T08:00:00.000Z'],
    ['ISO text of another zone', '2026-01-12T16:00:00+08:00'],
    ['ISO text without a zone', '2026-01-12T08:00:00'],
    ['a zone without colon', '2026-01-12 05:00:00 -0300'],
    ['plain text in UTC', '2026-01-12 08:00:00'],
    ['plain text in the time of China, though abroad', '2026-01-12 16:00:00'],
    ['slashes', '2026/01/12 08:00:00'],
    ['the life instead of the moment', 7 * DAY_S],
  ])('is read from %s', (_, said) => {
    expect(expiryOf(null, said, abroad)).toEqual(END);
  });

  it('is read in the time of China where the cloud is there', () => {
    const inChina = { ...abroad, inChina: true };
    expect(expiryOf(null, '2026-01-12 16:00:00', inChina)).toEqual(END);
    expect(expiryOf(null, '2026-01-12 08:00:00', inChina)).toEqual(after(7 * DAY_S - 8 * 3600));
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['nought', 0],
    ['a word', 'soon'],
    ['an object', { time: 1 }],
    ['ten years ahead', askedAt.getTime() + 3650 * DAY_S * 1000],
    ['ten years ahead, as text', '2036-01-05 08:00:00'],
    ['the past', '2020-01-01 00:00:00'],
    ['a day that is none', '2026-13-45 08:00:00'],
    ['the end of numbers', 9_999_999_999_999],
  ])('is the asked life from the asking when the reply says %s', (_, said) => {
    expect(expiryOf(null, said, abroad)).toEqual(END);
  });

  it('is what the address itself says, as long as that is not later than what was asked for', () => {
    const ofUrl = (expire: string): Date | null =>
      vendorsWith().parseStreamUrl(`rtmp://vtm.ezvizlife.com/v3/openlive/A_1_1?expire=${expire}`)?.expiresAt ?? null;
    const soon = after(600);
    expect(expiryOf(ofUrl(String(soon.getTime() / 1000)), END.getTime(), abroad)).toEqual(soon);
    expect(expiryOf(ofUrl(String(soon.getTime())), END.getTime(), abroad)).toEqual(soon);
    expect(expiryOf(ofUrl(String(END.getTime() / 1000 + 3)), null, abroad)).toEqual(after(7 * DAY_S + 3));
    expect(expiryOf(ofUrl(String(after(3650 * DAY_S).getTime() / 1000)), soon.getTime(), abroad)).toEqual(END);
    expect(expiryOf(ofUrl('0'), soon.getTime(), abroad)).toEqual(soon);
    expect(expiryOf(ofUrl('never'), undefined, abroad)).toEqual(END);
  });
});
