import { describe, expect, it } from 'vitest';
import { onChannel, PICTURE_SDP, rtp, sdpOf, SOUND_SDP, PICTURES } from '../../../test/support/rtsp/oddCamera.js';
import { plays, pullOdd, type PulledCamera, type PullingOptions } from '../../../test/support/rtsp/rtspPulling.js';
import { rtspAddress } from './rtspAddress.js';
import { readDescription } from './sessionDescription.js';
import { sessionAddresses } from './trackAddresses.js';

/** The path and query of each request of a method. */
const pathsOf = ({ camera }: PulledCamera, method: string): string[] =>
  camera.requests.flatMap((request) =>
    request.method === method ? [request.url.replace(/^rtsp:\/\/127\.0\.0\.1:\d+/, '')] : [],
  );

async function described(options: PullingOptions): Promise<PulledCamera> {
  const pulled = await pullOdd(options);
  await plays(pulled);
  return pulled;
}

describe('an address', () => {
  it.each([
    ['rtsp://10.0.0.9/live', '10.0.0.9', 554, 'rtsp://10.0.0.9/live', null],
    ['RTSP://admin:@cam.example:8554', 'cam.example', 8554, 'rtsp://cam.example:8554/', ['admin', '']],
    ['rtsps://a:b@[fe80::1]:322/x?y=[1]&z=%2f', 'fe80::1', 322, 'rtsps://[fe80::1]:322/x?y=[1]&z=%2f', ['a', 'b']],
    ['rtsp://a%40b:c%3Ad@10.0.0.9?ch=1', '10.0.0.9', 554, 'rtsp://10.0.0.9?ch=1', ['a@b', 'c:d']],
  ])('%s is read', (text, host, port, url, login) => {
    const [user, password] = login ?? [];
    expect(rtspAddress(text)).toMatchObject({ host, port, url, login: login && { user, password } });
  });

  it.each([
    'http://10.0.0.9/',
    'rtsp://',
    'rtsp:///live',
    'rtsp://a:b@/live',
    'rtsp://10.0.0.9:0/',
    'rtsp://10.0.0.9:99999/',
    'rtsp://10.0.0.9/\r\nX: y',
    'rtsp://10.0 .0.9/',
  ])('%j is none', (text) => {
    expect(rtspAddress(text)).toBeNull();
  });

  it('of IPv6 is dialled and named in brackets', async () => {
    const pulled = await pullOdd({ host: '::1' });
    await plays(pulled);
    expect(pulled.camera.requests[0]?.url).toBe(`rtsp://[::1]:${pulled.camera.port}/live`);
  });
});

describe('the address of a track', () => {
  const OURS = 'rtsp://10.0.0.9:8554/cam?channel=1&subtype=0';
  const address = rtspAddress(OURS);
  if (address === null) throw new Error('no address');
  const joined = (base: string | null, control: string | null, session: string | null = null): string[] => {
    const { session: whole, tracks } = sessionAddresses(address, { base, session, tracks: [control] });
    return [whole, ...tracks];
  };

  it.each<[string, string | null, string | null, string | null, string, string]>([
    ['without a base', null, null, 'trackID=1', OURS, `${OURS}/trackID=1`],
    ['with a base', `${OURS}/`, '*', 'trackID=1', `${OURS}/`, `${OURS}/trackID=1`],
    [
      'with a base without its last slash',
      'rtsp://10.0.0.9:8554/x',
      '*',
      'video',
      'rtsp://10.0.0.9:8554/x',
      'rtsp://10.0.0.9:8554/x/video',
    ],
    [
      'behind NAT',
      'rtsp://192.168.1.64:554/x/',
      null,
      'trackID=1',
      'rtsp://10.0.0.9:8554/x/',
      'rtsp://10.0.0.9:8554/x/trackID=1',
    ],
    [
      'as a whole, of another host',
      null,
      '*',
      'rtsp://user:pw@192.168.1.64/a?stream=video',
      OURS,
      'rtsp://10.0.0.9:8554/a?stream=video',
    ],
    ['as a query', null, null, '?stream=video', OURS, `${OURS}?stream=video`],
    ['that is absent', `${OURS}/`, null, null, `${OURS}/`, `${OURS}/`],
    ['that is a star', null, null, '*', OURS, OURS],
    [
      'from the root',
      'rtsp://10.0.0.9/a/',
      null,
      '/a/track1',
      'rtsp://10.0.0.9:8554/a/',
      'rtsp://10.0.0.9:8554/a/track1',
    ],
    ['from a slash', 'rtsp://10.0.0.9/a/', null, '/track1', 'rtsp://10.0.0.9:8554/a/', 'rtsp://10.0.0.9:8554/a/track1'],
    [
      'of a session with an address',
      null,
      'rtsp://192.168.1.64/s/',
      'trackID=1',
      'rtsp://10.0.0.9:8554/s/',
      'rtsp://10.0.0.9:8554/s/trackID=1',
    ],
    ['with a base that is none', 'cam', null, 'trackID=1', OURS, `${OURS}/trackID=1`],
  ])('%s', (_name, base, session, control, whole, track) => {
    expect(joined(base, control, session)).toEqual([whole, track]);
  });

  it('is asked for as the camera wants it', async () => {
    const pulled = await described({
      path: '/cam?channel=1&subtype=0',
      sdp: sdpOf(...PICTURE_SDP, ...SOUND_SDP),
      manners: { DESCRIBE: ({ url }, usual) => ({ ...usual, headers: [`Content-Base: ${url}/`] }) },
    });
    expect(pathsOf(pulled, 'SETUP')).toEqual([
      '/cam?channel=1&subtype=0/trackID=0',
      '/cam?channel=1&subtype=0/trackID=1',
    ]);
    expect(pathsOf(pulled, 'PLAY')).toEqual(['/cam?channel=1&subtype=0/']);
  });
});

