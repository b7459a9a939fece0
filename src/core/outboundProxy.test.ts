import { describe, expect, it } from 'vitest';
import { readConfig } from '../config/config.js';
import { proxiesOf } from './outboundProxy.js';

const HTTPS_PROXY = 'http://us%20er:p%40ss@proxy.example.org:3128';
const viaSecure = {
  protocol: 'http',
  host: 'proxy.example.org',
  port: 3128,
  auth: { username: 'us er', password: 'p@ss' },
};
const viaPlain = { protocol: 'http', host: '10.0.0.9', port: 80 };

describe('the way out through a proxy', () => {
  it.each([
    ['https://open.ezvizlife.com/api', '', viaSecure],
    ['http://hook.example.org/', '', viaPlain],
    ['https://localhost:4000/', '', null],
    ['https://127.0.0.1:9997/', '', null],
    ['http://[::1]:9997/', '', null],
    ['https://open.ezvizlife.com/', 'ezvizlife.com', null],
    ['https://open.ezvizlife.com/', '.ezvizlife.com, other', null],
    ['https://open.ezvizlife.com/', '*.ezvizlife.com', null],
    ['https://OPEN.ezvizlife.com/', 'open.EZVIZLIFE.com', null],
    ['https://myezvizlife.com/', 'ezvizlife.com', viaSecure],
    ['https://open.ezvizlife.com/', 'open.ezvizlife.com:8443', viaSecure],
    ['https://open.ezvizlife.com:8443/', 'open.ezvizlife.com:8443', null],
    ['https://10.0.0.5/', '10.0.0.5', null],
    ['https://110.0.0.5/', '10.0.0.5', viaSecure],
    ['https://[fd00::5]/', '[fd00::5]', null],
    ['https://anything.example/', '*', null],
    ['ws://hook.example.org/', '', null],
  ])('to %s with NO_PROXY=%s', (url, NO_PROXY, expected) => {
    expect(proxiesOf({ HTTPS_PROXY, HTTP_PROXY: '10.0.0.9', NO_PROXY }).proxyFor(url)).toEqual(expected);
  });

  it('is told at start without its login, with what does not go that way', () => {
    const { sentence, secrets } = proxiesOf({ HTTPS_PROXY });
    expect(sentence).toMatch(/through the proxy proxy\.example\.org:3128 .*Live streams are pulled .* directly/);
    expect(sentence).not.toMatch(/us%20er|us er|p@ss|p%40ss/);
    expect(secrets).toEqual(['p@ss']);
    expect(proxiesOf({}).sentence).toBeNull();
  });

  it.each([
    [
      'socks5://proxy.example.org:1080',
      /^HTTPS_PROXY: must be an http or https proxy; camlease does not support others \(SOCKS\)/,
    ],
    ['http://', /^HTTPS_PROXY: must be the address of a proxy, such as/],
    ['http://proxy.example.org/secret-path', /^HTTPS_PROXY: must be the address of a proxy without a path/],
  ])('is refused at start when it cannot be used: %s', (value, words) => {
    expect(readConfig({ HTTPS_PROXY: value }, null).mistakes?.join('\n')).toMatch(words);
  });

  it('is read from the small names too, which win as with other programs', () => {
    const { config } = readConfig({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2', no_proxy: 'x' }, null);
    expect(config?.proxies).toMatchObject({ HTTPS_PROXY: 'http://b:2', NO_PROXY: 'x' });
  });
});
