import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pictures, type PicturePart } from './pictures.js';
import { packetOf, payloadOf, restamp, senderReport, timestampOf } from './rtpPacket.js';
import { RtspParser } from './rtspParser.js';
import { canFollow, describedParameterSets, readTracks, writeSdp } from './sdp.js';
import { SourceClock } from './sourceClock.js';

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
    expect(canFollow(tracks, again)).toBe(true);
    expect(canFollow(tracks, tracks.slice(0, 1))).toBe(false);
  });

  it('gives G.711 without a map its meaning, and H.264 its parameter sets', () => {
    expect(readTracks('v=0\r\nm=audio 0 RTP/AVP 8\r\n')).toMatchObject([{ codec: 'pcma', clockRate: 8000 }]);
    const [video] = readTracks(SDP);
    expect(video && describedParameterSets(video).map((set) => set.toString('hex'))).toEqual(['6742', '68ce']);
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

  it('of sender reports say which timestamps belong together, across a wrap', () => {
    const report = Buffer.from(
      '2401001c80c80006aaaaaaaa' + '00000064' + '80000000' + 'fffffff0' + '00'.repeat(8),
      'hex',
    );
    expect(senderReport(report)).toEqual({ wallSeconds: 100.5, timestamp: 0xfffffff0 });
    const track = { channels: 1, payloadType: 96, parameters: null, control: '' };
    const clock = new SourceClock([
      { ...track, kind: 'video', codec: 'h264', clockRate: 90_000 },
      { ...track, kind: 'audio', codec: 'pcma', clockRate: 8_000 },
    ]);
    clock.report(0, 100.5, 0xfffffff0);
    expect(clock.soundAt(0)).toBeNull();
    clock.report(1, 100, 1000);
    const picture = clock.unwrap(0, 90_000 - 16);
    expect(picture).toBe(0xfffffff0 + 90_000);
    expect(clock.soundAt(picture)).toBe(1000 + 1.5 * 8000);
  });

  it('are gathered until it is known which picture begins', () => {
    const kinds = (payloads: readonly number[][]): (string | null)[] => {
      const pictures = new Pictures();
      return payloads.map((payload) => describePart(pictures.push(packetOf(Buffer.from(payload)))));
    };
    expect(
      kinds([
        [6, 5, 1],
        [0x67, 1],
        [0x65, 0x88],
        [0x65, 0x40],
      ]),
    ).toEqual([null, null, 'key 3 with sets', 'more']);
    expect(
      kinds([
        [0x7c, 0x85, 0x88],
        [0x7c, 0x45, 1],
      ]),
    ).toEqual(['key 1', 'more']);
    expect(kinds([[0x18, 0, 2, 0x67, 1, 0, 1, 0x68, 0, 2, 0x65, 0x88]])).toEqual(['key 1 with sets']);
    expect(kinds([[0x41, 0x9a, 0]])).toEqual(['forward 1']); // first_mb 0, slice type 5 (P)
    expect(kinds([[0x01, 0x9e, 0]])).toEqual(['between 1']); // slice type 6 (B)
    expect(kinds([[]])).toEqual([null]);
  });
});

function describePart(part: PicturePart | null): string | null {
  if (!part?.begins) return part && 'more';
  return `${part.kind} ${part.frames.length}${part.hasParameterSets ? ' with sets' : ''}`;
}
