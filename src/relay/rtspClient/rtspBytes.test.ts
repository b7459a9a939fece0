import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtspBytes, RtspBytesError } from './rtspBytes.js';
import { ChallengedLogin } from '../../core/login/challengedLogin.js';
import { readDescription } from './sessionDescription.js';
import { readRtpInfo, readTransport } from './transport.js';

/** Pieces as a hostile camera may send them: real beginnings, cut and mixed. */
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      ...['RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n', 'RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nab', 'RTSP/', '$', '\n\n'],
      ...['OPTIONS * RTSP/1.0\r\nCSeq: 2\r\n\r\n', 'ANNOUNCE', '$\u0000\u0000\u0004\u0080abc', 'RTSP/1.0 x\n\n'],
    )
    .map((text) => Buffer.from(text, 'latin1')),
);

describe('the bytes of a camera', () => {
  it('of any kind, cut anywhere, are read or refused, and the cuts do not matter', () => {
    const read = (chunks: readonly Buffer[]): string[] => {
      const seen: string[] = [];
      const bytes = new RtspBytes({
        onReply: ({ status, body }) => seen.push(`${status} ${body}`),
        onRequest: ({ method }) => seen.push(method),
        onPacket: (channel, packet) => seen.push(`${channel} ${packet.toString('hex')}`),
        isKnown: (channel) => channel < 2,
      });
      try {
        for (const chunk of chunks) {
          const memory = Buffer.from(chunk);
          bytes.read(memory);
          // Connections use their memory again after each read.
          memory.fill(0x24);
        }
      } catch (thrown) {
        if (!(thrown instanceof RtspBytesError)) throw thrown;
        seen.push('refused');
      }
      return seen;
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const whole = Buffer.concat([Buffer.from('RTSP/1.0 200 OK\r\n\r\n'), ...pieces]);
        const single = Array.from(whole, (byte) => Buffer.from([byte]));
        expect(read(single)).toEqual(read([whole]));
      }),
      { numRuns: 300 },
    );
  });

  it('in long headers and descriptions take little time', () => {
    const startMs = performance.now();
    for (const text of [
      ' '.repeat(130_000),
      'a'.repeat(130_000),
      'a=fmtp:96 '.repeat(13_000),
      '";\\"='.repeat(26_000),
    ]) {
      readDescription(`m=video 0 RTP/AVP 96\na=fmtp:96 x${text};y=1`);
      readDescription(text.replaceAll(' ', '\n'));
      const header = text.slice(0, 16_000);
      new ChallengedLogin({ user: 'a', password: 'b' }, () => 0.5).challenged([header, `Digest realm="${header}`], 0);
      readTransport(header);
      readRtpInfo(`url=${header}`, ['rtsp://a/b']);
    }
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });
});
