import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TurnedClock } from '../../../simulator/clock/turnedClock.js';
import { nodeAvFor } from '../../../test/support/viewers/nodeAv.js';
import { sourceNetworks } from '../../core/camera/sourceNetworks.js';
import { systemClock } from '../../systemClock.js';
import { loadAv } from '../av.js';
import { SourceFault } from '../dialing/sourceFault.js';
import { readSource } from './readSource.js';

/** The address that may be dialled, and another one of this machine that may not. */
const OWN = '127.0.0.1';
const FOREIGN = '127.0.0.2';

interface Served {
  readonly base: string;
  readonly port: number;
  /** Each connection counts, whether or not something was asked over it. */
  readonly dials: () => number;
  readonly asked: { readonly path: string; readonly login: string | null }[];
}

async function serve(host: string, listener: RequestListener): Promise<Served> {
  const asked: Served['asked'] = [];
  let dials = 0;
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', login: request.headers.authorization ?? null });
    response.on('error', () => undefined);
    listener(request, response);
  });
  server.on('connection', () => (dials += 1));
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { base: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, dials: () => dials, asked };
}

interface Rig {
  readonly networks?: string;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly clock?: TurnedClock;
}

/** What a source ends with. */
async function endOf(url: string, { networks = `${OWN}/32`, resolve, clock }: Rig = {}): Promise<string> {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const http = {
    ...{ clock: clock ?? systemClock, random: () => 0.5 },
    resolve: resolve ?? (() => Promise.resolve([])),
    isAllowed: (ip: string) => sourceNetworks(networks).isAllowed(ip),
  };
  const out = { onUnit: () => undefined, onBytes: () => undefined, mayTranscode: () => Promise.resolve() };
  try {
    await readSource({ av: await loadAv(), http, clock: http.clock }, url, out, abort.signal);
  } catch (thrown) {
    if (thrown instanceof SourceFault) return `${thrown.why} ${thrown.code}`;
    throw thrown;
  }
  return 'no end';
}

const list = (...lines: string[]): string =>
  ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-MEDIA-SEQUENCE:7', ...lines, ''].join('\n');
