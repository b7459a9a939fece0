import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aUrlCamera } from '../../../test/support/builders.js';
import { targetOf } from '../streams/pullTarget.js';
import { readSourceUrl, SOURCE_SCHEMES, urlWithLogin, withLoginApart } from './sourceUrl.js';

const login = (user: string, password: string) => ({ user, password });

describe('an address that a person typed', () => {
  it.each([
    ['rtsp://10.0.0.1', 'rtsp://10.0.0.1', []],
    ['  RTSP://cam.local:8554/a%2fB?x=%20&y=1#z\n', 'rtsp://cam.local:8554/a%2fB?x=%20&y=1#z', []],
    ['rtsp://admin:@10.0.0.1/x', 'rtsp://10.0.0.1/x', [login('admin', '')]],
    ['rtsp://admin@10.0.0.1/x', 'rtsp://10.0.0.1/x', [login('admin', '')]],
    ['rtsp://@10.0.0.1/x', 'rtsp://10.0.0.1/x', []],
    ['rtsp://:@10.0.0.1/x', 'rtsp://10.0.0.1/x', []],
    ['rtsp://a:b@[fd00::64]:554/x', 'rtsp://[fd00::64]:554/x', [login('a', 'b')]],
    ['rtsp://a:p@ss@10.0.0.1/x', 'rtsp://10.0.0.1/x', [login('a', 'p@ss')]],
    ['rtsp://a:p@ss/w0rd@10.0.0.1/x', 'rtsp://10.0.0.1/x', [login('a', 'p@ss/w0rd')]],
    ['rtsp://a:#?%:/^!& x@10.0.0.1:554/x?a=b@c', 'rtsp://10.0.0.1:554/x?a=b@c', [login('a', '#?%:/^!& x')]],
    ['rtsp://a:pa/ss@cam/x', 'rtsp://cam/x', [login('a', 'pa/ss')]],
    ['rtsp://a:p%40ss@cam/x', 'rtsp://cam/x', [login('a', 'p%40ss'), login('a', 'p@ss')]],
    ['rtsp://a:b@cam/stream@1', 'rtsp://cam/stream@1', [login('a', 'b')]],
    ['rtsp://10.0.0.1/live/me@example.com', 'rtsp://10.0.0.1/live/me@example.com', []],
    ['rtsp://cam:554/live/me@example.com', 'rtsp://cam:554/live/me@example.com', []],
    ['rtsp://a:b%00@cam/', 'rtsp://cam/', [login('a', 'b%00')]],
    ['srt://h:9000?streamid=read:x&passphrase=y', 'srt://h:9000?streamid=read:x&passphrase=y', []],
  ])('reads %s', (text, url, logins) => {
    expect(readSourceUrl(text)).toMatchObject({ kind: 'address', url, logins });
  });

  it.each([
    ['', 'empty'],
    ['10.0.0.1/x', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://h/x', 'scheme'],
    ['javascript:alert(1)', 'scheme'],
    ['rtsp://', 'no readable host'],
    ['rtsp:///x', 'no readable host'],
    ['rtsp://h:x/y', 'no readable host'],
    ['rtsp://h:0/y', 'port'],
    ['rtsp://h:65536/y', 'port'],
    ['rtsp://[::1/y', 'no readable host'],
    ['rtsp://[1:2]/y', 'IPv6'],
    ['rtsp://[fe80::1%25eth0]/y', 'no readable host'],
    ['rtsp://2130706433/x', 'number'],
    ['rtsp://0x7f000001/x', 'number'],
    ['rtsp://0x7f.1/x', 'number'],
    ['rtsp://127.1/x', 'number'],
    ['rtsp://010.0.0.1/x', 'number'],
    ['rtsp://10.0.0.256/x', 'number'],
    ['rtsp://10.0.0.1./x', 'number'],
    ['rtsp://h..i/x', 'two dots'],
    ['rtsp://h/a b', 'blank'],
    ['rtsp://h/\u0000', 'control'],
    ['rtsp://h/x\r\nDESCRIBE', 'control'],
    ['rtsp://a\\@h/x', 'backslash'],
    ['rtsp://h\u202e/x', 'invisible'],
    [`rtsp://h/${'x'.repeat(2_100)}`, 'too long'],
    ['x'.repeat(1_000_000), 'too long'],
    [`rtsp://a:${'p'.repeat(201)}@h/`, 'too long'],
  ])('refuses %j with a sentence and a cure', (text, part) => {
    const read = readSourceUrl(text);
    expect(read).toMatchObject({ kind: 'fault', message: expect.stringContaining(part) as string });
    expect(read.kind === 'fault' && read.cure).toMatch(/\.$/);
  });

  it('never throws, and what it accepts reads as itself again', () => {
    const part = fc.oneof(
      fc.stringMatching(/^[@#?%:/^!& \\[\].0aZ\0]$/),
      fc.constantFrom('://', 'rtsp', '10.0.0.1'),
      fc.string(),
    );
    const text = fc.tuple(fc.constantFrom(...SOURCE_SCHEMES, 'file', ''), fc.array(part, { maxLength: 12 }));
    fc.assert(
      fc.property(text, ([scheme, parts]) => {
        const read = readSourceUrl(`${scheme}://${parts.join('')}`);
        if (read.kind === 'fault') return;
        expect(readSourceUrl(read.url)).toEqual({ ...read, logins: [] });
        for (const one of read.logins) {
          const whole = new URL(urlWithLogin({ url: read.url, login: one }));
          expect(whole.host.length).toBeGreaterThan(0);
          expect(decodeURIComponent(whole.username)).toBe(one.user);
          expect(decodeURIComponent(whole.password)).toBe(one.password);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('reads a typed login as it was typed, whatever is in the password', () => {
    const password = fc.string({ maxLength: 20 }).filter((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(text));
    fc.assert(
      fc.property(password, fc.constantFrom('10.0.0.1', '[fd00::1]', 'cam.example.com:554'), (typed, host) => {
        // A password that itself ends like a host is read as one: such a login needs fields of its own.
        fc.pre(!/@[^@]*\.[^@]*$|@\[/.test(typed));
        const read = readSourceUrl(`rtsp://admin:${typed}@${host}/x`);
        expect(read).toMatchObject({ kind: 'address', url: `rtsp://${host}/x` });
        expect(read.kind === 'address' && read.logins[0]).toEqual(login('admin', typed));
      }),
    );
  });

  it('takes the login out of the address of an older document, as the program that pulled it read it', () => {
    const apart = { url: 'rtsp://h/x', login: login('a', 'p@ss') };
    expect(withLoginApart({ url: 'rtsp://a:p%40ss@h/x', login: null })).toEqual(apart);
    expect(withLoginApart(apart)).toEqual(apart);
    expect(withLoginApart({ url: 'no url', login: null })).toEqual({ url: 'no url', login: null });
  });
});

describe('the address of a camera with its login', () => {
  it('has the login percent-encoded, and path and query byte for byte', () => {
    const login = { user: 'o p', password: 'a@b#c?d%e:f/g^h!&' };
    const source = aUrlCamera({ source: { url: 'rtsp://[fd00::1]:554/a%2fB?x=%20&y', login } }).source;
    const whole = 'rtsp://o%20p:a%40b%23c%3Fd%25e%3Af%2Fg%5Eh!%26@[fd00::1]:554/a%2fB?x=%20&y';
    expect(urlWithLogin(source)).toBe(whole);
    const { username, password } = new URL(whole);
    expect([username, password].map(decodeURIComponent)).toEqual([login.user, login.password]);
    expect(targetOf({ source, lease: null })).toMatchObject({ url: whole, tracks: null });
  });

  it('keeps an empty password apart from none at all', () => {
    expect(urlWithLogin({ url: 'rtsp://h/', login: { user: 'admin', password: '' } })).toBe('rtsp://admin:@h/');
    expect(urlWithLogin({ url: 'rtsp://user:secret@h/', login: null })).toBe('rtsp://user:secret@h/');
  });
});
