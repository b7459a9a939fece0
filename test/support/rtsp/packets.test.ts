import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packetOf, payloadOf, restamp, timestampOf } from './rtpPacket.js';
import { RtspParser } from './rtspParser.js';
import { readTracks, writeSdp } from './sdp.js';

const SDP = [
  'v=0',
  's=x',
  't=0 0',
  'm=application 0 RTP/AVP 107',
  'a=rtpmap:107 vnd.onvif.metadata/90000',
  'm=audio 0 RTP/AVP 97',
  'a=control:trackID=1',
  'a=rtpmap:97 mpeg4-generic/48000/2',
  'a=fmtp:97 config=1190; mode=AAC-hbr',
  'm=video 0 RTP/AVP 96',
  'a=control:trackID=0',
  'a=rtpmap:96 H264/90000',
  'a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0I=,aM4=',
  '',
].join('\r\n');

describe('a session description', () => {
  it('is read as one picture and one sound, and written so that it reads the same', () => {
    const tracks = readTracks(SDP);
    expect(tracks.map(({ codec, channels, control }) => [codec, channels, control])).toEqual([
      ['h264', 1, 'trackID=0'],
      ['mpeg4-generic', 2, 'trackID=1'],
    ]);
    const again = readTracks(writeSdp(tracks));
    expect(again).toEqual(tracks.map((track, index) => ({ ...track, control: `streamid=${index}` })));
  });

  it('gives G.711 without a map its meaning', () => {
    expect(readTracks('v=0\r\nm=audio 0 RTP/AVP 8\r\n')).toMatchObject([{ codec: 'pcma', clockRate: 8000 }]);
  });
});

describe('what an RTSP server sends', () => {
  it('is cut the same way wherever the network cuts it', () => {
    const reply = Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody');
    const packet = packetOf(Buffer.from([0x65, 1, 2, 3]));
    const stream = Buffer.concat([reply, packet, packet, reply]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
        const seen: string[] = [];
        const parser = new RtspParser(
          ({ status, body }) => seen.push(`${status} ${body}`),
          (frame) => seen.push(frame.toString('hex')),
        );
        const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
        for (const [index, edge] of edges.slice(1).entries()) parser.push(stream.subarray(edges[index] ?? 0, edge));
        const hex = packet.toString('hex');
        expect(seen).toEqual(['200 body', hex, hex, '200 body']);
      }),
    );
  });

  it('that is no RTSP is refused', () => {
    const parser = new RtspParser(
      () => undefined,
      () => undefined,
    );
    expect(() => parser.push(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))).toThrow('That is no RTSP.');
    expect(() => parser.push(Buffer.alloc(100_000, 'x'))).toThrow();
  });
});

describe('packets', () => {
  it('are restamped in place, the end of a picture kept', () => {
    const frame = packetOf(Buffer.from([1, 2, 3]));
    frame[5] = 0x80 | 96;
    restamp(frame, { channel: 2, payloadType: 8, sequence: 65_537, timestamp: 2 ** 32 + 7, source: 9 });
    expect(frame.subarray(0, 16).toString('hex')).toBe('2402000f8088000100000007' + '00000009');
    expect(timestampOf(frame)).toBe(7);
    expect(payloadOf(frame)).toEqual(Buffer.from([1, 2, 3]));
  });
});
