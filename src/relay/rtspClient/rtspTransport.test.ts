import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  DELTA,
  onChannel,
  PICTURE_SDP,
  rtp,
  sdpOf,
  SOUND_SDP,
  PICTURES,
  type Manner,
} from '../../../test/support/rtsp/oddCamera.js';
import { plays, pullOdd } from '../../../test/support/rtsp/rtspPulling.js';
import { readRtpInfo } from './transport.js';

const BOTH = sdpOf(...PICTURE_SDP, ...SOUND_SDP);
const SOUND = rtp(1, 160, Buffer.from('d5d5', 'hex'), { type: 8 });
const on = (channel: number): Buffer[] => PICTURES.map((packet) => onChannel(channel, packet));

/** Answers each SETUP with these Transport headers, one after the other. */
function transports(...lines: readonly string[]): Manner {
  let at = 0;
  return (_request, usual) => {
    const line = lines[at++] ?? '';
    return { ...usual, headers: ['Session: 12345', ...(line === '' ? [] : [`Transport: ${line}`])] };
  };
}

/** The camera's own UDP port: keeps what comes, and sends. */
async function udpCamera(host = '127.0.0.1') {
  const socket = createSocket('udp4').bind(0, host);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const got: Buffer[] = [];
  socket.on('message', (packet: Buffer) => got.push(packet));
  return { socket, port: socket.address().port, got };
}

const clientPort = (transport = ''): number => Number(/client_port=(\d+)/.exec(transport)?.[1]);

