import { describe, expect, it } from 'vitest';
import { aUrlCamera } from '../../../test/support/builders.js';
import { targetOf } from '../streams/pullTarget.js';
import { urlWithLogin } from './urlLogin.js';

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
