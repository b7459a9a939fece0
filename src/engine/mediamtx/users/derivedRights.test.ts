import { describe, expect, test } from 'vitest';
import { globalConfigReply } from '../api/replies.js';
import { mayWatchDerived } from './derivedRights.js';

const OURS = { user: 'camlease-read-abc', permissions: [{ action: 'read', path: '~^_lease/' }] };
const OPEN = { user: 'any', permissions: [{ action: 'read', path: '~^([^_]|_sound/|_h264/)' }] };
const CLOSED = { user: 'any', permissions: [{ action: 'read', path: '~^[^_]' }] };

describe('derived streams', () => {
  test.each<[string, boolean, object]>([
    ['by the shipped file', true, { authInternalUsers: [OPEN, OURS] }],
    ['by a file of before', false, { authInternalUsers: [CLOSED, OURS] }],
    ['where everything may be read', true, { authInternalUsers: [{ user: 'any', permissions: [{ action: 'read' }] }] }],
    [
      'where one user may watch one camera alone',
      false,
      { authInternalUsers: [OPEN, { user: 'gate', permissions: [{ action: 'read', path: 'cam1' }] }] },
    ],
    ['where another server knows the rights', false, { authMethod: 'http', authInternalUsers: [OPEN] }],
  ])('are open to viewers %s: %s', (_, isOpen, settings) => {
    expect(mayWatchDerived(globalConfigReply.parse({ ...BASE, ...settings }))).toBe(isOpen);
  });
});

const BASE = {
  authMethod: 'internal',
  rtspAddress: ':8554',
  rtsp: true,
  hls: true,
  hlsAddress: ':8888',
  webrtc: true,
  webrtcAddress: ':8889',
  rtspEncryption: 'no',
  hlsEncryption: false,
  webrtcEncryption: false,
  rtspAuthMethods: ['basic'],
};