describe('packets inside the connection', () => {
  it.each([
    ['on the channels that were asked for', [''], 0],
    ['on other channels', ['RTP/AVP/TCP;unicast;interleaved=4-5;ssrc=1'], 4],
    ['on one channel without the second', ['RTP/AVP/TCP;interleaved=8'], 8],
    ['behind an empty source', ['RTP/AVP/TCP;unicast;source=;interleaved=0-1;mode="PLAY"'], 0],
    ['behind a profile that names no TCP', ['RTP/AVP;unicast;interleaved=2-3'], 2],
    ['behind a profile alone', ['RTP/AVP/TCP'], 0],
  ])('%s play', async (_name, lines, channel) => {
    const pulled = await pullOdd({ manners: { SETUP: transports(...lines) }, packets: on(channel) });
    await plays(pulled);
    expect(pulled.camera.requests.find(({ method }) => method === 'SETUP')?.headers.get('transport')).toBe(
      'RTP/AVP/TCP;unicast;interleaved=0-1',
    );
  });

  it('of two tracks on the same channel are told apart by their type', async () => {
    const same = 'RTP/AVP/TCP;unicast;interleaved=0-1';
    const pulled = await pullOdd({
      sdp: BOTH,
      manners: { SETUP: transports(same, same) },
      packets: [onChannel(0, SOUND), ...on(0)],
    });
    await plays(pulled);
    expect(pulled.told).toContain('sound d5d5');
  });

  it('on channels that nobody knows are passed over', async () => {
    const strange = [onChannel(9, Buffer.alloc(500, 1)), onChannel(200, Buffer.alloc(0))];
    await plays(await pullOdd({ packets: [...strange, ...on(0), ...strange] }));
  });

  it('of an older session in front of answers are passed over', async () => {
    const old = Buffer.concat([onChannel(7, Buffer.alloc(300, 0x24)), onChannel(0, rtp(0, 1, DELTA))]);
    const manner: Manner = (_request, usual) => ({ ...usual, before: old });
    await plays(await pullOdd({ manners: { OPTIONS: manner, SETUP: manner, PLAY: manner } }), 2);
  });

  it('come again behind bytes that are none of RTSP', async () => {
    const stray = Buffer.concat([Buffer.from('a=stray:1\r\nxx$'), Buffer.alloc(50, 0x24), Buffer.from('RTSP?')]);
    const manner: Manner = (_request, usual) => ({ ...usual, after: stray });
    await plays(await pullOdd({ manners: { DESCRIBE: manner, SETUP: manner }, packets: [stray, ...on(0)] }));
  });

  it('that overtake the answer to PLAY are kept', async () => {
    const early: Manner = (_request, usual) => ({ ...usual, before: Buffer.concat(on(0)), after: '' });
    await plays(await pullOdd({ manners: { PLAY: early } }));
  });

  it('that are cut anywhere are put together', async () => {
    const pulled = await pullOdd({ packets: [] });
    await pulled.camera.until(() => pulled.camera.methods().includes('PLAY'));
    const [socket] = pulled.camera.sockets;
    for (const byte of Buffer.concat(on(0))) {
      socket?.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await plays(pulled);
  });

  it('that never follow stray bytes end the pull', async () => {
    const pulled = await pullOdd({ packets: [Buffer.alloc(400_000, 0x78)] });
    expect(await pulled.ended).toMatchObject({ why: 'protocol' });
  });
});

describe('a sound that the camera does not set up', () => {
  it.each([404, 453, 461, 500])('is left out: %s', async (status) => {
    const manner: Manner = ({ url }, usual) => (url.endsWith('1') ? { status, headers: [] } : usual);
    const pulled = await pullOdd({ sdp: BOTH, manners: { SETUP: manner } });
    await plays(pulled);
    expect(pulled.told).toContain('left out sound PCMA');
  });
});

describe('packets by UDP', () => {
  /** Refuses TCP with this status; sends pictures by UDP behind PLAY. */
  async function byUdp(status: number, from?: { send(port: number): void }) {
    const own = await udpCamera();
    let port = 0;
    const setUp: Manner = ({ headers }, usual) => {
      const transport = headers.get('transport') ?? '';
      if (/tcp/i.test(transport))
        return status === 200 ? { ...usual, headers: ['Session: 1', UDP] } : { status, headers: [] };
      port = clientPort(transport);
      return { ...usual, headers: ['Session: 1', `Transport: ${transport};server_port=${own.port}-${own.port + 1}`] };
    };
    const play: Manner = (_request, usual) => {
      from?.send(port);
      for (const packet of from ? [] : PICTURES) own.socket.send(packet, port, '127.0.0.1');
      return { ...usual, after: '' };
    };
    return { pulled: await pullOdd({ manners: { SETUP: setUp, PLAY: play } }), own, portOf: () => port };
  }
  const UDP = 'Transport: RTP/AVP;unicast;client_port=0-1;server_port=4000-4001';

  it.each([461, 406, 200])('play where the camera does not take TCP (%s)', async (status) => {
    const { pulled, own } = await byUdp(status);
    await plays(pulled);
    // The way through firewalls was opened from here.
    while (own.got.length === 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('from another address than the camera are not taken', async () => {
    const stranger = await udpCamera('127.0.0.2');
    const { pulled, own, portOf } = await byUdp(461, {
      send: (port) => stranger.socket.send(rtp(9, 9, Buffer.from('65ffff', 'hex')), port, '127.0.0.1'),
    });
    await pulled.camera.until(() => pulled.camera.methods().includes('PLAY'));
    for (const packet of PICTURES) own.socket.send(packet, portOf(), '127.0.0.1');
    await plays(pulled);
    expect(pulled.told.filter((one) => one.includes('ffff'))).toEqual([]);
  });

  it('are not wanted either: the pull ends with the words of the camera', async () => {
    const pulled = await pullOdd({ manners: { SETUP: () => ({ status: 461, headers: [] }) } });
    expect(await pulled.ended).toMatchObject({ why: 'refused', code: 'RTSP_461' });
  });

  it('are given up where the camera then answers with TCP', async () => {
    const manner: Manner = ({ headers }, usual) => {
      if (/tcp/i.test(headers.get('transport') ?? '')) return { status: 461, headers: [] };
      return { ...usual, headers: ['Session: 1', 'Transport: RTP/AVP/TCP;unicast;interleaved=0-1'] };
    };
    await plays(await pullOdd({ manners: { SETUP: manner } }));
  });
});

describe('what an answer to PLAY says of first packets', () => {
  const [a, b] = ['rtsp://10.0.0.9/live/trackID=0', 'rtsp://10.0.0.9/live/trackID=1'];
  const none = { sequence: null, rtpTime: null };

  it.each([
    [
      'in order',
      `url=${a};seq=1;rtptime=2,url=${b};seq=3;rtptime=4`,
      [
        { sequence: 1, rtpTime: 2 },
        { sequence: 3, rtpTime: 4 },
      ],
    ],
    [
      'in another order',
      `url=${b};seq=3;rtptime=4, url=${a};rtptime=0`,
      [
        { sequence: null, rtpTime: 0 },
        { sequence: 3, rtpTime: 4 },
      ],
    ],
    ['by another host', 'url=rtsp://x/live/trackID=1;seq=3', [null, { sequence: 3, rtpTime: null }]],
    [
      'by nothing that fits',
      'url=x;seq=1,url=y;seq=2',
      [
        { sequence: 1, rtpTime: null },
        { sequence: 2, rtpTime: null },
      ],
    ],
    ['with numbers that are none', `url=${a};seq=99999;rtptime=-1`, [none, null]],
    ['not at all', undefined, [null, null]],
  ])('%s is read', (_name, header, found) => {
    expect(readRtpInfo(header, [a, b])).toEqual(found);
  });
});
