import { expect, test } from 'vitest';
import { globalConfigReply, type GlobalConfigReply } from '../api/replies.js';
import { isForHere, openingsOf } from './openings.js';

const base = { rtsp: true, rtspAddress: '127.0.0.1:8554', rtspEncryption: 'no' };
const configOf = (more: object): GlobalConfigReply => globalConfigReply.parse({ ...base, ...more });
const said = (more: object, facts: object = {}): string =>
  openingsOf({
    config: configOf(more),
    ...{ isHere: true, hlsBaseUrl: 'http://localhost:8888', webrtcBaseUrl: 'http://localhost:8889' },
    linesPath: '/data/mediamtx-users.yml',
    ...facts,
  })
    .map(({ message, cure }) => `${message} ${cure}`)
    .join('\n');
const any = (permissions: object[], ips: string[] = []): object => ({
  authInternalUsers: [{ user: 'any', ips, permissions }],
});

test.each([
  ['watching public paths', any([{ action: 'read', path: '~^[^_]' }])],
  ['a user with a name', { authInternalUsers: [{ user: 'gate', ips: [], permissions: [{ action: 'api' }] }] }],
  ['publishing one path of their own', any([{ action: 'publish', path: 'door' }])],
  ['playback', any([{ action: 'playback', path: '' }])],
  ['no list at all', { authInternalUsers: null }],
])('nothing is said of %s', (_what, config) => {
  expect(said(config)).toBe('');
});

test.each([
  [any([{ action: 'api' }], ['127.0.0.1/32', '::1/128']), /everybody at 127\.0\.0\.1, ::1 .*use its API/],
  [any([{ action: 'publish' }]), /everybody publish over cameras/],
  [any([{ action: 'read' }]), /internal paths.*\{action: read, path: '~\^\(\[\^_\]\|_sound\/\|_h264\/\)'\}/s],
  [any([{ action: 'publish', path: '~.*' }]), /publish over cameras/],
  [{ authMethod: 'http' }, /authHTTPAddress.*mediamtx-users\.yml/],
  [{ authMethod: 'jwt' }, /MEDIAMTX_API_PASS/],
])('%j is said, with the lines', (config, words) => {
  expect(said(config)).toMatch(words);
});

test('ports that other machines reach are said, unless viewers are told to come from there, or it is another machine', () => {
  const open = { hls: true, hlsAddress: ':8888', webrtc: true, webrtcAddress: '0.0.0.0:8889' };
  expect(said(open)).toMatch(/hlsAddress: 127\.0\.0\.1:8888 and webrtcAddress: 127\.0\.0\.1:8889/);
  expect(said(open, { hlsBaseUrl: 'http://cams.example.org', webrtcBaseUrl: 'http://10.0.0.2:8889' })).toBe('');
  expect(said(open, { isHere: false })).toBe('');
  expect(said({ ...base, rtspAddress: ':8554' })).toContain('rtspAddress: 127.0.0.1:8554');
  expect(said({ hls: true, hlsAddress: '127.0.0.1:8888' })).toBe('');
});

test.each([
  ['http://localhost:8888', true],
  ['http://127.0.0.3', true],
  ['http://[::1]:8888', true],
  ['http://192.168.1.20:8888', false],
  ['https://localhost.example.org', false],
])('%s leads to this machine alone: %s', (url, isHere) => {
  expect(isForHere(url)).toBe(isHere);
});