const segmentAt = (url: string): string => list('#EXTINF:1,', url);
const keyAt = (url: string): string => list(`#EXT-X-KEY:METHOD=AES-128,URI="${url}"`, '#EXTINF:1,', '1.ts');
const mapAt = (url: string): string => list(`#EXT-X-MAP:URI="${url}"`, '#EXTINF:1,', '1.ts');
const variantAt = (url: string): string => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${url}\n`;
const PIECES = [
  ['segment', segmentAt],
  ['key', keyAt],
  ['map', mapAt],
  ['variant', variantAt],
] as const;

/** Writes as fast as the other side reads, without end. */
function endless(response: ServerResponse, begin = ''): void {
  const piece = '#EXT-X-NOTHING\n'.repeat(5_000);
  const more = (): void => {
    if (!response.destroyed) response.write(piece);
  };
  response.write(begin);
  response.on('drain', more);
  more();
}

/** A server whose playlist is this text; everything else has the body `answer`. */
function serveList(
  text: string | Buffer,
  answer: (response: ServerResponse) => void = (response) => void response.end('0123456789abcdef'),
): Promise<Served> {
  return serve(OWN, ({ url }, response) => {
    if (url === '/live.m3u8') response.end(text);
    else answer(response);
  });
}

describe.skipIf(!nodeAvFor('what the reader child dials'))('a source over http', () => {
  describe.each(PIECES)('with a %s elsewhere', (_piece, listWith) => {
    it('dials no network that is not allowed for it', async () => {
      const foreign = await serve(FOREIGN, (_request, response) => void response.end('secret'));
      const own = await serveList(listWith(`${foreign.base}/piece`));
      expect(await endOf(`${own.base}/live.m3u8`)).toBe('forbidden ADDRESS');
      expect(foreign.dials()).toBe(0);
    });

    it.each([
      ['http://169.254.169.254/latest/meta-data', 'forbidden ADDRESS'],
      ['http://2130706434/', 'forbidden ADDRESS'],
      ['http://0x7f.2/', 'forbidden ADDRESS'],
      ['http://[::ffff:127.0.0.2]/', 'forbidden ADDRESS'],
      ['http://[::1]/', 'forbidden ADDRESS'],
      ['http://0.0.0.0/', 'forbidden ADDRESS'],
      ['file:///etc/hostname', 'forbidden SCHEME'],
      ['concat:/etc/hostname|/etc/hosts', 'forbidden SCHEME'],
      ['data:text/plain,1', 'forbidden SCHEME'],
      ['rtsp://127.0.0.1/', 'forbidden SCHEME'],
    ])('refuses %s', async (url, end) => {
      const own = await serveList(listWith(url));
      expect(await endOf(`${own.base}/live.m3u8`)).toBe(end);
      expect(own.asked.filter(({ path }) => path !== '/live.m3u8' && path !== '/1.ts')).toEqual([]);
    });

    it('follows no redirect of it to a network that is not allowed', async () => {
      const foreign = await serve(FOREIGN, (_request, response) => void response.end('secret'));
      const own = await serve(OWN, ({ url }, response) => {
        if (url === '/live.m3u8') response.end(listWith('piece'));
        else if (url === '/piece') response.writeHead(302, { location: foreign.base }).end();
        else response.end('0123456789abcdef');
      });
      expect(await endOf(`${own.base}/live.m3u8`)).toBe('forbidden ADDRESS');
      expect(foreign.dials()).toBe(0);
    });
  });

  it('dials no list of sound in a network that is not allowed, and ends with its pictures', async () => {
    const foreign = await serve(FOREIGN, (_request, response) => void response.end(list()));
    const own = await serve(OWN, ({ url }, response) => {
      const sound = `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="s",DEFAULT=YES,URI="${foreign.base}/s.m3u8"`;
      const variant = '#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42c00a",AUDIO="a"';
      if (url === '/all.m3u8') response.end(['#EXTM3U', sound, variant, 'live.m3u8'].join('\n'));
      else if (url === '/live.m3u8') response.end(list('#EXTINF:1,', 'piece', '#EXT-X-ENDLIST'));
      else response.writeHead(404).end();
    });
    expect(await endOf(`${own.base}/all.m3u8`)).toBe('ended ENDLIST');
    expect(own.asked.map(({ path }) => path)).toContain('/piece');
    expect(foreign.dials()).toBe(0);
  });

  it.each([1, 2, 3, 4, 5])('checks redirect %i', async (at) => {
    const foreign = await serve(FOREIGN, (_request, response) => void response.end(list()));
    const own = await serve(OWN, ({ url = '' }, response) => {
      const hop = Number(url.slice(1));
      response.writeHead(302, { location: hop === at ? `${foreign.base}/` : `/${hop + 1}` }).end();
    });
    expect(await endOf(`${own.base}/1`)).toBe('forbidden ADDRESS');
    expect([own.asked.length, foreign.dials()]).toEqual([at, 0]);
  });

  it('follows five redirects, and no more', async () => {
    const own = await serve(OWN, (_request, response) => void response.writeHead(302, { location: '/again' }).end());
    expect(await endOf(`${own.base}/live.m3u8`)).toBe('forbidden REDIRECT');
    expect(own.dials()).toBe(6);
  });

  it('follows no redirect to a file', async () => {
    const own = await serve(OWN, (_request, response) => {
      response.writeHead(302, { location: 'file:///etc/hostname' }).end();
    });
    expect(await endOf(`${own.base}/live.m3u8`)).toBe('forbidden SCHEME');
  });

  it.each(['127.0.0.1', 'localhost', 'localhost.', 'camera.localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'does not dial this machine as %s by itself',
    async (host) => {
      const own = await serve(OWN, (_request, response) => void response.end(list()));
      // What a resolver says of such a name does not count.
      const resolve = (): Promise<string[]> => Promise.resolve(['192.0.2.1']);
      expect(await endOf(`http://${host}:${own.port}/`, { networks: '', resolve })).toBe('forbidden ADDRESS');
      expect(own.dials()).toBe(0);
    },
  );

  describe('on a host with a name', () => {
    it('is dialled at the address that was checked, and the name is asked for once', async () => {
      const own = await serve(OWN, (_request, response) => void response.writeHead(404).end());
      const foreign = await serve(FOREIGN, (_request, response) => void response.end('secret'));
      const answers = [[FOREIGN, OWN], [FOREIGN]];
      const resolve = (): Promise<string[]> => Promise.resolve(answers.shift() ?? []);
      expect(await endOf(`http://camera.test:${own.port}/`, { resolve })).toBe('not-found HTTP_404');
      expect([own.dials(), foreign.dials(), answers.length]).toEqual([1, 0, 1]);
    });

    it('is checked anew at each dial, so that a name that leads elsewhere later is not followed', async () => {
      const own = await serveList(segmentAt('1.ts'));
      const foreign = await serve(FOREIGN, (_request, response) => void response.end('secret'));
      const answers = [[OWN], [FOREIGN]];
      const resolve = (): Promise<string[]> => Promise.resolve(answers.shift() ?? []);
      expect(await endOf(`http://camera.test:${own.port}/live.m3u8`, { resolve })).toBe('forbidden ADDRESS');
      expect([own.dials(), foreign.dials()]).toEqual([1, 0]);
    });

    it('says that the name is not known', async () => {
      const resolve = (): Promise<never> => Promise.reject(new Error('no such name'));
      expect(await endOf('http://camera.test/', { resolve })).toBe('connection ENOTFOUND');
    });
  });

  it('gives the login to the host of the address alone', async () => {
    const other = await serve(FOREIGN, (_request, response) => void response.writeHead(403).end());
    const own = await serve(OWN, ({ headers }, response) => {
      if (headers.authorization !== undefined) response.end(segmentAt(`${other.base}/1.ts`));
      else response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
    });
    const url = `${own.base.replace('//', '//ad%40min:p%3Aw@')}/live.m3u8`;
    expect(await endOf(url, { networks: '127.0.0.0/8' })).toBe('refused HTTP_403');
    const login = `Basic ${Buffer.from('ad@min:p:w').toString('base64')}`;
    expect(own.asked.map((asked) => asked.login)).toEqual([null, login]);
    expect(other.asked).toEqual([{ path: '/1.ts', login: null }]);
  });

  it.each([
    ['Digest realm="camera", nonce="n1", qop="auth"', /^Digest username="ad@min", .*qop=auth, nc=00000001$/],
    ['Basic realm="camera", Digest realm="camera", nonce="n1", algorithm=SHA-256', /^Digest .*algorithm=SHA-256/],
    ['Basic realm="camera"', /^Basic /],
  ])('sends the login as the host asks for it, once: %s', async (challenge, sent) => {
    const own = await serve(OWN, (_request, response) => {
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    expect(await endOf(`${own.base.replace('//', '//ad%40min:wrong@')}/live.m3u8`)).toBe('login HTTP_401');
    expect(own.asked.map(({ login }) => login)).toEqual([null, expect.stringMatching(sent)]);
  });

  it('sends no login of a kind that it does not speak', async () => {
    const own = await serve(OWN, (_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Negotiate' }).end();
    });
    expect(await endOf(`${own.base.replace('//', '//admin:pass@')}/live.m3u8`)).toBe('login HTTP_401');
    expect(own.asked.map(({ login }) => login)).toEqual([null]);
  });

  it('sends the digest of a new nonce where the host calls the old one stale', async () => {
    let count = 0;
    const own = await serve(OWN, ({ headers }, response) => {
      count += 1;
      if (headers.authorization?.includes('nonce="n2"') === true) response.end('<!doctype html>');
      else
        response
          .writeHead(401, {
            'www-authenticate': `Digest realm="c", nonce="n${count}"${count > 1 ? ', stale=true' : ''}`,
          })
          .end();
    });
    expect(await endOf(`${own.base.replace('//', '//admin:pass@')}/live.m3u8`)).toBe('not-a-stream NO_PLAYLIST');
    expect(own.asked).toHaveLength(3);
  });

  it.each([
    ['playlist', ''],
    ['variant', variantAt('2')],
    ['key', keyAt('2')],
    ['map', mapAt('2')],
    ['segment', segmentAt('2')],
  ])('reads no more of an endless %s than it may have', async (what, text) => {
    const own = await serve(OWN, ({ url }, response) => {
      if (url === '/live.m3u8' && text !== '') response.end(text);
      else if (url === '/1.ts') response.end('0123456789abcdef');
      else endless(response, '#EXTM3U\n');
    });
    expect([what, await endOf(`${own.base}/live.m3u8`)]).toEqual([what, 'not-a-stream TOO_LONG']);
  });

  it('unpacks no more of a packed playlist than it may have', async () => {
    const packed = gzipSync(`#EXTM3U\n${'#EXT-X-NOTHING\n'.repeat(500_000)}`);
    const own = await serve(OWN, (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
    });
    expect(await endOf(`${own.base}/live.m3u8`)).toBe('not-a-stream GZIP');
  });

  it('refuses a playlist of too many segments', async () => {
    const own = await serveList(list('#EXTINF:1,\n1\n'.repeat(60_000)));
    expect(await endOf(`${own.base}/live.m3u8`)).toBe('not-a-stream TOO_LONG');
    expect(own.dials()).toBe(1);
  });

  it.each([
    ['answers nothing', () => undefined],
    ['begins an answer and sends no more', (response: ServerResponse) => void response.write('#EXTM3U\n')],
  ])('gives a server up that %s', async (_what, answer) => {
    const clock = new TurnedClock();
    let onAsked: () => void = () => undefined;
    const isAsked = new Promise<void>((resolve) => (onAsked = resolve));
    const own = await serve(OWN, (_request, response) => {
      answer(response);
      onAsked();
    });
    const end = endOf(`${own.base}/live.m3u8`, { clock });
    await isAsked;
    await clock.advance(5_000);
    // The head of the answer may come in between, which begins the time for the body.
    const cancel = setInterval(() => void clock.advance(1_000), 5);
    onTestFinished(() => clearInterval(cancel));
    expect(await end).toBe('silence HTTP');
  });

  it.each([
    ['a web page', 'not-a-stream NO_PLAYLIST', '<!doctype html><p>Hello'],
    ['segments that are none', 'not-a-stream SEGMENT', segmentAt('1.ts')],
    [
      'an encryption that nobody can undo',
      'codec ENCRYPTED',
      list('#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"', '#EXTINF:1,', '1.ts'),
    ],
    ['a master playlist of master playlists', 'not-a-stream PLAYLIST', variantAt('live.m3u8')],
  ])('ends with the reason for %s', async (_what, end, text) => {
    const own = await serveList(text);
    expect(await endOf(`${own.base}/live.m3u8`)).toBe(end);
  });

  it.each([
    ['multipart/x-mixed-replace; boundary=--frame', 'ended HTTP', '--frame\r\nContent-Type: text/html\r\n\r\n<p>Hello'],
    ['text/plain', 'ended HTTP', '--frame\r\n'],
    ['image/jpeg', 'not-a-stream NO_JPEG', '<!doctype html>'],
    ['image/png', 'not-a-stream PICTURE', '\x89PNG'],
  ])('says of %s that holds no JPEG: %s', async (type, end, body) => {
    const own = await serve(OWN, (_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    expect(await endOf(`${own.base}/video`)).toBe(end);
  });

  it.each([
    ['multipart/x-mixed-replace', 'not-a-stream NO_JPEG'],
    ['image/jpeg', 'not-a-stream TOO_LONG'],
  ])('reads no more of an endless %s than it may have', async (type, end) => {
    const own = await serve(OWN, (_request, response) => {
      response.setHeader('content-type', type);
      endless(response);
    });
    expect(await endOf(`${own.base}/video`)).toBe(end);
  });

  it.each([401, 403, 503])('goes on after a list that is answered with %i once', async (status) => {
    const answers = [list(), null, list('#EXT-X-ENDLIST')];
    const own = await serve(OWN, (_request, response) => {
      const answer = answers.shift();
      if (typeof answer === 'string') response.end(answer);
      else response.writeHead(status).end();
    });
    expect(await endOf(`${own.base}/live.m3u8`)).toBe('ended ENDLIST');
    expect(own.dials()).toBe(3);
  });

  it.each([
    [401, 'login'],
    [403, 'refused'],
    [404, 'not-found'],
    [503, 'too-many'],
    [500, 'refused'],
  ])('takes the answer %i as: %s', async (status, why) => {
    const own = await serve(OWN, (_request, response) => void response.writeHead(status).end());
    expect(await endOf(`${own.base}/live.m3u8`)).toBe(`${why} HTTP_${status}`);
  });
});
