import { describe, expect, it } from 'vitest';
import { createRedactor } from './redact.js';

const clean = (text: string): string => createRedactor().redact(text);

describe('masks', () => {
  it.each([
    ['a live URL inside another one', 'http://proxy/?u=rtmp://h/openlife/x', 'http://proxy/?u=rtmp://[hidden]'],
    ['a live URL behind letters', 'src.rtmp://h/k', 'src.rtmp://[hidden]'],
    ['a playlist', 'see https://h/openlive/a.m3u8 now', 'see [hidden] now'],
    ['a signed picture', 'https://s/x.jpg?X-Amz-Signature=ab', '[hidden]'],
    ['a login with a raw @ in its password', 'mongodb://u:p@ss@h/db', 'mongodb://[hidden]@h/db'],
    ['a login in a URL inside another one', 'http://p/?u=http://u:pw@cam/', 'http://p/?u=http://[hidden]@cam/'],
  ])('%s', (_what, text, masked) => {
    expect(clean(text)).toBe(masked);
  });

  it('leaves an ordinary address as it is', () => {
    expect(clean('http://localhost:4000/api/camera?limit=10')).toBe('http://localhost:4000/api/camera?limit=10');
  });
});

describe('masks a registered secret', () => {
  const secret = 'pa"ss\\wörd/1';
  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ key: secret })],
    ['in JSON within JSON', JSON.stringify({ reply: JSON.stringify({ key: secret }) })],
    ['in an address', `https://h/?p=${encodeURIComponent(secret)}`],
  ])('%s', (_what, text) => {
    const redactor = createRedactor();
    redactor.register(secret);
    expect(redactor.redact(text)).toContain('[hidden]');
    expect(redactor.redact(text)).not.toMatch(/ss.{0,4}w/);
  });
});

/** The shortest time of several runs, which other programs on the machine disturb least. */
function quickestMs(act: () => void): number {
  const times = Array.from({ length: 7 }, () => {
    const from = performance.now();
    act();
    return performance.now() - from;
  });
  return Math.min(...times);
}

describe('the time that masking takes', () => {
  it.each([
    ['a.', 'dots'],
    ['http://', 'schemes'],
    ['a://b?', 'queries'],
    ['at.', 'beginnings of tokens'],
    ['http://x&t', 'beginnings of signatures'],
    ['u:p@', 'logins'],
    ['rtmp:/', 'half schemes'],
  ])('grows with the length alone: %s', (piece) => {
    const long = piece.repeat(100_000 / piece.length);
    const short = quickestMs(() => clean(long));
    const four = quickestMs(() => clean(long.repeat(4)));
    // For four times the text: 4 where each character is read once, 16 where each character is read for each other one.
    expect(four / Math.max(short, 0.2)).toBeLessThan(10);
  });
});
