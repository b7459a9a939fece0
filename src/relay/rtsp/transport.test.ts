import { describe, expect, it } from 'vitest';
import { askedFor } from './transport.js';

describe('the address of a request', () => {
  it.each([
    ['rtsp://h:1/gate', 'gate', null],
    ['rtsp://u:p@h/gate/?x=1', 'gate', null],
    ['rtsp://h/a/gate//trackID=0', 'a/gate', 'picture'],
    ['RTSP://h/gate/trackid=1/', 'gate', 'sound'],
    ['rtsp://h/gate/trackID=2', 'gate/trackID=2', null],
    ['rtsp://h/trackID=0', 'trackID=0', null],
    ['rtsp://h/%67ate', 'gate', null],
    ['rtsp://h/', '', null],
  ])('%s is read', (url, id, track) => {
    expect(askedFor(url)).toEqual({ id, track });
  });

  it('may be wrong', () => {
    expect(askedFor('rtsp://h/%zz')).toBeNull();
    expect(askedFor('http://h/gate')).toBeNull();
  });

  // A backtracking regular expression took ten seconds for 2,000 slashes, in the process that serves every reader.
  it('is read at once whatever it is', { timeout: 2_000 }, () => {
    const slashes = '/'.repeat(2_000);
    expect(askedFor(`rtsp://h/${slashes}x`)?.id).toBe(`${slashes}x`);
  });
});