describe('a description', () => {
  it.each([
    ['without v=, o=, s= and t=', PICTURE_SDP],
    [
      'with broken lines',
      ['v=', 'o=- -1', 'o=x', 'c=IN', '=', 'xyz', 'a', 'a=', 'b=AS:', 'k=?', ...PICTURE_SDP, 'c=IN IP4', '='],
    ],
    ['with spaces and line feeds alone', PICTURE_SDP.map((line) => ` ${line}  `)],
    ['with a colon before a space', PICTURE_SDP.map((line) => line.replace('rtpmap:', 'rtpmap: '))],
    ['with other letters', PICTURE_SDP.map((line) => line.replace('H264', 'h264').replace('m=video', 'm=VIDEO'))],
    [
      'with metadata of ONVIF without a name',
      ['m=application 0 RTP/AVP 107', 'a=control:trackID=9', 'a=sendonly', ...PICTURE_SDP],
    ],
    ['without a control', PICTURE_SDP.filter((line) => !line.startsWith('a=control'))],
    ['whose picture is called sendonly', [...PICTURE_SDP, 'a=sendonly']],
    ['whose encoding is told by its parameters', PICTURE_SDP.filter((line) => !line.startsWith('a=rtpmap'))],
    ['with JPEG in front', ['m=video 0 RTP/AVP 26', 'a=control:jpeg', ...PICTURE_SDP]],
    [
      'with twenty payload types',
      [
        'm=video 0 RTP/AVP 26 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 96',
        ...PICTURE_SDP.slice(1),
      ],
    ],
  ])('%s plays', async (_name, lines) => {
    const pulled = await described({ sdp: [...lines, ''].join('\n') });
    expect(pulled.told).toContain('key 6588aa');
    expect(pulled.camera.methods().filter((method) => method === 'SETUP')).toHaveLength(1);
  });

  it('of several sounds gives the first that is carried, and of a back channel none', async () => {
    const back = ['m=audio 0 RTP/AVP 0', 'a=control:back', 'a=sendonly'];
    const many = ['m=audio 0 RTP/AVP 97 3 8 0', 'a=rtpmap:97 SPEEX/16000', 'a=control:many'];
    const pulled = await described({
      sdp: sdpOf(...back, ...PICTURE_SDP, ...many),
      packets: [
        onChannel(2, rtp(1, 1, Buffer.from('d5d5', 'hex'), { type: 8 })),
        ...PICTURES.map((one) => onChannel(0, one)),
      ],
    });
    expect(pathsOf(pulled, 'SETUP')).toEqual(['/live/trackID=0', '/live/many']);
    await pulled.until(() => pulled.told.some((one) => one.startsWith('sound ')));
  });

  it('of a sound that is not carried leaves it out and says so', async () => {
    const pulled = await described({ sdp: sdpOf(...PICTURE_SDP, 'm=audio 0 RTP/AVP 18', 'a=control:x') });
    expect(pulled.told).toContain('left out sound G729');
    expect(pulled.camera.methods().filter((method) => method === 'SETUP')).toHaveLength(1);
  });

  it.each([
    ['of a picture that is not carried', sdpOf('m=video 0 RTP/AVP 26', 'a=control:x'), 'codec'],
    ['of sound alone', sdpOf(...SOUND_SDP), 'not-a-stream'],
    ['without medias', sdpOf(), 'not-a-stream'],
    ['that is none', '<html>Welcome</html>', 'not-a-stream'],
  ])('%s ends the pull', async (_name, sdp, why) => {
    const pulled = await pullOdd({ sdp });
    expect(await pulled.ended).toMatchObject({ why });
    expect(pulled.told).toEqual(why === 'codec' ? ['left out picture JPEG'] : []);
  });

  it('of any length takes little', () => {
    const long = Array.from({ length: 20_000 }, (_, at) => `m=video 0 RTP/AVP ${at % 128}`).join('\n');
    expect(readDescription(long).medias).toHaveLength(32);
    const wide = `m=audio 0 RTP/AVP ${Array.from({ length: 20_000 }, (_, at) => at % 128).join(' ')}`;
    expect(readDescription(wide).medias[0]?.formats).toHaveLength(32);
  });

  it('that is too long ends the pull', async () => {
    const pulled = await pullOdd({
      manners: { DESCRIBE: () => 'RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 900000\r\n\r\n' },
    });
    expect(await pulled.ended).toMatchObject({ why: 'protocol' });
  });
});
