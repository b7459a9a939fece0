import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answer, RequestParser, RtspRequestError, type RtspRequest } from './requests.js';

const OPTIONS = 'OPTIONS rtsp://127.0.0.1:8554/gate RTSP/1.0\r\nCSeq: 1\r\nUser-Agent:  x \r\n\r\n';
const SET = 'SET_PARAMETER * RTSP/1.0\r\ncseq: 2\r\nContent-Length: 4\r\n\r\n\r\n$a';
const REPORT = Buffer.concat([Buffer.from([0x24, 1, 0, 8]), Buffer.from('OPTIONS ')]);
const ALL = Buffer.concat([Buffer.from(OPTIONS), REPORT, Buffer.from(SET), Buffer.from('\r\n'), Buffer.from(OPTIONS)]);

const methods = (requests: readonly RtspRequest[]): string[] =>
  requests.map(({ method, headers }) => `${method} ${headers.get('cseq')}`);

describe('requests', () => {
  it('come out with their headers, names in lower case', () => {
    const [request] = new RequestParser().read(Buffer.from(OPTIONS));
    expect(request).toMatchObject({ method: 'OPTIONS', url: 'rtsp://127.0.0.1:8554/gate' });
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({ cseq: '1', 'user-agent': 'x' });
  });

  it('come out the same however they are cut, between reports, bodies and line breaks too many', () => {
    const expected = ['OPTIONS 1', 'SET_PARAMETER 2', 'OPTIONS 1'];
    expect(methods(new RequestParser().read(ALL))).toEqual(expected);
    const single = new RequestParser();
    expect(methods([...ALL].flatMap((byte) => single.read(Buffer.from([byte]))))).toEqual(expected);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: ALL.length }), { maxLength: 6 }), (cuts) => {
        const parser = new RequestParser();
        const edges = [0, ...cuts.toSorted((a, b) => a - b), ALL.length];
        const parts = edges.slice(1).map((edge, at) => ALL.subarray(edges[at], edge));
        expect(methods(parts.flatMap((part) => parser.read(part)))).toEqual(expected);
      }),
    );
  });

  it.each([
    ['of another protocol', 'GET / HTTP/1.1\r\n\r\n'],
    ['without an address', 'OPTIONS\r\n\r\n'],
    ['that never end', `OPTIONS * RTSP/1.0\r\nX: ${'a'.repeat(17_000)}`],
    ['that are too long and end', `OPTIONS * RTSP/1.0\r\nX: ${'a'.repeat(17_000)}\r\n\r\n`],
    ['with a long body', 'OPTIONS * RTSP/1.0\r\nContent-Length: 20000\r\n\r\n'],
    ['with a body of no length', 'OPTIONS * RTSP/1.0\r\nContent-Length: -1\r\n\r\n'],
    ['with a body in another notation', 'OPTIONS * RTSP/1.0\r\nContent-Length: 0x10\r\n\r\n'],
  ])('%s are refused', (_name, text) => {
    expect(() => new RequestParser().read(Buffer.from(text))).toThrow(RtspRequestError);
  });
});

describe('an answer', () => {
  it('repeats the number of its request and says how long it is', () => {
    expect(answer(200, 'OK', '7', { Public: 'OPTIONS' }, 'ä')).toBe(
      'RTSP/1.0 200 OK\r\nCSeq: 7\r\nPublic: OPTIONS\r\nContent-Length: 2\r\n\r\nä',
    );
    expect(answer(404, 'Not Found', '8')).toBe('RTSP/1.0 404 Not Found\r\nCSeq: 8\r\n\r\n');
  });

  it('repeats nothing that is no number', () => {
    expect(answer(200, 'OK', '1\nX: y')).toContain('CSeq: 0\r\n');
    expect(answer(200, 'OK', undefined)).toContain('CSeq: 0\r\n');
  });
});
