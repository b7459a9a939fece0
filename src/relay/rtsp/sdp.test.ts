import { describe as group, expect, it } from 'vitest';
import { describe } from './sdp.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const avc = { codec: 'h264', parameterSets: [hex('6742c01e'), hex('68ce3c')], lengthBytes: 4 } as const;
const hevc = {
  codec: 'h265',
  parameterSets: [hex('4001'), hex('4201'), hex('4401'), hex('4402')],
  lengthBytes: 4,
} as const;
const aac = { codec: 'aac', sampleRate: 16_000, channels: 1, config: hex('1408') } as const;

group('the description of a stream', () => {
  it('in H.264 with AAC', () => {
    expect(describe({ picture: avc, sound: aac }).split('\r\n')).toEqual([
      'v=0',
      'o=- 0 0 IN IP4 127.0.0.1',
      's=camlease',
      'c=IN IP4 0.0.0.0',
      't=0 0',
      'a=control:*',
      'a=range:npt=now-',
      'm=video 0 RTP/AVP 96',
      'a=control:trackID=0',
      'a=rtpmap:96 H264/90000',
      'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHg==,aM48; profile-level-id=42C01E',
      'm=audio 0 RTP/AVP 97',
      'a=control:trackID=1',
      'a=rtpmap:97 mpeg4-generic/16000/1',
      'a=fmtp:97 profile-level-id=1; mode=AAC-hbr; sizelength=13; indexlength=3; indexdeltalength=3; config=1408',
      '',
    ]);
  });

  it('in H.265 names each kind of parameter set once', () => {
    const text = describe({ picture: hevc, sound: null });
    expect(text).toContain(
      'a=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-vps=QAE=; sprop-sps=QgE=; sprop-pps=RAE=,RAI=\r\n',
    );
    expect(text).not.toContain('m=audio');
  });

  it.each([
    ['pcmu', 'm=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000/1'],
    ['pcma', 'm=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000/1'],
  ] as const)('in %s uses the type that every player knows', (codec, media, map) => {
    const sound = { codec, sampleRate: 8_000, channels: 1, config: null };
    expect(describe({ picture: null, sound })).toContain(`${media}\r\na=control:trackID=1\r\n${map}\r\n`);
  });

  it.each([
    [{ codec: 'pcma', sampleRate: 16_000, channels: 1 }, ['a=rtpmap:97 PCMA/16000/1']],
    [{ codec: 'pcmu', sampleRate: 8_000, channels: 2 }, ['a=rtpmap:97 PCMU/8000/2']],
    [{ codec: 'opus', sampleRate: 48_000, channels: 1 }, ['a=rtpmap:97 opus/48000/2', 'a=fmtp:97 sprop-stereo=0']],
    [{ codec: 'opus', sampleRate: 48_000, channels: 2 }, ['a=rtpmap:97 opus/48000/2', 'a=fmtp:97 sprop-stereo=1']],
  ] as const)('of the sound %o names rate and channels', (format, lines) => {
    const text = describe({ picture: null, sound: { ...format, config: null } });
    expect(text).toContain(`m=audio 0 RTP/AVP 97\r\na=control:trackID=1\r\n${lines.join('\r\n')}\r\n`);
  });

  it('has no profile where the parameter set is too short for one', () => {
    const picture = { ...avc, parameterSets: [hex('67'), hex('68')] };
    expect(describe({ picture, sound: null })).not.toContain('profile-level-id');
  });
});
