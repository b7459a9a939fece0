import { describe, expect, it } from 'vitest';
import { boundedText, withoutTrailing } from './boundedText.js';
import { replaceUrls } from './urlsInText.js';

const found = (text: string): string[] => {
  const urls: string[] = [];
  replaceUrls(text, ({ scheme, rest }) => {
    urls.push(`${scheme}|${rest}`);
    return '';
  });
  return urls;
};

describe('URLs in a text', () => {
  it.each([
    ['pull rtmp://a/b?c=1 failed', ['rtmp|a/b?c=1']],
    ['"https://a/b", <http://c>', ['https|a/b', 'http|c']],
    ['(x:rtsp://a', ['rtsp|a']],
    ['http://a/?u=rtmp://b', ['http|a/?u=rtmp://b']],
    ['1http://a', ['http|a']],
    ['://a and // b and a:/c', []],
    ['http://', ['http|']],
    ['a://://b', ['a|://b']],
  ])('%s', (text, urls) => {
    expect(found(text)).toEqual(urls);
  });

  it('leaves the rest of the text as it is', () => {
    expect(replaceUrls('a http://b c://d e', ({ scheme }) => `[${scheme}]`)).toBe('a [http] [c] e');
  });
});

describe('a bounded text', () => {
  it('keeps what is short, and says how much of a long one is left out', () => {
    expect(boundedText('abc', 3)).toBe('abc');
    expect(boundedText('abcdef', 3)).toBe('abc… (3 more characters)');
  });

  it('never cuts a character in two', () => {
    expect(boundedText('ab😀cd', 3)).toBe('ab… (4 more characters)');
  });
});

it('text without its last slashes', () => {
  expect(withoutTrailing('http://a//', '/')).toBe('http://a');
  expect(withoutTrailing('///', '/')).toBe('');
  expect(withoutTrailing('a/b', '/')).toBe('a/b');
});
