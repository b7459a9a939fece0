import { expect, test } from 'vitest';
import { pathSource } from './pathSource.js';

test.each([
  [
    'a vendor URL: name and query become the fragment',
    'rtmp://h.ezvizlife.com:1935/v3/openlive/S1_1_2?expire=1&id=2',
    'rtmp://h.ezvizlife.com:1935/v3/openlive#S1_1_2?expire=1&id=2',
  ],
  ['a slash in the query stays in it', 'rtmp://h/app/name?t=a/b', 'rtmp://h/app#name?t=a/b'],
  ['a percent sign is encoded once more', 'rtmp://h/app/name?t=a%2Fb', 'rtmp://h/app#name?t=a%252Fb'],
  ['a URL in this form already is left alone', 'rtmp://h/app#name?t=a%2Fb', 'rtmp://h/app#name?t=a%2Fb'],
  ['over TLS', 'rtmps://[::1]:443/app/name', 'rtmps://[::1]:443/app#name'],
])('%s', (_what, url, source) => {
  expect(pathSource(url)).toBe(source);
});

test.each([
  'http://h/app/name',
  'file:///etc/passwd',
  'rtmp://h/name',
  'rtmp://h/app/',
  'rtmp://h:99999/app/name',
  'rtmp://h:0/app/name',
  'rtmp://user:pass@h/app/name',
  'rtmp://h/app/na me',
  'rtmp://h/app/name?x=%zz',
  'rtmp://h/app/name\n  runOnInit: sh',
  'rtmp://h/app/카메라',
  'rtmp://h/$G1/name',
  '',
])('MediaMTX would not take %j', (url) => {
  expect(pathSource(url)).toBeNull();
});
